"""Why a task would not start. The reasons are those of
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs.iam import PULL_ACTIONS
from simulator.aws import ec2, ecr, ecs
from simulator.aws.cloudwatch import LOG_GROUP
from simulator.aws.secretsmanager import SECRET, SECRET_VERSION
from tests.unit.simulator.promptsvc import Promptsvc

STOPPED = "promptsvc: the deployment circuit breaker was triggered: "
CUT_OFF = "ResourceInitializationError: unable to pull registry auth: "


def test_a_service_with_all_that_it_needs_comes_up(promptsvc: Promptsvc) -> None:
    service = promptsvc.up()
    assert service.properties["arn"] == "arn:aws:ecs:us-east-1:000000000000:service/mrgnl/promptsvc"


REPOSITORY = "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-promptsvc"
NOT_PULLED = "CannotPullContainerError: {role} is not authorized to perform"
NOT_ALLOWED = "ResourceInitializationError: {role} is not authorized to perform"
NOT_READ = "ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {secret}"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("ecr:GetAuthorizationToken", f"{NOT_PULLED} ecr:GetAuthorizationToken on *"),
        *((action, f"{NOT_PULLED} {action} on {REPOSITORY}") for action in PULL_ACTIONS),
        ("secretsmanager:GetSecretValue", f"{NOT_ALLOWED} secretsmanager:GetSecretValue on {{secret}}"),
        ("logs:CreateLogStream", f"{NOT_ALLOWED} logs:CreateLogStream on /ecs/mrgnl-promptsvc"),
        ("logs:PutLogEvents", f"{NOT_ALLOWED} logs:PutLogEvents on /ecs/mrgnl-promptsvc"),
    ],
)
def test_a_task_whose_execution_role_lacks_a_permission_does_not_start(
    promptsvc: Promptsvc, action: str, reason: str
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    promptsvc.forbid(action)
    assert promptsvc.why_not() == STOPPED + reason.format_map(vars(promptsvc))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ecr.IMAGE, "CannotPullContainerError: {image}: not found"),
        (SECRET_VERSION, NOT_READ),
        (SECRET, NOT_READ),
        (
            LOG_GROUP,
            "ResourceInitializationError: failed to validate logger args:"
            " the log group /ecs/mrgnl-promptsvc does not exist",
        ),
    ],
)
def test_a_task_whose_image_secret_or_log_group_is_gone_does_not_start(
    promptsvc: Promptsvc, kind: str, reason: str
) -> None:
    promptsvc.forget(kind)
    assert promptsvc.why_not() == STOPPED + reason.format_map(vars(promptsvc))


NO_WAY = "has no route out and no endpoint within reach for ecr.api, ecr.dkr, logs, secretsmanager, s3"


@pytest.mark.parametrize(
    "route",
    [
        pytest.param(None, id="none"),
        pytest.param({"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}, id="for-public-addresses-only"),
        pytest.param({"cidrBlock": "10.9.0.0/16", "natGatewayId": "nat-1"}, id="not-to-the-internet"),
    ],
)
def test_a_task_without_a_route_out_does_not_start(promptsvc: Promptsvc, route: dict[str, str] | None) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html"""
    promptsvc.world.change(promptsvc.routes, routes=[route] if route else [])
    assert promptsvc.why_not() == "; ".join(f"{STOPPED}{CUT_OFF}{subnet} {NO_WAY}" for subnet in promptsvc.subnets)


def test_a_route_table_that_is_not_associated_with_a_subnet_does_not_lead_out_of_it(promptsvc: Promptsvc) -> None:
    promptsvc.world.store.remove(promptsvc.world.all(ec2.ROUTE_TABLE_ASSOCIATION)[1])
    assert promptsvc.why_not() == f"{STOPPED}{CUT_OFF}{promptsvc.subnets[1]} {NO_WAY}"


ALL = "ecr.api, ecr.dkr, logs, secretsmanager"


@pytest.mark.parametrize("service", ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3"])
def test_a_task_without_a_route_out_needs_an_endpoint_for_each_service(promptsvc: Promptsvc, service: str) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"""
    endpoints = promptsvc.endpoints_instead_of_routes()
    promptsvc.world.store.remove(endpoints[service])
    assert promptsvc.why_not() == "; ".join(
        f"{STOPPED}{CUT_OFF}{subnet} has no route out and no endpoint within reach for {service}"
        for subnet in promptsvc.subnets
    )


@pytest.mark.parametrize(
    ("name", "change", "lacking"),
    [
        ("logs", {"privateDnsEnabled": False}, "logs"),
        ("logs", {"subnetIds": []}, "logs"),
        ("logs", {"serviceName": "com.amazonaws.eu-west-1.logs"}, "logs"),
        ("s3", {"routeTableIds": []}, "s3"),
        ("to-s3", {"prefixListId": "pl-1"}, "s3"),
        ("to-endpoints", {"toPort": 80, "fromPort": 80}, ALL),
        ("from-tasks", {"referencedSecurityGroupId": "sg-1"}, ALL),
    ],
)
def test_an_endpoint_is_within_reach_only_by_name_place_and_rule(
    promptsvc: Promptsvc, name: str, change: dict[str, Any], lacking: str
) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"""
    promptsvc.world.change(promptsvc.endpoints_instead_of_routes()[name], **change)
    assert promptsvc.why_not() == "; ".join(
        f"{STOPPED}{CUT_OFF}{subnet} has no route out and no endpoint within reach for {lacking}"
        for subnet in promptsvc.subnets
    )


def test_a_task_with_all_endpoints_within_reach_needs_no_route_out(promptsvc: Promptsvc) -> None:
    promptsvc.endpoints_instead_of_routes()
    assert promptsvc.up()


def test_a_task_with_a_public_address_goes_out_by_the_internet_gateway(promptsvc: Promptsvc) -> None:
    promptsvc.world.change(promptsvc.routes, routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": promptsvc.gateway}])
    public = {"subnets": promptsvc.subnets, "securityGroups": [promptsvc.group], "assignPublicIp": True}
    assert promptsvc.up(networkConfiguration=public)


@pytest.mark.parametrize("ports", [None, (80, 80), (444, 65535)])
def test_a_task_that_no_rule_lets_out_does_not_start(promptsvc: Promptsvc, ports: tuple[int, int] | None) -> None:
    if ports:
        promptsvc.world.change(promptsvc.egress, fromPort=ports[0], toPort=ports[1])
    else:
        promptsvc.forget(ec2.EGRESS_RULE)
    one = {"subnets": promptsvc.subnets[:1], "securityGroups": [promptsvc.group]}
    assert promptsvc.why_not(networkConfiguration=one) == f"{STOPPED}{CUT_OFF}no egress rule for port 443"


def test_an_image_for_another_processor_does_not_run(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html"""
    image = promptsvc.push("linux/arm64")
    assert promptsvc.why_not(promptsvc.container(image=image)) == (
        f"{STOPPED}CannotPullContainerError: {image} was built for linux/arm64, not for linux/amd64"
    )


@pytest.mark.parametrize("allowed", [[], PULL_ACTIONS, PULL_ACTIONS[1:]])
def test_another_accounts_image_is_pulled_only_when_its_repositorys_policy_says_so(
    promptsvc: Promptsvc, allowed: list[str]
) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html"""
    prod = Promptsvc(promptsvc.world.but(account="000000000001"))
    prod.allow(*((action, ["arn:aws:ecr:us-east-1:000000000000:repository/*"]) for action in PULL_ACTIONS))
    statement = {"Principal": {"AWS": ["arn:aws:iam::000000000001:root"]}, "Action": allowed}
    policy = json.dumps({"Statement": [statement]})
    promptsvc.world.create(ecr.REPOSITORY_POLICY, repository="mrgnl-promptsvc", policy=policy)
    borrowed = prod.container(image=promptsvc.image)
    if allowed == PULL_ACTIONS:
        assert prod.up(borrowed)
    else:
        assert prod.why_not(borrowed) == (
            f"{STOPPED}CannotPullContainerError: {promptsvc.image}:"
            " the repository's policy does not let account 000000000001 pull"
        )


def test_a_version_of_a_secret_that_does_not_exist_cannot_be_read(promptsvc: Promptsvc) -> None:
    reference = f"{promptsvc.secret}:::gone"
    assert promptsvc.why_not(promptsvc.container(secrets=[{"name": "DATABASE_URL", "valueFrom": reference}])) == (
        f"{STOPPED}ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {reference}"
    )


def test_a_version_of_a_secret_that_exists_can_be_read(promptsvc: Promptsvc) -> None:
    pinned = [{"name": "DATABASE_URL", "valueFrom": f"{promptsvc.secret}:::{promptsvc.version}"}]
    assert promptsvc.up(promptsvc.container(secrets=pinned))


def serve(promptsvc: Promptsvc, namespace: str = "mrgnl", port: int = 9001) -> None:
    served = [{"portName": "grpc", "clientAlias": [{"dnsName": "authsvc", "port": port}]}]
    connect = {"namespace": namespace, "services": served}
    promptsvc.world.create(
        ecs.SERVICE, "callee", **promptsvc.service(name="authsvc", serviceConnectConfiguration=connect)
    )


CALLS = [{"name": "AUTH_SERVICE", "value": "authsvc:9001"}]


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(None, id="not-there"),
        pytest.param({"namespace": "other"}, id="in-another-namespace"),
        pytest.param({"port": 9009}, id="on-another-port"),
    ],
)
def test_a_callee_that_was_not_in_the_namespace_is_never_resolved(
    promptsvc: Promptsvc, there: dict[str, Any] | None
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html"""
    if there:
        serve(promptsvc, **there)
    assert promptsvc.why_not(promptsvc.container(environment=CALLS)) == (
        f"{STOPPED}AUTH_SERVICE: authsvc:9001 was not in the namespace when the task started"
    )


def test_a_callee_that_was_there_first_is_resolved(promptsvc: Promptsvc) -> None:
    serve(promptsvc)
    assert promptsvc.up(promptsvc.container(environment=CALLS))


def test_all_that_a_task_lacks_is_said_at_once(promptsvc: Promptsvc) -> None:
    promptsvc.forbid("logs:CreateLogStream")
    for kind in (ecr.IMAGE, SECRET):
        promptsvc.forget(kind)
    assert promptsvc.why_not(promptsvc.container(environment=CALLS)).split(f"; {STOPPED}") == [
        f"{STOPPED}CannotPullContainerError: {promptsvc.image}: not found",
        NOT_READ.format(secret=promptsvc.secret),
        f"{NOT_ALLOWED.format(role=promptsvc.role)} logs:CreateLogStream on /ecs/mrgnl-promptsvc",
        "AUTH_SERVICE: authsvc:9001 was not in the namespace when the task started",
    ]
