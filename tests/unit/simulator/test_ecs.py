from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from simulator.aws import ecs_rollout
from simulator.failure import InitFailedError
from simulator.faults import Fault, Faults
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import rejection

HTTP = {"protocol": "HTTP", "port": 9002}


def test_a_capacity_provider_that_is_not_associated_with_the_cluster_is_rejected(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""
    promptsvc.remove(types.CAPACITY_PROVIDERS)
    assert promptsvc.failure() == (
        "InvalidParameterException: capacity provider FARGATE is not associated with the cluster"
    )


def test_a_target_group_without_a_listener_is_rejected(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html"""
    target = promptsvc.world.create(types.TARGET_GROUP, name="mcp", vpcId=promptsvc.vpc, targetType="ip", **HTTP).id
    block = {"targetGroupArn": target, "containerName": "promptsvc", "containerPort": 9002}
    assert promptsvc.failure(loadBalancers=[block]) == (
        f"InvalidParameterException: the target group {target} does not have an associated load balancer"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cpu": "256", "memory": "700"},
            "ClientException: No Fargate configuration exists for given values: 256 CPU, 700 memory",
        ),
        ({"networkMode": "bridge"}, "ClientException: Fargate only supports network mode 'awsvpc'"),
        (
            {"executionRoleArn": None},
            "ClientException: Fargate requires task definition to have execution role ARN to support ECR images:"
            " executionRoleArn is missing; ClientException: Fargate requires task definition to have execution role ARN"
            " to support log driver awslogs: executionRoleArn is missing;"
            " ClientException: container secrets need a value for 'executionRoleArn'",
        ),
    ],
)
def test_a_task_definition_that_fargate_does_not_support_is_rejected(
    promptsvc: Promptsvc, changes: dict[str, Any], message: str
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
    assert promptsvc.world.rejection(types.TASK_DEFINITION, **promptsvc.task(**changes)) == message


def test_a_name_that_is_both_a_variable_and_a_secret_is_rejected(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
    container = promptsvc.container(environment=[{"name": "DATABASE_URL", "value": "x"}])
    assert promptsvc.world.rejection(types.TASK_DEFINITION, **promptsvc.task(container)) == (
        "ClientException: the secret name must be unique and not shared with an environment variable: DATABASE_URL"
    )


def test_the_revision_of_a_deleted_task_definition_is_not_reused(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html"""
    revisions = [promptsvc.world.create(types.TASK_DEFINITION, **promptsvc.task(skipDestroy=True)) for _ in range(2)]
    promptsvc.world.delete(revisions[1])
    revisions.append(promptsvc.world.create(types.TASK_DEFINITION, **promptsvc.task(skipDestroy=True)))
    family = "arn:aws:ecs:us-east-1:000000000000:task-definition/mrgnl-promptsvc"
    assert [each.properties["arn"] for each in revisions] == [f"{family}:1", f"{family}:2", f"{family}:3"]


@pytest.mark.parametrize("fault", ["rollback", "silent-rollback"])
def test_after_a_rollback_the_previous_revision_runs(promptsvc: Promptsvc, fault: str) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    created = promptsvc.world.create(types.SERVICE, **promptsvc.service())
    requested = promptsvc.service()["taskDefinition"]
    failing = promptsvc.world.replace(faults=Faults((Fault(fault, "it"),)))
    if fault == "rollback":
        with pytest.raises(InitFailedError) as error:
            failing.update(created, taskDefinition=requested)
        assert str(error.value) == (
            "waiting for ECS Service promptsvc: the deployment of mrgnl-promptsvc:2 failed:"
            " the circuit breaker rolled back to mrgnl-promptsvc:1"
        )
    else:
        failing.update(created, taskDefinition=requested)
    after = promptsvc.world.get(types.SERVICE, created.id).properties
    assert (after["taskDefinition"][-2:], after[ecs_rollout.RUNNING][-2:]) == (":1", ":1")


def test_an_update_that_deploys_nothing_succeeds_after_a_rollback_and_keeps_the_former_revision(
    promptsvc: Promptsvc,
) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/service.go"""
    created = promptsvc.deploy()
    failing = promptsvc.world.replace(faults=Faults((Fault("rollback", "service"),)))
    with pytest.raises(InitFailedError):
        failing.update(created, taskDefinition=promptsvc.service()["taskDefinition"])
    after = promptsvc.world.update(promptsvc.world.get(types.SERVICE, created.id), desiredCount=2).properties
    assert (after["desiredCount"], after[ecs_rollout.RUNNING][-2:]) == (2, ":1")
    assert after[ecs_rollout.ROLLOUT] == "rolled back"


def test_an_update_that_deploys_nothing_waits_in_vain_for_the_tasks_of_a_first_rollout_that_failed(
    promptsvc: Promptsvc,
) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/service.go"""
    failing = promptsvc.world.replace(faults=Faults((Fault("unhealthy", "service"),)))
    with pytest.raises(InitFailedError, match="tasks failed to start"):
        failing.create(types.SERVICE, "service", **promptsvc.service())
    [created] = promptsvc.world.all(types.SERVICE)
    with pytest.raises(InitFailedError, match="last state: 'tfPENDING'"):
        promptsvc.world.update(created, desiredCount=2)


def test_a_service_whose_first_tasks_stop_exists_and_runs_no_task_until_an_update_with_the_problem_fixed(
    promptsvc: Promptsvc,
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    policy = promptsvc.policy
    promptsvc.deny("logs:PutLogEvents")
    promptsvc.failure()
    [created] = promptsvc.world.all(types.SERVICE)
    service = {"serviceName": "promptsvc", "clusterArn": promptsvc.cluster}
    assert promptsvc.world.invoke(types.GET_SERVICE, **service)["runningCount"] == 0
    promptsvc.world.change(policy)
    promptsvc.world.update(created, forceNewDeployment=True)
    described = promptsvc.world.invoke(types.GET_SERVICE, **service)
    assert (described["taskDefinition"], described["runningCount"]) == (created.properties["taskDefinition"], 1)


def test_the_previous_revision_runs_if_the_tasks_of_a_new_one_stop(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    created = promptsvc.deploy()
    inputs = promptsvc.service(promptsvc.container(secrets=[{"name": "A", "valueFrom": f"{promptsvc.secret}:::gone"}]))
    with pytest.raises(InitFailedError):
        promptsvc.world.update(created, taskDefinition=inputs["taskDefinition"])
    after = promptsvc.world.get(types.SERVICE, created.id).properties
    assert (after["taskDefinition"][-2:], after[ecs_rollout.RUNNING][-2:]) == (":1", ":1")


def connected(application: str | None = "grpc", name: str = "grpc") -> dict[str, Any]:
    """A port mapping of promptsvc."""
    return {"name": name, "containerPort": 9002, "protocol": "tcp", "appProtocol": application}


def connection(port_name: str = "grpc", discovery_name: str = "promptsvc") -> dict[str, Any]:
    alias = {"dnsName": discovery_name, "port": 9002}
    service = {"portName": port_name, "discoveryName": discovery_name, "clientAlias": [alias]}
    return {"enabled": True, "namespace": "mrgnl", "services": [service]}


@pytest.mark.parametrize(
    ("port", "config"),
    [
        (connected("http", name="http"), "applicationProtocol=http, transportProtocol=tcp"),
        (connected("http2"), "applicationProtocol=http2, transportProtocol=tcp"),
        (connected(None), "applicationProtocol=null, transportProtocol=tcp"),
    ],
)
def test_ecs_does_not_change_the_protocol_of_a_service_connect_service(
    promptsvc: Promptsvc, port: dict[str, Any], config: str
) -> None:
    """https://github.com/aws/containers-roadmap/issues/2378"""
    created = promptsvc.deploy(
        promptsvc.container(portMappings=[connected()]), serviceConnectConfiguration=connection()
    )
    changed = promptsvc.service(
        promptsvc.container(portMappings=[port]), serviceConnectConfiguration=connection(port["name"])
    )
    arn = created.properties["arn"]
    assert rejection(lambda: promptsvc.world.update(created, **changed)) == (
        "InvalidParameterException: The following config cannot be changed for a SC service."
        " Previous config:"
        f" ScServiceStableConfig(applicationProtocol=grpc, transportProtocol=tcp, ecsServiceArn={arn}),"
        f" current config: ScServiceStableConfig({config}, ecsServiceArn={arn})"
    )
    assert promptsvc.world.get(types.SERVICE, created.id) == created


@pytest.mark.parametrize(
    ("port", "configuration"),
    [
        pytest.param(connected(name="rpc"), connection("rpc"), id="name-of-the-port"),
        pytest.param(connected("http2", name="http"), connection("http", "prompts"), id="another-name"),
        pytest.param(
            connected("http", name="http"), {"enabled": True, "namespace": "mrgnl", "services": []}, id="no-name"
        ),
        pytest.param({**connected(), "containerPort": 9003}, connection(), id="port"),
    ],
)
def test_ecs_changes_what_service_connect_does_not_fix(
    promptsvc: Promptsvc, port: dict[str, Any], configuration: dict[str, Any]
) -> None:
    created = promptsvc.deploy(
        promptsvc.container(portMappings=[connected()]), serviceConnectConfiguration=connection()
    )
    environment = [{"name": "GRPC_PORT", "value": str(port["containerPort"])}]
    container = promptsvc.container(portMappings=[port], environment=environment)
    changed = promptsvc.service(container, serviceConnectConfiguration=configuration)
    assert promptsvc.world.update(created, **changed).properties["taskDefinition"] == changed["taskDefinition"]


def test_get_service_of_a_service_that_does_not_exist_is_an_error(promptsvc: Promptsvc) -> None:
    service = {"serviceName": "promptsvc", "clusterArn": promptsvc.cluster}
    assert rejection(lambda: promptsvc.world.invoke(types.GET_SERVICE, **service)) == ("no matching ECS Service found")


def test_a_task_for_ec2_logs_without_execution_role_and_stream_prefix(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""
    options = {"awslogs-group": "/ecs/a", "awslogs-region": "us-east-1"}
    container = promptsvc.container(secrets=[], logConfiguration={"logDriver": "awslogs", "options": options})
    task = promptsvc.task(container, requiresCompatibilities=["EC2"], executionRoleArn=None)
    assert promptsvc.world.create(types.TASK_DEFINITION, **task)
