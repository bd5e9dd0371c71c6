from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from policy.rule import Resource
from policy.tasks import (
    a_stack_builds_all_its_images_or_none,
    images_are_named_by_digest,
    no_secret_in_a_plain_parameter,
    no_secret_in_plain_environment,
    the_circuit_breaker_is_on,
)
from tests.unit.policy.resources import messages, resource, stack_messages

PINNED = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-mcp@sha256:{'0' * 64}"


def task(**container: Any) -> Resource:
    definitions = [{"name": "mcp", "image": PINNED, **container}]
    return resource(types.TASK_DEFINITION, props={"containerDefinitions": json.dumps(definitions)})


def test_an_image_that_is_named_by_digest_passes() -> None:
    assert messages(images_are_named_by_digest, task()) == []


@pytest.mark.parametrize("image", [PINNED.split("@")[0], PINNED.replace("@sha256:", ":v1-"), PINNED[:-1], f"{PINNED}0"])
def test_an_image_that_is_not_named_by_digest_is_a_violation(image: str) -> None:
    assert messages(images_are_named_by_digest, task(image=image)) == [
        f"container mcp runs {image}, which a later push can replace. Name the image as"
        " `<repository>@sha256:<64 hexadecimal digits>`."
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
def test_a_plain_environment_without_a_secret_passes(name: str, value: str) -> None:
    assert messages(no_secret_in_plain_environment, task(environment=[{"name": name, "value": value}])) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("SIGNING_KEY", "x", "a secret, by its name"),
        ("session_token", "x", "a secret, by its name"),
        ("PASSWORD", "x", "a secret, by its name"),
        ("DATABASE_URL", "postgres://marginalia:invented@database:5432/marginalia", "a URL with a password"),
        ("SIGNER", "-----BEGIN " + "EC PRIVATE KEY-----", "a private key"),
        ("CALLER", "AKIA" + "A" * 16, "an AWS access key"),
        ("CALLER", "eyJ" + "a.eyJ" + "b.c", "a signed token"),
    ],
)
def test_a_secret_in_the_plain_environment_is_a_violation_and_its_value_is_not_in_the_message(
    name: str, value: str, kind: str
) -> None:
    assert messages(no_secret_in_plain_environment, task(environment=[{"name": name, "value": value}])) == [
        f"{name} of container mcp looks like {kind}. Store it in Secrets Manager, name it in the entry's `secrets` in"
        " services.py and put its ARN into the stack file."
    ]


def parameter(**props: str) -> Resource:
    return resource(types.PARAMETER, props={"type": "String", **props})


def test_a_parameter_without_a_secret_passes() -> None:
    assert messages(no_secret_in_a_plain_parameter, parameter(insecureValue=f"sha256:{'0' * 64} in db-ABC")) == []


@pytest.mark.parametrize(
    ("props", "finding"),
    [
        ({"insecureValue": "postgres://user:invented@database/x"}, "its value looks like a URL with a password"),
        ({"value": "hunter2"}, "its value is secret, and a copy of it is in Pulumi's state"),
        ({"type": "SecureString"}, "its value is secret, and a copy of it is in Pulumi's state"),
    ],
)
def test_a_secret_in_a_parameter_is_a_violation(props: dict[str, str], finding: str) -> None:
    assert messages(no_secret_in_a_plain_parameter, parameter(**props)) == [f"{finding}. Store it in Secrets Manager."]


@pytest.mark.parametrize(
    "props",
    [
        {},
        {"deploymentCircuitBreaker": {"enable": False, "rollback": True}},
        {"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
    ],
)
def test_a_service_without_a_circuit_breaker_that_rolls_back_is_a_violation(props: dict[str, Any]) -> None:
    on = {"enable": True, "rollback": True}
    assert messages(the_circuit_breaker_is_on, resource(types.SERVICE, props={"deploymentCircuitBreaker": on})) == []
    assert messages(the_circuit_breaker_is_on, resource(types.SERVICE, props=props)) == [
        "ECS does not roll a failed deployment back. Set deployment_circuit_breaker to enable=True, rollback=True."
    ]


BUILT = resource(types.DOCKER_IMAGE, "mcp-image")
RUNS_BUILT = resource(types.TASK_DEFINITION, "mcp-definition", uses={"containerDefinitions": [BUILT]})
RUNS_PINNED = resource(types.TASK_DEFINITION, "chatsvc-definition")
FIX = "Use `build` for all services of the stack, or `images` for all."


@pytest.mark.parametrize("resources", [[], [BUILT, RUNS_BUILT], [RUNS_PINNED]], ids=["empty", "builds", "pinned"])
def test_a_stack_that_builds_all_its_images_or_none_passes(resources: list[Resource]) -> None:
    assert stack_messages(a_stack_builds_all_its_images_or_none, resources) == []


def test_a_build_in_a_stack_with_pinned_images_is_a_violation() -> None:
    assert stack_messages(a_stack_builds_all_its_images_or_none, [BUILT, RUNS_PINNED]) == [
        ("mcp-image", f"is built, but no task definition runs it. {FIX}"),
        ("chatsvc-definition", f"runs a pinned image in a stack that builds images. {FIX}"),
    ]


def test_a_pinned_image_in_a_stack_that_builds_is_a_violation() -> None:
    assert stack_messages(a_stack_builds_all_its_images_or_none, [BUILT, RUNS_BUILT, RUNS_PINNED]) == [
        ("chatsvc-definition", f"runs a pinned image in a stack that builds images. {FIX}")
    ]
