"""Runs Pulumi code on mocks and records the resources that it registers.

The mocks use the simulated cloud, so there is only one fake of AWS. A test asserts on the recorded inputs after all
resources are registered, so it can also assert that a resource does not exist.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from google.protobuf import json_format
from pulumi import ErrorHook, ResourceHook
from pulumi.runtime import config, mocks, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

from config import catalogue
from config.catalogue import Catalogue
from ecs import types
from image.engine import SIMULATED
from simulator import logins, sdk
from simulator.aws import INVOKES, ecr
from simulator.cloud import Cloud, Request
from simulator.engine import TYPES
from simulator.sdk import plain
from simulator.store import Object, Store
from tests.jobs import JOBS

ROOT = Path(__file__).parent.parent
STACKS = ROOT / "tests" / "stacks"
"""The catalogue and the stack files of the tests, independent of the committed ones."""
CATALOGUE = catalogue.load(STACKS)
MIGRATING = Catalogue(replace(each, migrate=each.database) for each in CATALOGUE)
"""The same with a migration of each service that uses the database."""
WITH_JOBS = Catalogue(MIGRATING, JOBS)
"""The same with jobs, too."""
COMMITTED = sorted(ROOT.glob("Pulumi.*.yaml"))
"""The committed stack files, which change with every promotion."""
ACCOUNT = "000000000000"
REGION = "us-east-1"
EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as registered with the engine."""

    type: str
    name: str
    urn: str
    id: str
    """The physical id."""
    inputs: dict[str, Any]
    """The inputs by their wire names, with secrets unwrapped and numbers as floats."""
    secrets: frozenset[str]
    """The names of the inputs with a secret."""
    options: Any
    """The RegisterResource request, with parent, dependencies, protect and other options."""

    def json(self, key: str) -> Any:
        return json.loads(self.inputs[key])


@dataclass(frozen=True)
class Declared:
    registrations: list[Registration] = field(default_factory=list[Registration])
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """The outputs of each component and the exports of the stack, by URN."""
    hooks: dict[str, ResourceHook] = field(default_factory=dict[str, ResourceHook])
    """By name."""
    objects: list[Object] = field(default_factory=list[Object])
    """What the simulated cloud holds afterwards. An object's URN is the logical name."""

    def of(self, type: str) -> dict[str, Registration]:
        """The resources of one type, by name."""
        return {each.name: each for each in self.registrations if each.type == type}

    def one(self, type: str, name: str) -> Registration:
        return self.of(type)[name]

    @property
    def types(self) -> set[str]:
        return {each.type for each in self.registrations}

    def outputs_of(self, type: str) -> dict[str, Any]:
        """The outputs of the only component of this type."""
        [outputs] = [each for urn, each in self.outputs.items() if urn.split("::")[2].split("$")[-1] == type]
        return outputs

    def exports(self) -> dict[str, Any]:
        return self.outputs_of(types.STACK)


def declare(
    build: Callable[[], object],
    *,
    stack: str = "test",
    project: str = "marginalia",
    values: Mapping[str, str] | None = None,
    boundary: str | None = None,
    account: str = ACCOUNT,
) -> Declared:
    """Runs the code as a program in a separate context. Raises its errors. `boundary` is the ARN of an IAM policy."""
    return contextvars.copy_context().run(_declare, build, stack, project, dict(values or {}), boundary, account)


def declare_program(stack: str = "test", *, services: Catalogue = CATALOGUE, **stack_settings: Any) -> Declared:
    """Runs __main__.py with these services and settings added to a small valid stack file.

    Once for the same arguments in a process: tests share the result and only read it.
    """
    merged = {**yaml.safe_load(SMALL_STACK), **stack_settings}
    keys = {key.replace("_", "-"): value for key, value in merged.items() if value is not None}
    return _declare_program(stack, services, json.dumps(keys))


@lru_cache(maxsize=64)
def _declare_program(stack: str, services: Catalogue, keys: str) -> Declared:
    values = {"aws:region": REGION, "marginalia:stack": keys}
    settings = json.loads(keys)

    def load(_: Path) -> Catalogue:
        return services

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SIMULATED, "1")
        patch.setattr(catalogue, "load", load)
        boundary = settings.get("permissions-boundary")
        main = str(ROOT / "__main__.py")
        account = str(settings["account"])
        return declare(lambda: runpy.run_path(main), stack=stack, values=values, boundary=boundary, account=account)


SMALL_STACK = f"""
account: "{ACCOUNT}"
build: {{context: image/sample}}
network: {{cidr: 10.20.0.0/16, zones: [us-east-1a, us-east-1b]}}
ingress: {{allowed-cidrs: [203.0.113.0/24]}}
bucket: {{name: marginalia-content-test}}
"""


def _declare(
    build: Callable[[], object], stack: str, project: str, values: dict[str, str], boundary: str | None, account: str
) -> Declared:
    declared = Declared()
    store = Store(":memory:")
    if boundary:
        policy = {"arn": boundary, "policy": EVERYTHING}
        where = {"account": account, "region": REGION, "urn": "", "run": ""}
        store.put(Object(kind=types.IAM_POLICY, id=boundary, properties=policy, **where))
    monitor = _Monitor(_Mocks(Cloud(store=store, root=ROOT, types=TYPES), account), declared)
    settings.ROOT.set(None)
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            engine=mocks.MockEngine(None),
            project=project,
            stack=stack,
            dry_run=False,
            organization="organization",
            monitor_features={resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS},
            callbacks=_Callbacks(declared),
            outputs=set(),
            package_refs={},
            base_providers_by_ref={},
        )
    )
    config.set_all_config(values)

    async def run() -> None:
        build()
        await sdk.settled()

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(run_in_stack(run))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        declared.objects.extend(each for kind in [*TYPES, ecr.IMAGE] for each in store.find(kind))
        store.close()
    return declared


class _Callbacks:
    """Records the hooks. The SDK's own class starts a server for the engine."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared

    def register_resource_hook(self, hook: ResourceHook) -> None:
        self._declared.hooks[hook.name] = hook

    def register_error_hook(self, hook: ErrorHook) -> None:
        """An operation on the mocks never fails."""


class _Mocks(mocks.Mocks):
    def __init__(self, cloud: Cloud, account: str) -> None:
        self._cloud = cloud
        self._account = account

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return INVOKES[args.token](self._request(args.token, "", cast(dict[str, Any], args.args))), []  # pyright: ignore[reportUnknownMemberType]

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = cast(dict[str, Any], args.inputs)  # pyright: ignore[reportUnknownMemberType]
        if args.typ not in TYPES:  # components and providers
            return f"{args.name}-id", inputs
        if args.typ == types.PARAMETER:  # its hook runs a job, and the mocks call no hooks
            for each in self._cloud.store.find(types.TASK_DEFINITION):
                logins.apply(self._cloud.store, each.properties, urn=args.name, run=self._cloud.run)
        inputs = self._cloud.check(args.typ, inputs, name=f"{args.name}-physical")
        physical_id, outputs = self._cloud.create(self._request(args.typ, args.name, inputs))
        return physical_id, {**inputs, **outputs}

    def _request(self, token: str, urn: str, inputs: dict[str, Any]) -> Request:
        return Request(
            token=token, urn=urn, inputs=plain(inputs), cloud=self._cloud, account=self._account, region=REGION
        )


class _Monitor(mocks.MockMonitor):
    def __init__(self, mocks: mocks.Mocks, declared: Declared) -> None:
        super().__init__(mocks)
        self._declared = declared

    def RegisterResource(self, request: Any) -> Any:
        response: Any = super().RegisterResource(request)  # pyright: ignore[reportUnknownMemberType]
        inputs = json_format.MessageToDict(request.object)
        self._declared.registrations.append(
            Registration(
                type=request.type,
                name=request.name,
                urn=response.urn,
                id=response.id,
                inputs={key: plain(value) for key, value in inputs.items()},
                secrets=frozenset(key for key, value in inputs.items() if plain(value) != value),
                options=request,
            )
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self._declared.outputs[request.urn] = plain(json_format.MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)  # pyright: ignore[reportUnknownMemberType]
