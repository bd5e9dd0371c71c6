"""What a stack says that it runs: its outputs, and what became of its last update.

Read from the backend that is logged in to. No program is run, nothing is written, no secret is decrypted, and the
stack that a person has selected stays selected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation.errors import InvalidVersionError

from promotion.errors import PromotionError

LOOKED_AT = 20
"""Entries of the history among which the last update is sought; refreshes may have come after it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    stack: str
    images: Mapping[str, str]
    """The reference of each service's image, as the last update left it."""
    services: Mapping[str, str]
    """The ARN of each ECS service."""
    cluster: str = ""
    """The ARN of the cluster; empty before the first update."""
    update: str = ""
    """What became of the last update, in Pulumi's word: succeeded, failed or in-progress; empty when there was none."""
    pending: tuple[str, ...] = ()
    """The resources that an update is at work on, or was when it was cut off, by their logical names."""


class _Workspace(auto.LocalWorkspace):
    def select_stack(self, stack_name: str) -> None:
        """Nothing: each command names its stack."""


def on_backend(stack: str, root: Path) -> auto.Stack:
    """The stack as `pulumi` on PATH finds it. Raises PromotionError when there is none that can be asked."""
    try:
        return auto.Stack.select(stack, _Workspace(work_dir=str(root)))
    except FileNotFoundError:
        raise PromotionError(
            f"{stack}: there is no pulumi on PATH to ask (https://www.pulumi.com/docs/install/); --simulator asks the"
            " simulator"
        ) from None
    except InvalidVersionError as error:
        raise PromotionError(f"{stack}: the pulumi on PATH cannot be asked: {error}") from None


def read(session: auto.Stack) -> Source:
    """Raises PromotionError when the backend does not answer.

    A backend of one's own (a bucket, a folder) does not tell of its locks, so an update in progress is known by the
    resource that it is at work on; the Pulumi service says it in the history, too.
    """
    stack, workspace = session.name, session.workspace
    homes = {"PULUMI_HOME": workspace.pulumi_home} if workspace.pulumi_home else {}
    try:
        # The SDK's own export and outputs ask for secrets in plain text.
        exported = workspace.pulumi_command.run(
            ["stack", "export", "--stack", stack], workspace.work_dir, {**homes, **workspace.env_vars}
        )
        history = session.history(page_size=LOOKED_AT, page=1, show_secrets=False)
    except auto.CommandError as error:
        raise PromotionError(f"{stack}: {_said(error)}") from None
    deployment: dict[str, Any] = json.loads(exported.stdout).get("deployment") or {}
    outputs = _outputs(deployment)
    pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
    return Source(
        stack=stack,
        images=outputs.get("images", {}),
        services=outputs.get("services", {}),
        cluster=outputs.get("cluster", ""),
        update=next((str(each.result) for each in history if each.kind in ("update", "destroy")), ""),
        pending=tuple(each["resource"]["urn"].rsplit("::", 1)[-1] for each in pending),
    )


def beside(session: auto.Stack) -> set[str]:
    """The names of all stacks of the project on the same backend. Raises PromotionError when it does not answer."""
    try:
        return {each.name for each in session.workspace.list_stacks()}
    except auto.CommandError as error:
        raise PromotionError(f"{session.name}: {_said(error)}") from None


def _outputs(deployment: dict[str, Any]) -> dict[str, Any]:
    """The outputs of the stack itself; none before the first update."""
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    for each in resources:
        if each["type"] == "pulumi:pulumi:Stack":
            return each.get("outputs", {})
    return {}


def _said(error: auto.CommandError) -> str:
    """What the CLI called an error, in one line."""
    found = re.findall(r"error: (.+)", str(error))
    return found[-1] if found else " ".join(str(error).split())
