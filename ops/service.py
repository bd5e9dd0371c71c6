"""One deployed service, for the verbs that change it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops import stack
from ops.cloud import Cloud, requesting
from ops.ecs import Ecs, Running
from ops.stack import Description


@dataclass(frozen=True, kw_only=True)
class Service:
    name: str
    described: Description
    running: Running
    ecs: Ecs

    @property
    def subject(self) -> str:
        """As `prod/promptsvc`."""
        return f"{self.described.stack}/{self.name}"

    @property
    def address(self) -> dict[str, str]:
        """The parameters of a request to ECS that name the service."""
        return {"cluster": self.described.cluster, "service": self.described.services[self.name]}

    @property
    def state(self) -> str:
        """Such as `mrgnl-promptsvc:7, 2 of 2 tasks, PRIMARY COMPLETED`."""
        each = self.running
        return f"{each.revision}, {each.tasks} of {each.desired} tasks, {', '.join(each.deployments)}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """A line if an update of the stack runs, which may undo the change."""
        if not self.described.pending and self.described.update != "in-progress":
            return ()
        return (
            f"An update of {self.described.stack} is in progress or was interrupted: it may change {self.name} again.",
        )

    def update(self, **changes: Any) -> None:
        """Changes the service in ECS. Raises UserError."""
        with self.requesting():
            self.ecs.update_service(**self.address, **changes)

    def requesting(self) -> AbstractContextManager[None]:
        return requesting("ECS", self.described.account, self.described.region)


def find(cloud: Cloud, stack_name: str, name: str, root: Path) -> Service:
    """The service as ECS has it. Raises UserError if the stack or ECS does not have it."""
    [found] = find_all(cloud, stack_name, [name], root)
    return found


def find_all(cloud: Cloud, stack_name: str, names: Collection[str], root: Path) -> list[Service]:
    """The services as ECS has them, all of the stack if `names` is empty. Raises UserError as `find` does."""
    found = stack.deployed(cloud, stack_name, root, names)
    for name in names:
        if name not in found.running:
            raise stack.not_in_ecs(cloud, stack_name, name)
    ecs = cloud.ecs(found.account, found.region)
    return [Service(name=name, described=found, running=each, ecs=ecs) for name, each in found.running.items()]
