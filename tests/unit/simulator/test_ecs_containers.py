"""The form of container definitions that ECS returns, and what of it the provider takes for a change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from ecs import types
from simulator.aws.ecs_containers import is_equivalent, returned
from tests.declared import declare_program
from tests.unit.simulator.promptsvc import Promptsvc

LEVELS = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecs/container_definitions.go"
RECORDED = "answers of DescribeTaskDefinition that Cloud Custodian recorded: returned as sent"
API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/"
FIELDS = {
    "name": RECORDED,
    "image": RECORDED,
    "essential": RECORDED,
    "user": f"{API}API_ContainerDefinition.html: a string without a default",
    "readonlyRootFilesystem": RECORDED,
    "mountPoints.sourceVolume": f"{API}API_MountPoint.html: a string without a default",
    "mountPoints.containerPath": f"{API}API_MountPoint.html: a string without a default",
    "mountPoints.readOnly": "sent, though false by default: https://github.com/hashicorp/terraform/issues/23780",
    "linuxParameters.capabilities.add": "https://github.com/braintrustdata/terraform-aws-braintrust-data-plane/pull/335",
    "linuxParameters.capabilities.drop": "https://github.com/braintrustdata/terraform-aws-braintrust-data-plane/pull/335",
    "linuxParameters.initProcessEnabled": f"{API}API_LinuxParameters.html: a boolean without a default",
    "command": RECORDED,
    "dependsOn.containerName": f"{API}API_ContainerDependency.html: required",
    "dependsOn.condition": f"{API}API_ContainerDependency.html: required",
    "startTimeout": f"{API}API_ContainerDefinition.html: a number without a default in the definition",
    "stopTimeout": f"{API}API_ContainerDefinition.html: a number without a default in the definition",
    "portMappings.name": RECORDED,
    "portMappings.containerPort": RECORDED,
    "portMappings.hostPort": LEVELS,
    "portMappings.protocol": LEVELS,
    "portMappings.appProtocol": RECORDED,
    "environment.name": RECORDED,
    "environment.value": "https://github.com/hashicorp/terraform-provider-aws/issues/39533: unless it is empty",
    "secrets": LEVELS,
    "secrets.name": RECORDED,
    "secrets.valueFrom": RECORDED,
    "logConfiguration.logDriver": RECORDED,
    "logConfiguration.options": f"{RECORDED}; no secretOptions, which only the console sends",
    "healthCheck.command": f"{API}API_HealthCheck.html: required",
    "healthCheck.interval": LEVELS,
    "healthCheck.timeout": LEVELS,
    "healthCheck.retries": LEVELS,
    "healthCheck.startPeriod": f"{API}API_HealthCheck.html: off by default, so it is sent",
}
"""By field that the program sends, why ECS returns it as it was sent, or the provider ignores the difference."""


def fields(value: Any, path: str = "") -> Iterator[str]:
    """The paths of the values: lists do not count; an empty one is a value."""
    if isinstance(value, dict) and path != "logConfiguration.options":
        for key, each in cast(dict[str, Any], value).items():
            yield from fields(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in cast(list[Any], value)):
        for each in cast(list[Any], value):
            yield from fields(each, path)
    else:
        yield path


@pytest.fixture(scope="module")
def sent() -> list[list[dict[str, Any]]]:
    definitions = declare_program(probe=True).of(types.TASK_DEFINITION).values()
    return [each.json("containerDefinitions") for each in definitions]


def test_each_field_of_the_program_has_a_source_for_its_form(sent: list[list[dict[str, Any]]]) -> None:
    assert {field for containers in sent for each in containers for field in fields(each)} == FIELDS.keys()


def test_the_provider_finds_no_difference_from_what_ecs_returns(sent: list[list[dict[str, Any]]]) -> None:
    different = [each for each in sent if not is_equivalent(each, returned(each))]
    assert different == [], "each `up` would roll out these services"


CONTAINER = {"name": "a", "image": "b", "portMappings": [{"containerPort": 80}]}


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"environment": [], "secrets": [], "mountPoints": [], "volumesFrom": [], "systemControls": [], "cpu": 0},
        {"environment": [{"name": "B", "value": "1"}, {"name": "A", "value": "2"}]},
        {"portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]},
        {"healthCheck": {"command": ["CMD", "x"]}},
        {"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}},
        {"readonlyRootFilesystem": False},
    ],
)
def test_the_provider_ignores_a_default_and_an_order(properties: dict[str, Any]) -> None:
    container = {**CONTAINER, **properties}
    assert is_equivalent([container], returned([container]))


@pytest.mark.parametrize(
    ("properties", "form"),
    [
        ({"linuxParameters": {"capabilities": {"drop": ["ALL"]}}}, {"capabilities": {"add": [], "drop": ["ALL"]}}),
        (
            {"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}}},
            {"capabilities": {"add": ["SYS_PTRACE"], "drop": []}},
        ),
        ({"linuxParameters": {"capabilities": {}, "initProcessEnabled": True}}, {"initProcessEnabled": True}),
        ({"linuxParameters": {"capabilities": {"add": [], "drop": []}}}, {}),
        ({"environment": [{"name": "A", "value": " "}, {"name": "B", "value": ""}]}, [{"name": "A", "value": " "}]),
        ({"environment": [{"name": "B"}]}, []),
    ],
)
def test_another_form_than_that_of_ecs_is_a_difference(properties: dict[str, Any], form: object) -> None:
    [found] = returned([{**CONTAINER, **properties}])
    [key] = properties
    assert found[key] == form
    assert not is_equivalent([{**CONTAINER, **properties}], [found]), "the next preview must show it"


def test_a_task_definition_keeps_its_text_unless_the_provider_would_find_a_difference(promptsvc: Promptsvc) -> None:
    def kept(container: dict[str, Any]) -> tuple[str, str]:
        inputs = promptsvc.task(container)
        created = promptsvc.world.create(types.TASK_DEFINITION, **inputs)
        return inputs["containerDefinitions"], created.properties["containerDefinitions"]

    same, other = (
        kept(promptsvc.container(linuxParameters=each)) for each in ({}, {"capabilities": {"drop": ["ALL"]}})
    )
    assert same[0] == same[1]
    assert json.loads(other[1])[0]["linuxParameters"] == {"capabilities": {"add": [], "drop": ["ALL"]}}
