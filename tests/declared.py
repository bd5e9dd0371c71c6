"""Runs Pulumi code on mocks, and holds all that it declared.

The mocks answer as the simulated cloud does: there is one fake of AWS here, not two. A test builds, everything is
registered, and then it asserts on the inputs that reached the engine: absence can be asserted, too.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml
from google.protobuf import json_format
from pulumi.runtime import config, mocks, settings
from pulumi.runtime.stack import run_in_stack

from docker_engine import SIMULATED
from simulator.aws import INVOKES
from simulator.cloud import Call, Cloud
from simulator.engine import TYPES
from simulator.provider import plain
from simulator.store import Store

ROOT = Path(__file__).parent.parent
STACKS = ROOT / "tests" / "stacks"
"""Stack files that stay as they are."""
COMMITTED = sorted(ROOT.glob("Pulumi.*.yaml"))
"""People's own stack files: they change with every promotion."""
ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as the engine was asked for it."""

    type: str
    name: str
    urn: str
    id: str
    """The physical id that the cloud answered."""
    inputs: dict[str, Any]
    """By their wire names, secrets unwrapped, numbers as floats."""
    secrets: frozenset[str]
    """The inputs that hold a secret."""
    options: Any
    """The request itself, for parent, dependencies, protect and the rest."""

    def json(self, key: str) -> Any:
        return json.loads(self.inputs[key])


@dataclass(frozen=True)
class Declared:
    registrations: list[Registration] = field(default_factory=list[Registration])
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """What each component registered as its outputs, and the stack as its exports, by URN."""

    def of(self, type: str) -> dict[str, Registration]:
        """The resources of one type, by name."""
        return {each.name: each for each in self.registrations if each.type == type}

    def one(self, type: str, name: str) -> Registration:
        return self.of(type)[name]

    @property
    def types(self) -> set[str]:
        return {each.type for each in self.registrations}

    def outputs_of(self, type: str) -> dict[str, Any]:
        """What the one component of this type registered as its outputs."""
        [outputs] = [each for urn, each in self.outputs.items() if urn.split("::")[2].split("$")[-1] == type]
        return outputs

    def exports(self) -> dict[str, Any]:
        return self.outputs_of("pulumi:pulumi:Stack")


def declare(build: Callable[[], object], *, stack: str = "test", values: Mapping[str, str] | None = None) -> Declared:
    """Runs the code as a stack's program, in a world of its own. Raises what it raises."""
    return contextvars.copy_context().run(_declare, build, stack, dict(values or {}))


def declare_program(stack: str = "test", **stack_settings: Any) -> Declared:
    """Runs __main__.py with these settings, on top of a small valid stack file."""
    said = {**yaml.safe_load(SMALL_STACK), **stack_settings}
    given = {key.replace("_", "-"): value for key, value in said.items() if value is not None}
    values = {"aws:region": REGION, "marginalia:stack": json.dumps(given)}
    os.environ[SIMULATED] = "1"
    return declare(lambda: runpy.run_path(str(ROOT / "__main__.py")), stack=stack, values=values)


SMALL_STACK = f"""
account: "{ACCOUNT}"
build: {{context: image/sample}}
network: {{cidr: 10.20.0.0/16, zones: [us-east-1a, us-east-1b]}}
ingress: {{allowed-cidrs: [203.0.113.0/24]}}
bucket: {{name: marginalia-content-test}}
"""


def _declare(build: Callable[[], object], stack: str, values: dict[str, str]) -> Declared:
    declared = Declared()
    store = Store(":memory:")
    monitor = _Monitor(_Mocks(Cloud(store=store, root=ROOT, types=TYPES)), declared)
    settings.ROOT.set(None)
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            engine=mocks.MockEngine(None),
            project="marginalia",
            stack=stack,
            dry_run=False,
            organization="organization",
            monitor_features=set(),
            callbacks=None,
            outputs=set(),
            package_refs={},
            base_providers_by_ref={},
        )
    )
    config.set_all_config(values)
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(run_in_stack(build))  # pyright: ignore[reportArgumentType]  # awaits nothing else
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        store.close()
    return declared


class _Mocks(mocks.Mocks):
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return INVOKES[args.token](self._call(args.token, "", cast(dict[str, Any], args.args))), []  # pyright: ignore[reportUnknownMemberType]

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = cast(dict[str, Any], args.inputs)  # pyright: ignore[reportUnknownMemberType]
        if args.typ not in TYPES:  # components and providers
            return f"{args.name}-id", inputs
        inputs = self._cloud.check(args.typ, inputs, name=f"{args.name}-physical")
        made, outputs = self._cloud.create(self._call(args.typ, args.name, inputs))
        return made, {**inputs, **outputs}

    def _call(self, token: str, urn: str, inputs: dict[str, Any]) -> Call:
        return Call(token=token, urn=urn, inputs=plain(inputs), cloud=self._cloud, account=ACCOUNT, region=REGION)


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
