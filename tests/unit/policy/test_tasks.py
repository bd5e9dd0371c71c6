"""What runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy import tasks
from policy.rule import Resource
from tests.unit.policy.resources import resource, said, said_of

PINNED = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-mcp@sha256:{'0' * 64}"


def task(**container: Any) -> Resource:
    definitions = [{"name": "mcp", "image": PINNED, **container}]
    return resource(tasks.TASK_DEFINITION, props={"containerDefinitions": json.dumps(definitions)})


@pytest.mark.parametrize("image", [PINNED.split("@")[0], PINNED.replace("@sha256:", ":v1-"), PINNED[:-1], f"{PINNED}0"])
def test_an_image_that_is_not_named_by_its_digest_is_refused(image: str) -> None:
    assert said(tasks.DIGEST, task()) == []
    assert said(tasks.DIGEST, task(image=image)) == [
        f"container mcp runs {image}, which may be another image tomorrow: name it by <repository>@sha256:<64 hex>"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTH_SERVICE", "authsvc:9001"),
        ("SIGNING_KEY_ARN", "arn:aws:secretsmanager:us-east-1:000000000000:secret:signing-AbCdEf"),
        ("TOKEN_TTL", "60"),
        ("PUBLIC_URL", "https://api.marginalia.sh/mcp"),
        ("MONKEY", "see"),
    ],
)
def test_plain_environment_without_a_secret_passes(name: str, value: str) -> None:
    assert said(tasks.ENVIRONMENT, task(environment=[{"name": name, "value": value}])) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("SIGNING_KEY", "x", "a secret, by its name"),
        ("session_token", "x", "a secret, by its name"),
        ("PASSWORD", "x", "a secret, by its name"),
        ("DATABASE_URL", "postgres://marginalia:made-up@database:5432/marginalia", "a URL with a password"),
        ("SIGNER", "-----BEGIN " + "EC PRIVATE KEY-----", "a private key"),
        ("CALLER", "AKIA" + "A" * 16, "an AWS access key"),
        ("CALLER", "eyJ" + "a.eyJ" + "b.c", "a signed token"),
    ],
)
def test_a_secret_in_plain_environment_is_refused_and_not_repeated(name: str, value: str, kind: str) -> None:
    assert said(tasks.ENVIRONMENT, task(environment=[{"name": name, "value": value}])) == [
        f"{name} of container mcp looks like {kind}: put it into Secrets Manager, name it in the entry's `secrets` in"
        " services.py and give its ARN in the stack file"
    ]


@pytest.mark.parametrize(
    "props",
    [
        {},
        {"deploymentCircuitBreaker": {"enable": False, "rollback": True}},
        {"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
    ],
)
def test_a_service_without_a_circuit_breaker_that_rolls_back_is_refused(props: dict[str, Any]) -> None:
    on = {"enable": True, "rollback": True}
    assert said(tasks.BREAKER, resource(tasks.SERVICE, props={"deploymentCircuitBreaker": on})) == []
    assert said(tasks.BREAKER, resource(tasks.SERVICE, props=props)) == [
        "a rollout that fails goes on for ever: set deployment_circuit_breaker to enable=True, rollback=True"
    ]


BUILT = resource(tasks.IMAGE, "mcp-image")
RUNS_BUILT = resource(tasks.TASK_DEFINITION, "mcp-definition", uses={"containerDefinitions": [BUILT]})
RUNS_PINNED = resource(tasks.TASK_DEFINITION, "chatsvc-definition")


@pytest.mark.parametrize("resources", [[], [BUILT, RUNS_BUILT], [RUNS_PINNED]])
def test_a_stack_that_builds_all_its_images_or_none_passes(resources: list[Resource]) -> None:
    assert said_of(tasks.BUILDS, resources) == []


def test_a_build_in_a_pinned_stack_is_refused() -> None:
    assert said_of(tasks.BUILDS, [BUILT, RUNS_PINNED]) == [
        ("mcp-image", "is built, but no task runs it: a pinned stack builds nothing; remove it"),
        ("chatsvc-definition", "runs a pinned image in a stack that builds: use either `build` or `images` for all"),
    ]


def test_a_pinned_image_in_a_building_stack_is_refused() -> None:
    assert said_of(tasks.BUILDS, [BUILT, RUNS_BUILT, RUNS_PINNED]) == [
        ("chatsvc-definition", "runs a pinned image in a stack that builds: use either `build` or `images` for all")
    ]
