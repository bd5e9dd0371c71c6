"""Errors of tasks that do not start.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from ecs.iam import PULL_ACTIONS
from simulator.aws import ecr
from tests.unit.simulator.promptsvc import Promptsvc

STOPPED = "promptsvc: the deployment circuit breaker was triggered: "


def test_a_service_with_all_requirements_is_deployed(promptsvc: Promptsvc) -> None:
    service = promptsvc.deploy()
    assert service.properties["arn"] == "arn:aws:ecs:us-east-1:000000000000:service/mrgnl/promptsvc"


REPOSITORY = "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-promptsvc"
NOT_PULLED = "CannotPullContainerError: {role} is not authorized to perform"
NOT_ALLOWED = "ResourceInitializationError: {role} is not authorized to perform"
NO_POLICY = "no policy of execution allows it"
NOT_READ = "ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {secret}"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("ecr:GetAuthorizationToken", f"{NOT_PULLED} ecr:GetAuthorizationToken on *: {NO_POLICY}"),
        *((action, f"{NOT_PULLED} {action} on {REPOSITORY}: {NO_POLICY}") for action in PULL_ACTIONS),
        ("secretsmanager:GetSecretValue", f"{NOT_ALLOWED} secretsmanager:GetSecretValue on {{secret}}: {NO_POLICY}"),
        ("logs:CreateLogStream", f"{NOT_ALLOWED} logs:CreateLogStream on /ecs/mrgnl-promptsvc: {NO_POLICY}"),
        ("logs:PutLogEvents", f"{NOT_ALLOWED} logs:PutLogEvents on /ecs/mrgnl-promptsvc: {NO_POLICY}"),
    ],
)
def test_a_task_whose_execution_role_lacks_a_permission_does_not_start(
    promptsvc: Promptsvc, action: str, reason: str
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    promptsvc.deny(action)
    assert promptsvc.failure() == STOPPED + reason.format_map(vars(promptsvc))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ecr.IMAGE, "CannotPullContainerError: {image}: not found"),
        (types.SECRET_VERSION, NOT_READ),
        (types.SECRET, NOT_READ),
        (
            types.LOG_GROUP,
            "ResourceInitializationError: failed to validate logger args:"
            " the log group /ecs/mrgnl-promptsvc does not exist",
        ),
    ],
)
def test_a_task_whose_image_secret_or_log_group_is_missing_does_not_start(
    promptsvc: Promptsvc, kind: str, reason: str
) -> None:
    promptsvc.remove(kind)
    assert promptsvc.failure() == STOPPED + reason.format_map(vars(promptsvc))


def test_a_task_whose_image_has_another_platform_does_not_start(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html"""
    image = promptsvc.push("linux/arm64")
    assert promptsvc.failure(promptsvc.container(image=image)) == (
        f"{STOPPED}CannotPullContainerError: {image} was built for linux/arm64, not for linux/amd64"
    )


@pytest.mark.parametrize("allowed", [["ecr:PutImage"], PULL_ACTIONS, PULL_ACTIONS[1:]])
def test_an_image_of_another_account_is_pulled_only_if_the_repository_policy_allows_it(
    promptsvc: Promptsvc, allowed: list[str]
) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html"""
    prod = Promptsvc(promptsvc.world.replace(account="000000000001"))
    prod.allow(*((action, ["arn:aws:ecr:us-east-1:000000000000:repository/*"]) for action in PULL_ACTIONS))
    statement = {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::000000000001:root"]}, "Action": allowed}
    policy = json.dumps({"Statement": [statement]})
    promptsvc.world.create(types.REPOSITORY_POLICY, repository="mrgnl-promptsvc", policy=policy)
    container = prod.container(image=promptsvc.image)
    if allowed == PULL_ACTIONS:
        assert prod.deploy(container)
    else:
        assert prod.failure(container) == (
            f"{STOPPED}CannotPullContainerError: {promptsvc.image}:"
            " the repository's policy does not let account 000000000001 pull"
        )


def test_a_task_with_a_missing_secret_version_does_not_start(promptsvc: Promptsvc) -> None:
    reference = f"{promptsvc.secret}:::gone"
    assert promptsvc.failure(promptsvc.container(secrets=[{"name": "DATABASE_URL", "valueFrom": reference}])) == (
        f"{STOPPED}ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find"
        f" the specified secret value for VersionId: gone of {promptsvc.secret}"
    )


def test_a_task_with_an_existing_secret_version_starts(promptsvc: Promptsvc) -> None:
    pinned = [{"name": "DATABASE_URL", "valueFrom": f"{promptsvc.secret}:::{promptsvc.version}"}]
    assert promptsvc.deploy(promptsvc.container(secrets=pinned))


def deploy_callee(promptsvc: Promptsvc, namespace: str = "mrgnl", port: int = 9001) -> None:
    services = [{"portName": "grpc", "clientAlias": [{"dnsName": "authsvc", "port": port}]}]
    connect = {"enabled": True, "namespace": namespace, "services": services}
    if namespace != "mrgnl":
        promptsvc.world.create(types.NAMESPACE, name=namespace)
    rule = {"securityGroupId": promptsvc.group, "ipProtocol": "tcp", "fromPort": 9002, "toPort": 9002}
    for kind in (types.EGRESS_RULE, types.INGRESS_RULE):
        promptsvc.world.create(kind, f"callee-{kind}", **rule, referencedSecurityGroupId=promptsvc.group)
    promptsvc.world.create(
        types.SERVICE, "callee", **promptsvc.service(name="authsvc", serviceConnectConfiguration=connect)
    )


CALLS = [{"name": "AUTH_SERVICE", "value": "authsvc:9001"}]


@pytest.mark.parametrize(
    "callee",
    [
        pytest.param(None, id="missing"),
        pytest.param({"namespace": "other"}, id="in-another-namespace"),
        pytest.param({"port": 9009}, id="on-another-port"),
    ],
)
def test_a_task_whose_callee_is_not_in_the_namespace_does_not_start(
    promptsvc: Promptsvc, callee: dict[str, Any] | None
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html"""
    if callee:
        deploy_callee(promptsvc, **callee)
    assert promptsvc.failure(promptsvc.container(environment=CALLS)) == (
        f"{STOPPED}AUTH_SERVICE: authsvc:9001 was not in the namespace when the task started"
    )


def test_a_task_starts_if_its_callee_is_already_in_the_namespace(promptsvc: Promptsvc) -> None:
    deploy_callee(promptsvc)
    assert promptsvc.deploy(promptsvc.container(environment=CALLS))


def test_all_errors_of_a_task_are_reported_at_once(promptsvc: Promptsvc) -> None:
    promptsvc.deny("logs:CreateLogStream")
    for kind in (ecr.IMAGE, types.SECRET):
        promptsvc.remove(kind)
    failure = promptsvc.failure(promptsvc.container(environment=CALLS)).removeprefix(STOPPED)
    assert set(failure.split(f"; {STOPPED}")) == {
        f"CannotPullContainerError: {promptsvc.image}: not found",
        NOT_READ.format(secret=promptsvc.secret),
        f"{NOT_ALLOWED.format(role=promptsvc.role)} logs:CreateLogStream on /ecs/mrgnl-promptsvc: {NO_POLICY}",
        "AUTH_SERVICE: authsvc:9001 was not in the namespace when the task started",
    }
