"""What the simulated cloud refuses of changes of the program's services and cluster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.program.mutations import ACCOUNTS, Case, Change, assert_refused, deployed, mutate, put, refusals, within


def connect(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["serviceConnectConfiguration"]["services"][0])


def alias(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["serviceConnectConfiguration"]["services"][0]["clientAlias"][0])


def twice(items: list[str]) -> None:
    items.extend(list(items))


def again(found: Any) -> None:
    """The port of the service with a second name: one port may have several."""
    services = found["serviceConnectConfiguration"]["services"]
    services.append({**services[0], "discoveryName": "again", "clientAlias": [{"port": 9999, "dnsName": "again"}]})


OTHER_LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/other"}}

SERVICES: list[Case] = [
    ("mcp-service", put(name="my mcp"), "Service name 'my mcp'"),
    ("mcp-service", put(cluster=None), "ClusterNotFoundException"),
    ("mcp-service", put(cluster="arn:aws:ecs:us-east-1:000000000000:cluster/other"), "cluster/other' does not exist"),
    ("mcp-service", put(taskDefinition=None), "TaskDefinition can not be blank"),
    ("mcp-service", put(launchType="FARGATE"), "Specifying both a launch type and capacity provider strategy"),
    ("mcp-service", put(capacityProviderStrategies=[]), "no container instance met all of its requirements"),
    ("mcp-service", within("capacityProviderStrategies", capacityProvider="SPOT"), "SPOT is not associated"),
    ("mcp-service", within("capacityProviderStrategies", weight=0), "must have a weight above 0"),
    (
        "mcp-service",
        within("capacityProviderStrategies", weight=1001),
        "capacityProviderStrategies[0].weight 1001 is greater than 1000",
    ),
    ("mcp-service", within("capacityProviderStrategies", capacityProvider="FARGATE_SPOT"), "is more than once"),
    ("mcp-service", put(desiredCount=-1), "desiredCount must be a whole number from 0 to 2147483647, not -1"),
    ("mcp-service", put(deploymentMaximumPercent=100), "Both maximumPercent and minimumHealthyPercent cannot be 100"),
    ("mcp-service", put(deploymentMaximumPercent=90), "must not be above maximumPercent 90"),
    ("mcp-service", put(deploymentMaximumPercent=150), "unable to place tasks: with 1 of 1 tasks running"),
    ("mcp-service", put(deploymentController={"type": "CODE_DEPLOY"}), "requires the deployment controller ECS"),
    (
        "mcp-service",
        put(deploymentController={"type": "ecs"}),
        "deploymentController.type 'ecs' is not one of CODE_DEPLOY",
    ),
    ("mcp-service", put(healthCheckGracePeriodSeconds=-1), "healthCheckGracePeriodSeconds must be"),
    ("mcp-service", put(propagateTags="YES"), "propagateTags 'YES' is not one of NONE"),
    ("mcp-service", put(availabilityZoneRebalancing="ON"), "availabilityZoneRebalancing 'ON' is not one of ENABLED"),
    ("mcp-service", put(schedulingStrategy="DAEMON"), "daemon scheduling strategy is not supported"),
    ("mcp-service", put(platformVersion="1.3.0"), "Service Connect requires the platform version 1.4.0"),
    ("mcp-service", put(networkConfiguration=None), "Network Configuration must be provided"),
    ("mcp-service", within("networkConfiguration", subnets=[]), "subnets can not be empty"),
    ("mcp-service", within("networkConfiguration", subnets=["subnet-1"]), "The subnet 'subnet-1' does not exist"),
    (
        "mcp-service",
        within("networkConfiguration", securityGroups=["sg-1"]),
        "The security group 'sg-1' does not exist",
    ),
    ("mcp-service", within("networkConfiguration", securityGroups=[f"sg-{n}" for n in range(6)]), "at most 5 items"),
    (
        "mcp-service",
        within("networkConfiguration", assignPublicIp="ENABLED"),
        "networkConfiguration.assignPublicIp 'ENABLED' is text, not a boolean",
    ),
    (
        "mcp-service",
        within("loadBalancers", containerName="web"),
        "The container web does not exist in the task definit",
    ),
    ("mcp-service", within("loadBalancers", containerPort=80), "did not have a container port 80 defined"),
    ("mcp-service", within("loadBalancers", targetGroupArn="arn:x"), "does not have an associated load balancer"),
    ("mcp-service", within("loadBalancers", targetGroupArn=None), "requires a targetGroupArn"),
    ("mcp-service", put(serviceConnectConfiguration=None), "AUTH_SERVICE: authsvc:9001 needs Service Connect"),
    ("mcp-service", within("serviceConnectConfiguration", enabled=False), "AUTH_SERVICE: authsvc:9001 needs Service"),
    ("mcp-service", within("serviceConnectConfiguration", enabled=None), "enabled is required"),
    ("mcp-service", within("serviceConnectConfiguration", namespace="other"), "NamespaceNotFoundException"),
    ("mcp-service", within("serviceConnectConfiguration", namespace=None), "requires a namespace"),
    (
        "mcp-service",
        within("serviceConnectConfiguration", logConfiguration=None),
        "accessLogConfiguration requires a logConfiguration of serviceConnectConfiguration",
    ),
    (
        "mcp-service",
        within("serviceConnectConfiguration", accessLogConfiguration={"format": "XML"}),
        "accessLogConfiguration.format 'XML' is not one of TEXT, JSON",
    ),
    (
        "mcp-service",
        within("serviceConnectConfiguration", accessLogConfiguration={"includeQueryParameters": "DISABLED"}),
        "accessLogConfiguration.format is required",
    ),
    (
        "mcp-service",
        within("serviceConnectConfiguration", logConfiguration=OTHER_LOGS),
        "failed to validate logger args: the log group /ecs/other does not exist",
    ),
    ("authsvc-service", put(serviceConnectConfiguration=None), "mcp-service: AUTH_SERVICE: authsvc:9001 was not in"),
    (
        "authsvc-service",
        connect(portName="http"),
        "the portName http was not found in the task definition: it has grpc",
    ),
    ("authsvc-service", connect(portName=None), "portName is required"),
    ("authsvc-service", connect(discoveryName="Auth"), "discoveryName 'Auth' contains invalid characters"),
    ("authsvc-service", connect(discoveryName="chatsvc"), "the discoveryName chatsvc is taken by the service chatsvc"),
    ("authsvc-service", connect(clientAlias=[]), "must have one clientAlias, not 0"),
    ("authsvc-service", alias(port=9100), "AUTH_SERVICE: authsvc:9001 was not in the namespace"),
    ("authsvc-service", alias(port=0), "port must be a whole number from 1 to 65535"),
    ("authsvc-service", alias(dnsName="auth"), "AUTH_SERVICE: authsvc:9001 was not in the namespace"),
    ("authsvc-service", alias(dnsName="chatsvc", port=9004), "the clientAlias chatsvc:9004 is taken by the service"),
    (
        "authsvc-service",
        connect(timeout={"idleTimeoutSeconds": -1}),
        "serviceConnectConfiguration.services[0].timeout.idleTimeoutSeconds -1 is less than 0",
    ),
    ("authsvc-service", put(desiredCount="two"), "desiredCount 'two' is text, not a number"),
    ("cluster-cluster", put(name="my cluster"), "Cluster name 'my cluster'"),
    ("cluster-cluster", within("settings", value="on"), "value must be one of enabled, disabled, enhanced"),
    ("cluster-capacity", put(capacityProviders=["FARGATE", "SPOT"]), "capacity provider 'SPOT' was not found"),
    ("cluster-capacity", put(capacityProviders=["FARGATE"]), "FARGATE_SPOT is not associated with the cluster"),
]


@ACCOUNTS
@pytest.mark.parametrize("case", SERVICES, ids=lambda case: case[2][:40])
def test_a_change_of_a_service_is_refused_for_its_cause(case: Case, account: str) -> None:
    name, change, reason = case
    world = deployed(account=account, probe=True)
    mutate(world, name, change)
    assert_refused(world, reason)


ACCEPTED: list[tuple[str, Change]] = [
    ("mcp-service", put(launchType="FARGATE", capacityProviderStrategies=None)),
    ("mcp-service", put(healthCheckGracePeriodSeconds=None, propagateTags=None, platformVersion="LATEST")),
    ("mcp-service", put(deploymentMinimumHealthyPercent=0, deploymentMaximumPercent=150)),
    ("authsvc-service", connect(discoveryName=None)),
    ("authsvc-service", put(healthCheckGracePeriodSeconds=30)),
    ("authsvc-service", again),
    # A set of the provider: AWS sees each once.
    ("cluster-capacity", lambda found: twice(found["capacityProviders"])),
    ("mcp-service", lambda found: twice(found["networkConfiguration"]["subnets"])),
    ("mcp-service", lambda found: twice(found["networkConfiguration"]["securityGroups"])),
]


@pytest.mark.parametrize("case", ACCEPTED, ids=[str(number) for number in range(len(ACCEPTED))])
def test_a_change_of_a_service_that_aws_takes_is_accepted(case: tuple[str, Change]) -> None:
    world = deployed(probe=True)
    mutate(world, *case)
    assert refusals(world) == []
