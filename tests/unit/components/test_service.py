"""The ECS service: deployment, Service Connect, dependencies, image and scaling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.catalogue import Entry
from ecs import types
from ecs.image import Build
from tests.declared import ACCOUNT, REGION
from tests.unit.components import build
from tests.unit.components.build import container, statements


def test_the_ecs_service_rolls_back_failed_deployments_and_waits_for_steady_state() -> None:
    declared = build.promptsvc(spot=30, size=replace(build.SMALL, min=2, max=4))
    inputs = dict(declared.one(types.SERVICE, "promptsvc-service").inputs)
    assert inputs.pop("serviceConnectConfiguration")["enabled"] is True
    network = inputs.pop("networkConfiguration")
    assert inputs == {
        "name": "promptsvc",
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
        "taskDefinition": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/mrgnl-promptsvc:1",
        "desiredCount": 2,
        "capacityProviderStrategies": [
            {"capacityProvider": "FARGATE", "weight": 70},
            {"capacityProvider": "FARGATE_SPOT", "weight": 30},
        ],
        "forceNewDeployment": True,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "waitForSteadyState": True,
        "availabilityZoneRebalancing": "ENABLED",
        "loadBalancers": [],
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
    }
    assert network["assignPublicIp"] is False
    assert len(network["subnets"]) == 2


def test_a_redeploy_number_is_a_trigger_of_the_ecs_service() -> None:
    """The test above has the inputs without a number: no trigger."""
    [inputs] = [each.inputs for each in build.promptsvc(redeploy=2).of(types.SERVICE).values()]
    assert inputs["triggers"] == {"redeploy": "2"}


@pytest.mark.parametrize(
    ("changes", "forces"), [({}, None), ({"spot": 0}, True), ({"spot": 30}, True), ({"redeploy": 1}, True)]
)
def test_updates_deploy_tasks_again_only_where_the_provider_requires_it(
    changes: dict[str, Any], forces: bool | None
) -> None:
    [service] = build.promptsvc(**changes).of(types.SERVICE).values()
    assert service.inputs.get("forceNewDeployment") == forces
    assert {each["capacityProvider"] for each in service.inputs["capacityProviderStrategies"]} == {
        "FARGATE",
        "FARGATE_SPOT",
    }


def test_an_internal_service_has_a_service_connect_name_without_request_timeout() -> None:
    declared = build.promptsvc()
    assert declared.one(types.SERVICE, "promptsvc-service").inputs["serviceConnectConfiguration"]["services"] == [
        {
            "portName": "grpc",
            "discoveryName": "promptsvc",
            "clientAlias": [{"dnsName": "promptsvc", "port": 9002}],
            "timeout": {"perRequestTimeoutSeconds": 0, "idleTimeoutSeconds": 3600},
        }
    ]


def test_the_proxy_logs_messages_and_requests_without_query_parameters_to_the_group_of_its_service() -> None:
    configuration = build.promptsvc().one(types.SERVICE, "promptsvc-service").inputs["serviceConnectConfiguration"]
    logs = {key: configuration[key] for key in ("logConfiguration", "accessLogConfiguration")}
    options = container(build.promptsvc())["logConfiguration"]["options"]
    assert logs == {
        "logConfiguration": {"logDriver": "awslogs", "options": {**options, "awslogs-stream-prefix": "proxy"}},
        "accessLogConfiguration": {"format": "JSON", "includeQueryParameters": "DISABLED"},
    }


def test_the_public_service_has_no_service_connect_name() -> None:
    entry = Entry(name="mcp", port=8080, protocol="http", public=True)
    declared = build.promptsvc(entry=entry, ingress_args={"target": entry})
    assert declared.one(types.SERVICE, "mcp-service").inputs["serviceConnectConfiguration"]["services"] == []


def test_the_ecs_service_depends_on_everything_that_its_first_task_requires() -> None:
    declared = build.caller_and_callee()
    dependencies = {urn.rsplit("::", 1)[-1] for urn in declared.one(types.SERVICE, "mcp-service").options.dependencies}
    assert dependencies >= {
        "mcp-task-execution-policy",
        "mcp-access-to-https-egress",
        "mcp-access-to-authsvc-egress",
        "mcp-access-to-authsvc-ingress",
        "cluster-capacity",
        "network-private-us-east-1a-routes",
        "network-private-us-east-1b-routes",
        "authsvc-service",
    }


def test_a_pinned_service_has_neither_docker_resources_nor_a_repository() -> None:
    declared = build.promptsvc()
    assert not [each for each in declared.types if each.startswith(("docker:", "pulumi:providers:docker", "aws:ecr/"))]


def test_a_built_service_runs_the_pushed_digest_and_may_pull_its_repository() -> None:
    declared = build.promptsvc(source=Build(context="image/sample"))
    repository = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mrgnl-promptsvc"
    assert container(declared)["image"].startswith(f"{repository}@sha256:")
    assert statements(declared, "promptsvc-task-execution-policy")[1]["Resource"] == [
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/mrgnl-promptsvc"
    ]


def test_scaling_tracks_cpu_and_memory_between_min_and_max() -> None:
    declared = build.promptsvc(size=replace(build.SMALL, min=2, max=6))
    assert declared.one(types.SCALING_TARGET, "promptsvc-scaling-target").inputs == {
        "serviceNamespace": "ecs",
        "resourceId": "service/mrgnl/promptsvc",
        "scalableDimension": "ecs:service:DesiredCount",
        "minCapacity": 2,
        "maxCapacity": 6,
    }
    configurations = {
        name: policy.inputs["targetTrackingScalingPolicyConfiguration"]
        for name, policy in declared.of(types.SCALING_POLICY).items()
    }
    assert configurations == {
        "promptsvc-scaling-cpu": {
            "targetValue": 60,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
        },
        "promptsvc-scaling-memory": {
            "targetValue": 75,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageMemoryUtilization"},
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
        },
    }


def test_pulumi_ignores_the_desired_count_only_of_a_service_that_scales() -> None:
    scaled = build.promptsvc(size=replace(build.SMALL, min=1, max=2)).one(types.SERVICE, "promptsvc-service")
    fixed = build.promptsvc(size=replace(build.SMALL, min=2, max=2))
    assert list(scaled.options.ignoreChanges) == ["desiredCount"]
    assert list(fixed.one(types.SERVICE, "promptsvc-service").options.ignoreChanges) == []
    assert not fixed.of(types.SCALING_TARGET)
