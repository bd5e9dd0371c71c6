"""Describes a deployed stack: its outputs, its last update and its services in ECS. All verbs share this description.

Outputs are read from the current Pulumi backend. This runs no program, writes nothing, decrypts no secret and leaves
the selected stack unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi import automation as auto

from config.problems import UserError
from ecs.types import STACK
from ops import ecs
from ops.cloud import Cloud, requesting
from ops.ecs import Running
from simulator import sdk

HISTORY_SIZE = 20
"""Entries of the history to search for the last update, which refreshes may follow."""


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
    update: str = ""
    """The result of the last update or destroy: succeeded, failed or in-progress; empty without one."""
    pending: tuple[str, ...] = ()
    """The logical names of resources with pending operations, of a running or an interrupted update."""
    running: Mapping[str, Running] = field(default_factory=dict[str, Running])
    """The services as ECS reports them, by name. Services that do not exist in ECS are omitted."""

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
    _, _, _, region, account, _ = found.cluster.split(":", 5)
    with requesting("ECS", account, region):
        running = ecs.running(cloud.ecs(account, region), cluster=found.cluster, services=services)
    return replace(found, running=running)


def read(session: auto.Stack) -> Description:
    """Describes a stack without ECS. Raises UserError if the backend does not respond.

    A DIY backend (bucket or folder) does not report its locks, so an update in progress shows in the pending operations
    only; Pulumi Cloud also reports it in the history.
    """
    stack = session.name
    try:
        exported = sdk.export(session)
        history = session.history(page_size=HISTORY_SIZE, page=1, show_secrets=False)
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
        update=next((str(each.result) for each in history if each.kind in ("update", "destroy")), ""),
        pending=tuple(each["resource"]["urn"].rsplit("::", 1)[-1] for each in pending),
    )


def stacks(session: auto.Stack) -> set[str]:
    """The names of all stacks of the project on the same backend. Raises UserError if it does not respond."""
    try:
        return {each.name for each in session.workspace.list_stacks()}
    except auto.CommandError as error:
        raise UserError(f"{session.name}: {_reported(error)}") from None


def _outputs(deployment: dict[str, Any]) -> dict[str, Any]:
    """The stack's outputs; empty before the first update."""
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    for each in resources:
        if each["type"] == STACK:
            return each.get("outputs", {})
    return {}


def _reported(error: auto.CommandError) -> str:
    """The error that the CLI reported, as one line."""
    found = re.findall(r"error: (.+)", str(error))
    return found[-1] if found else " ".join(str(error).split())
