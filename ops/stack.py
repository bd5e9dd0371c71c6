"""Describes a deployed stack: its outputs, its last update and its services in ECS. All verbs share this description.

Outputs are read from the current Pulumi backend. This runs no program, writes nothing, decrypts no secret and leaves
the selected stack unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from config import stackfile
from config.problems import UserError, did_you_mean
from ecs.types import STACK
from ops import ecs
from ops.cloud import Cloud, requesting
from ops.ecs import Running
from simulator import sdk

HISTORY_SIZE = 20
"""Entries of the history to read at once. The backend reads a file for each."""
UNPROVEN = "unproven"
"""The result of an update that succeeded after a failed one and did not refresh: it may have changed nothing."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """A deployed stack. To describe more of it, add a field here and read it in `read` or `describe`."""

    stack: str
    images: Mapping[str, str]
    """The image reference of each service, from the stack's outputs."""
    services: Mapping[str, str]
    """The ARN of each ECS service, from the stack's outputs."""
    commits: Mapping[str, str] = field(default_factory=dict[str, str])
    """The commit that each built image is of, as far as it is known, from the stack's outputs."""
    cluster: str = ""
    """The ARN of the cluster; empty before the first update."""
    jobs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """What the stack's outputs say of each job: ops/job.py."""
    debug: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """What the stack's outputs say of the debug tasks of each service: ops/debug.py. Empty without a toolbox."""
    url: str = ""
    """The address of the gateway; empty before the first update."""
    update: str = ""
    """The result of the last update or destroy: succeeded, failed, in-progress or UNPROVEN; empty without one."""
    pending: tuple[str, ...] = ()
    """The logical names of resources with pending operations, of a running or an interrupted update."""
    running: Mapping[str, Running] = field(default_factory=dict[str, Running])
    """The services as ECS reports them, by name. Services that do not exist in ECS are omitted."""
    resources: tuple[Mapping[str, Any], ...] = ()
    """The resources in Pulumi's state, secrets encrypted."""
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The physical IDs of the stack's resources in Pulumi's state, by type token."""

    @property
    def prefix(self) -> str:
        """The stack's prefix, which is the name of its cluster and of its database."""
        return self.cluster.rpartition("/")[2]

    @property
    def pins(self) -> Mapping[str, str]:
        """The image of each service, and of each job with an image of its own: what a stack file can pin."""
        return {**self.images, **{name: job["image"] for name, job in self.jobs.items() if job["image-of"] == name}}

    @property
    def account(self) -> str:
        return self.cluster.split(":")[4]

    @property
    def region(self) -> str:
        return self.cluster.split(":")[3]

    def selected(self, only: Collection[str]) -> tuple[str, ...]:
        """The names of the stack's services that are in `only`; all of them if it is empty."""
        return tuple(sorted(name for name in self.images if name in only or not only))


def describe(cloud: Cloud, stack: str, only: Collection[str] = ()) -> Description:
    """Describes a stack. `only` limits the services that are read from ECS; empty reads all. Raises UserError."""
    with cloud.session(stack) as session:
        found = read(session)
    services = {name: found.services[name] for name in found.selected(only) if name in found.services}
    if not services:
        return found
    with requesting("ECS", found.account, found.region):
        running = ecs.running(cloud.ecs(found.account, found.region), cluster=found.cluster, services=services)
    return replace(found, running=running)


def deployed(cloud: Cloud, stack: str, root: Path, only: Collection[str] = (), *, jobs: bool = False) -> Description:
    """Describes a stack that has services, all of `only` among them; with `jobs`, they may be jobs, too.

    Raises UserError if there is no such stack or service, or none is deployed. `root` is the folder of the stack files.
    """
    with _of_the_backend(stack, root):
        found = describe(cloud, stack, only)
    if not found.images:
        raise runs_nothing(cloud, stack)
    names = sorted([*found.images, *(found.jobs if jobs else ())])
    if unknown := [name for name in only if name not in names]:
        runs = f"It runs {', '.join(names)}."
        raise UserError("\n".join(f"{stack}: no service {name}.{did_you_mean(name, names)} {runs}" for name in unknown))
    return found


def declared(cloud: Cloud, stack: str, root: Path) -> Description:
    """Describes a deployed stack without what ECS reports. Raises UserError if there is no such stack."""
    with _of_the_backend(stack, root), cloud.session(stack) as session:
        found = read(session)
    if not found.cluster:
        raise runs_nothing(cloud, stack)
    return found


@contextmanager
def _of_the_backend(stack: str, root: Path) -> Generator[None]:
    """Says which stacks there are, if the backend has no stack of this name."""
    try:
        yield
    except UserError as error:
        if "no stack named" not in str(error):
            raise
        others = [each for each in stackfile.stacks(root) if each != stack]
        raise UserError(
            f"{stack}: the backend has no such stack.{did_you_mean(stack, others)}"
            " `pulumi stack ls` lists the stacks, `pulumi whoami -v` shows the backend."
        ) from None


def runs_nothing(cloud: Cloud, stack: str) -> UserError:
    return UserError(f"{stack}: runs no services. Deploy them first: {cloud.update}{stack}")


def not_in_ecs(cloud: Cloud, stack: str, service: str) -> UserError:
    return UserError(f"{stack}/{service}: does not exist in ECS. Create it again: {cloud.update}{stack}")


def read(session: auto.Stack) -> Description:
    """Describes a stack without ECS. Raises UserError if the backend does not respond.

    A DIY backend (bucket or folder) does not report its locks, so an update in progress shows in the pending operations
    only; Pulumi Cloud also reports it in the history.
    """
    stack = session.name
    try:
        exported = sdk.export(session)
        update = last_update(_history(session))
    except auto.CommandError as error:
        raise UserError(f"{stack}: {_reported(error)}") from None
    deployment: dict[str, Any] = json.loads(exported).get("deployment") or {}
    outputs = _outputs(deployment)
    pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
    return Description(
        stack=stack,
        images=outputs.get("images", {}),
        services=outputs.get("services", {}),
        commits=outputs.get("commits", {}),
        cluster=outputs.get("cluster", ""),
        jobs=outputs.get("jobs", {}),
        debug=outputs.get("debug", {}),
        url=outputs.get("url", ""),
        update=update,
        pending=tuple(each["resource"]["urn"].rsplit("::", 1)[-1] for each in pending),
        resources=tuple(deployment.get("resources") or ()),
        ids=_ids(deployment),
    )


def stacks(session: auto.Stack) -> set[str]:
    """The names of all stacks of the project on the same backend. Raises UserError if it does not respond."""
    try:
        return {each.name for each in session.workspace.list_stacks()}
    except auto.CommandError as error:
        raise UserError(f"{session.name}: {_reported(error)}") from None


def last_update(history: Iterable[auto.UpdateSummary]) -> str:
    """The result of the last update or destroy. `history` begins with the newest operation.

    After a failed update the state has the planned values. For such a resource the next update runs a step without a
    difference, which requests nothing from AWS, succeeds, counts as an update and is new in the state:
    https://github.com/pulumi/pulumi/issues/21458. So only an update that reads AWS first proves that AWS has the
    planned values: with `--refresh`, or after a refresh of its own. The history has the names of an operation's flags,
    not their values: https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/cmd/pulumi/metadata/metadata.go

    Not detected: a failure within an update that was killed, which has no entry.
    """
    result = ""
    for each in history:
        if each.kind in ("update", "destroy"):
            if result and each.result == "failed":
                return UNPROVEN
            result = result or str(each.result)
        if result and (result != "succeeded" or _proves(each)):
            break
    return result


def _proves(operation: auto.UpdateSummary) -> bool:
    """Whether it left no planned value in the state that AWS may lack."""
    flags = {name.removeprefix("pulumi.flag.") for name in operation.environment}
    reads = operation.kind in ("refresh", "destroy") or "refresh" in flags
    return reads and operation.result == "succeeded" and not flags & {"target", "exclude"}


def _history(session: auto.Stack) -> Iterator[auto.UpdateSummary]:
    for page in count(1):
        entries = session.history(page_size=HISTORY_SIZE, page=page, show_secrets=False)
        yield from entries
        if len(entries) < HISTORY_SIZE:
            return


def _outputs(deployment: dict[str, Any]) -> dict[str, Any]:
    """The stack's outputs; empty before the first update."""
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    for each in resources:
        if each["type"] == STACK:
            return each.get("outputs", {})
    return {}


def _ids(deployment: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    for each in resources:
        if each.get("id"):
            found[each["type"]] = (*found.get(each["type"], ()), each["id"])
    return found


def _reported(error: auto.CommandError) -> str:
    """The error that the CLI reported, as one line."""
    found = re.findall(r"error: (.+)", str(error))
    return found[-1] if found else " ".join(str(error).split())
