from __future__ import annotations

from typing import Any

import pytest

from simulator.aws import ecs, lb
from simulator.cloud import PartialError
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import refusal


def test_a_capacity_provider_that_is_not_the_clusters_is_refused(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""
    promptsvc.forget(ecs.CAPACITY_PROVIDERS)
    assert promptsvc.why_not() == (
        "InvalidParameterException: capacity provider FARGATE is not associated with the cluster"
    )


def test_a_target_group_that_no_listener_serves_is_refused(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html"""
    target = promptsvc.world.create(lb.TARGET_GROUP, name="mcp", vpcId=promptsvc.vpc).id
    assert promptsvc.why_not(loadBalancers=[{"targetGroupArn": target}]) == (
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
        ({"executionRoleArn": None}, "ClientException: container secrets need a value for 'executionRoleArn'"),
    ],
)
def test_a_task_definition_that_fargate_cannot_run_is_refused(
    promptsvc: Promptsvc, changes: dict[str, Any], message: str
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
    assert promptsvc.world.refusal(ecs.TASK_DEFINITION, **promptsvc.task(**changes)) == message


def test_a_variable_that_is_both_in_plain_and_secret_is_refused(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
    container = promptsvc.container(environment=[{"name": "DATABASE_URL", "value": "x"}])
    assert promptsvc.world.refusal(ecs.TASK_DEFINITION, **promptsvc.task(container)) == (
        "ClientException: the secret name must be unique and not shared with an environment variable: DATABASE_URL"
    )


def test_revisions_of_a_family_are_counted_and_never_used_again(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html"""
    revisions = [promptsvc.world.create(ecs.TASK_DEFINITION, **promptsvc.task(skipDestroy=True)) for _ in range(2)]
    promptsvc.world.delete(revisions[1])
    revisions.append(promptsvc.world.create(ecs.TASK_DEFINITION, **promptsvc.task(skipDestroy=True)))
    family = "arn:aws:ecs:us-east-1:000000000000:task-definition/mrgnl-promptsvc"
    assert [each.properties["arn"] for each in revisions] == [f"{family}:1", f"{family}:2", f"{family}:3"]


@pytest.mark.parametrize("fault", ["rollback", "silent-rollback"])
def test_after_a_rollback_the_tasks_that_run_are_of_the_revision_before(promptsvc: Promptsvc, fault: str) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    made = promptsvc.world.create(ecs.SERVICE, **promptsvc.service())
    asked = promptsvc.service()["taskDefinition"]
    failing = promptsvc.world.but(faults={"promptsvc": fault})
    if fault == "rollback":
        with pytest.raises(PartialError) as told:
            failing.update(made, taskDefinition=asked)
        assert str(told.value) == (
            "waiting for ECS Service promptsvc: the deployment of mrgnl-promptsvc:2 failed:"
            " the circuit breaker rolled back to mrgnl-promptsvc:1"
        )
    else:
        failing.update(made, taskDefinition=asked)
    after = promptsvc.world.get(ecs.SERVICE, made.id).properties
    assert (after["taskDefinition"][-2:], after[ecs.RUNNING][-2:]) == (":2", ":1")


def test_a_service_whose_first_tasks_stop_is_there_and_runs_nothing_until_what_stops_them_is_mended(
    promptsvc: Promptsvc,
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    policy = promptsvc.policy
    promptsvc.forbid("logs:PutLogEvents")
    promptsvc.why_not()
    [made] = promptsvc.world.all(ecs.SERVICE)
    given = {"serviceName": "promptsvc", "clusterArn": promptsvc.cluster}
    assert promptsvc.world.invoke("aws:ecs/getService:getService", **given)["runningCount"] == 0
    promptsvc.world.change(policy)
    promptsvc.world.update(made)
    asked = made.properties["taskDefinition"]
    told = promptsvc.world.invoke("aws:ecs/getService:getService", **given)
    assert (told["taskDefinition"], told["runningCount"]) == (asked, 1)


def test_when_the_tasks_of_a_new_revision_stop_those_of_the_old_one_go_on(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    made = promptsvc.up()
    asked = promptsvc.service(promptsvc.container(secrets=[{"name": "A", "valueFrom": f"{promptsvc.secret}:::gone"}]))
    with pytest.raises(PartialError):
        promptsvc.world.update(made, taskDefinition=asked["taskDefinition"])
    after = promptsvc.world.get(ecs.SERVICE, made.id).properties
    assert (after["taskDefinition"][-2:], after[ecs.RUNNING][-2:]) == (":2", ":1")


def test_a_service_that_is_asked_for_and_is_not_there_is_an_error(promptsvc: Promptsvc) -> None:
    given = {"serviceName": "promptsvc", "clusterArn": promptsvc.cluster}
    assert refusal(lambda: promptsvc.world.invoke("aws:ecs/getService:getService", **given)) == (
        f"ServiceNotFoundException: there is no service promptsvc in {promptsvc.cluster}"
    )
