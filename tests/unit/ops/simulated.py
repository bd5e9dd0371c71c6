"""A simulated cloud with what the program deploys, without an engine, and what a rollout left in it."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from pulumi import automation as auto

from ecs import types
from ops.cloud import Cloud
from simulator import boto, clock
from simulator.aws.ecs_rollout import FAULT, HISTORY, ROLLOUT, RUNNING, STATUS, STOPPED, Rollout
from simulator.store import Object, Store
from tests.declared import CATALOGUE, WITH_JOBS, Declared, declare_program
from tests.images import images
from tests.unit.ops.judged import Judged

STACK = "dev"


@cache
def declared(probe: bool = True) -> Declared:
    """The five services with pinned images."""
    names = ("authsvc", "chatsvc", "mcp", "promptsvc", "scrapsvc")
    return declare_program(STACK, build=None, images=images(names), probe=probe)


@dataclass(frozen=True, kw_only=True)
class Simulated:
    store: Store
    outputs: dict[str, Any]
    actions: set[str] = field(default_factory=set[str])
    """The actions that the verbs needed."""
    history: list[Any] = field(default_factory=list[Any])
    """The updates, the newest first."""
    resources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of Pulumi's state, beside the stack itself."""

    @property
    def cloud(self) -> Cloud:
        return Cloud(
            session=self._session,
            client=self.client,
            preview="make preview STACK=",
            update="make up REFRESH=1 STACK=",
            refresh="make refresh STACK=",
            is_simulated=True,
            options=" --simulator",
            now=lambda: clock.NOW,
        )

    def client(self, service: str, account: str, region: str) -> Any:
        simulated = boto.client(service, store=self.store, account=account, region=region)
        return Judged(service, simulated, self.actions)

    def service(self, name: str) -> Object:
        [found] = self.store.find(types.SERVICE, name=name)
        return found

    def change(self, object: Object, **properties: Any) -> None:
        self.store.put(replace(object, properties={**object.properties, **properties}))

    def roll_out(self, name: str, outcome: Rollout, fault: str = "", *reasons: str) -> None:
        """Ends a rollout of the service's next revision, or leaves it in progress. The first one if it FAILED."""
        service = self.service(name)
        former = service.properties["taskDefinition"]
        [definition] = self.store.find(types.TASK_DEFINITION, arn=former)
        following = former.rpartition(":")[0] + ":2"
        properties = {**definition.properties, "arn": following, "revision": 2}
        self.store.put(replace(definition, id=f"{definition.id}-2", properties=properties))
        requested = former if outcome == Rollout.FAILED else following
        self.change(
            service,
            **{
                FAULT: fault,
                STOPPED: list(reasons),
                HISTORY: [*service.properties[HISTORY], {"taskDefinition": requested, "status": STATUS[outcome]}],
                ROLLOUT: outcome,
                RUNNING: "" if outcome == Rollout.FAILED else former,
            },
            taskDefinition=requested if outcome == Rollout.IN_PROGRESS else former,
        )

    @contextmanager
    def _session(self, stack: str) -> Generator[auto.Stack]:
        stack_itself = {"type": types.STACK, "urn": "urn:stack", "outputs": self.outputs}
        parameters = [
            {"type": types.PARAMETER, "urn": each.urn, "id": each.id} for each in self.store.find(types.PARAMETER)
        ]
        exported = json.dumps({"version": 3, "deployment": {"resources": [stack_itself, *parameters, *self.resources]}})

        def run(*_: object) -> object:
            return SimpleNamespace(stdout=exported)

        def history(**_: object) -> list[Any]:
            return self.history

        command = SimpleNamespace(run=run)
        workspace = SimpleNamespace(pulumi_command=command, pulumi_home="", work_dir="", env_vars={})
        session = SimpleNamespace(name=stack, workspace=workspace, history=history)
        yield cast(auto.Stack, session)


@cache
def declared_with_jobs() -> Declared:
    """The same with the two jobs of tests/jobs.py."""
    return declare_program(STACK, services=WITH_JOBS, build=None, images=images((*CATALOGUE.names, "export")))


def simulated(*, probe: bool = True, jobs: bool = False) -> Simulated:
    """The stack after a first deployment that succeeded."""
    return deployed(declared_with_jobs() if jobs else declared(probe))


def deployed(found: Declared) -> Simulated:
    """The stack of this program after a first deployment that succeeded."""
    store = Store(":memory:")
    for each in found.objects:
        store.put(each)
    return Simulated(store=store, outputs=deepcopy(found.exports()))
