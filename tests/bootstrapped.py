"""Runs the bootstrap program on mocks, with stack files of a test's own, and evaluates its roles."""

from __future__ import annotations

import json
import runpy
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import settings
from config import stackfile
from ecs import types
from simulator.aws.permissions import decide
from tests import jobs
from tests.declared import ACCOUNT, REGION, ROOT, SMALL_STACK, STACKS, WITH_JOBS, Declared, declare, declare_program

ZONE = "Z00000000000000000000"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/marginalia-ci/mrgnl-dev-tasks"
TOOLBOX = f"000000000002.dkr.ecr.{REGION}.amazonaws.com/tools/toolbox@sha256:{64 * '0'}"
BUILDING: dict[str, Any] = {
    "build": {"context": "image/sample", "consumers": ["000000000001"]},
    "ingress": {"domain": "api.marginalia.sh", "zone-id": ZONE, "firewall": True},
    "protect": True,
    "permissions_boundary": BOUNDARY,
    "alerts": {"emails": ["ops@example.com"]},
    "debug": {"image": TOOLBOX},
    "rollout": {"default": {"strategy": "canary", "bake-minutes": 5}},
    "budget": 500,
}
"""A stack file that declares every type but one: an egress mode decides on interface endpoints or NAT gateways."""

SMALL_BOOTSTRAP: dict[str, Any] = {
    "state-bucket": "marginalia-state-dev",
    "github": {"owner": "example", "owner-id": 7, "repository": "infra", "repository-id": 8},
}


def declare_bootstrap(
    stack: str = "dev",
    *,
    bootstrap: Mapping[str, Any] | None = None,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    **stack_settings: Any,
) -> Declared:
    """Runs bootstrap/__main__.py for a small valid stack file with these settings. `others` are other stacks'."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(folder)
        write(root, stack, stack_settings)
        for name, each in (others or {}).items():
            write(root, name, each)
        real = settings.running_stack

        def running_stack(_: Path) -> settings.Configuration:
            return real(root)

        patch.setattr(settings, "running_stack", running_stack)
        return declare(
            lambda: runpy.run_path(str(ROOT / "bootstrap" / "__main__.py")),
            stack=stack,
            project="marginalia-bootstrap",
            values={settings.KEY: json.dumps({**SMALL_BOOTSTRAP, **(bootstrap or {})})},
        )


def write(root: Path, stack: str, stack_settings: Mapping[str, Any]) -> None:
    """Writes a stack's file, the tests' services and their source into a folder."""
    merged = {**yaml.safe_load(SMALL_STACK), **stack_settings}
    keys = {key.replace("_", "-"): value for key, value in merged.items() if value is not None}
    content = {"config": {"aws:region": REGION, stackfile.KEY: keys}}
    (root / stackfile.name(stack)).write_text(yaml.safe_dump(content))
    (root / "image" / "sample").mkdir(parents=True, exist_ok=True)
    sources = (STACKS / "services.py", Path(jobs.__file__))
    (root / "services.py").write_text("".join(each.read_text() for each in sources))


@cache
def programs() -> tuple[Declared, ...]:
    """The main program with each egress mode, which decides on the types of the network, and with own logins."""
    network = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "flow-logs": True}
    modes = (("nat", "shared"), ("endpoints", "shared"), ("nat", "own"))
    return tuple(
        declare_program(
            "dev", services=WITH_JOBS, **BUILDING, network={**network, "egress": egress}, database={"logins": logins}
        )
        for egress, logins in modes
    )


@cache
def bootstrap() -> Declared:
    return declare_bootstrap(**BUILDING)


def statements(declared: Declared, role: str) -> list[dict[str, Any]]:
    """The statements of the policies that are attached to a role."""
    policies = {each.id: each.json("policy")["Statement"] for each in declared.of(types.IAM_POLICY).values()}
    name = f"mrgnl-dev-{role}"
    attached = [each.inputs for each in declared.of(types.ROLE_POLICY_ATTACHMENT).values()]
    return [each for inputs in attached if inputs["role"] == name for each in policies[inputs["policyArn"]]]


CONTEXT = {"aws:RequestedRegion": REGION, "iam:PassedToService": "ecs-tasks.amazonaws.com"}


def refused(role: str, required: list[tuple[str, str]]) -> list[tuple[str, str]]:
    context = {**CONTEXT, "iam:PermissionsBoundary": BOUNDARY}
    found = statements(bootstrap(), role)
    return [each for each in required if each[1] and decide(found, *each, context) != "allowed"]
