from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ecs import types
from policy.rule import Resource
from policy.tasks import (
    a_stack_builds_all_its_images_or_none,
    containers_cannot_be_changed,
    images_are_named_by_digest,
    no_secret_in_a_plain_parameter,
    no_secret_in_plain_environment,
    services_have_no_shell,
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


HARDENED: dict[str, Any] = {"readonlyRootFilesystem": True, "linuxParameters": {"capabilities": {"drop": ["ALL"]}}}
UNCHANGED = "Set readonlyRootFilesystem to true and drop ALL capabilities, or debug it by `python -m ops debug`."


def of_debug_tasks(name: str = "mcp-debug-definition", family: str = "mrgnl-mcp_debug") -> Resource:
    """A task definition that nothing hardens."""
    return replace(task(), name=name, props={**task().props, "family": family})


def test_a_hardened_container_and_that_of_a_debug_task_pass() -> None:
    assert messages(containers_cannot_be_changed, task(**HARDENED)) == []
    assert messages(containers_cannot_be_changed, of_debug_tasks()) == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"readonlyRootFilesystem": False}, "can write to its root file system"),
        ({"linuxParameters": {}}, "has Linux capabilities"),
        ({"linuxParameters": {"capabilities": {"drop": ["NET_RAW"]}}}, "has Linux capabilities"),
        ({"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}}, "has Linux capabilities"),
    ],
)
def test_a_container_that_can_be_changed_is_a_violation(changes: dict[str, Any], finding: str) -> None:
    found = messages(containers_cannot_be_changed, task(**{**HARDENED, **changes}))
    assert found == [f"container mcp {finding}. {UNCHANGED}"]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("mcp-task-definition", "mrgnl-mcp_debug"),
        ("mcp-debug-definition", "mrgnl-mcp"),
        ("mcp-debug-definition", "mrgnl-chatsvc_debug"),
        ("mcp-debug-definition", "mrgnl-mcp-debug"),
    ],
)
def test_only_the_family_of_a_services_debug_tasks_is_excepted(name: str, family: str) -> None:
    assert len(messages(containers_cannot_be_changed, of_debug_tasks(name, family))) == 2


def test_a_service_with_ecs_exec_is_a_violation() -> None:
    assert messages(services_have_no_shell, resource(types.SERVICE)) == []
    assert messages(services_have_no_shell, resource(types.SERVICE, props={"enableExecuteCommand": True})) == [
        "somebody can open a shell in its tasks. Leave enable_execute_command out, and debug the service by"
        " `python -m ops debug`: docs/howto/debug.md."
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
        "ECS does not roll a failed deployment back. Set deployment_circuit_breaker to enable=True, rollback=True;"
        " with CANARY and LINEAR, set `alerts`."
    ]


BUILT = resource(types.DOCKER_IMAGE, "mcp-image")
RUNS_BUILT = resource(types.TASK_DEFINITION, "mcp-definition", uses={"containerDefinitions": [BUILT]})
RUNS_PINNED = resource(types.TASK_DEFINITION, "chatsvc-definition")
FIX = "Use `build` for all services of the stack, or `images` for all."


@pytest.mark.parametrize("resources", [[], [BUILT, RUNS_BUILT], [RUNS_PINNED]], ids=["empty", "builds", "pinned"])
def test_a_stack_that_builds_all_its_images_or_none_passes(resources: list[Resource]) -> None:
    assert stack_messages(a_stack_builds_all_its_images_or_none, resources) == []


def test_a_stack_that_builds_may_run_a_toolbox_that_it_does_not_build() -> None:
    assert stack_messages(a_stack_builds_all_its_images_or_none, [BUILT, RUNS_BUILT, of_debug_tasks()]) == []


def test_a_build_in_a_stack_with_pinned_images_is_a_violation() -> None:
    assert stack_messages(a_stack_builds_all_its_images_or_none, [BUILT, RUNS_PINNED]) == [
        ("mcp-image", f"is built, but no task definition runs it. {FIX}"),
        ("chatsvc-definition", f"runs a pinned image in a stack that builds images. {FIX}"),
    ]


def test_a_pinned_image_in_a_stack_that_builds_is_a_violation() -> None:
    assert stack_messages(a_stack_builds_all_its_images_or_none, [BUILT, RUNS_BUILT, RUNS_PINNED]) == [
        ("chatsvc-definition", f"runs a pinned image in a stack that builds images. {FIX}")
    ]


@pytest.mark.parametrize("strategy", ["CANARY", "LINEAR"])
def test_a_service_whose_strategy_has_no_circuit_breaker_is_rolled_back_by_alarms_or_is_a_violation(
    strategy: str,
) -> None:
    on = {"enable": True, "rollback": True}
    props: dict[str, Any] = {"deploymentConfiguration": {"strategy": strategy}, "deploymentCircuitBreaker": on}
    assert messages(the_circuit_breaker_is_on, resource(types.SERVICE, props=props)) != []
    with_alarms = {**props, "alarms": {"alarmNames": ["gateway-errors"], **on}}
    assert messages(the_circuit_breaker_is_on, resource(types.SERVICE, props=with_alarms)) == []
