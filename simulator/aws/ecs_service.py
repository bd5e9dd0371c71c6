"""What CreateService and UpdateService accept.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws.ecs_definition import containers
from simulator.aws.values import is_known, mapping, mappings, number, other_than, outside, repeated, text, texts
from simulator.check import Checks
from simulator.cloud import Request
from simulator.store import Object, Properties

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"
MAX_SECONDS = 2_147_483_647

service = Checks[Request](types.SERVICE)


def definition_of(request: Request) -> Properties:
    """The task definition of the service; nothing if it does not exist."""
    found = request.visible(types.TASK_DEFINITION, arn=request.inputs.get("taskDefinition"))
    return found[0].properties if found else {}


def uses_fargate(inputs: Properties) -> bool:
    providers = [text(each.get("capacityProvider")) for each in mappings(inputs.get("capacityProviderStrategies"))]
    return inputs.get("launchType") == "FARGATE" or any(each.startswith("FARGATE") for each in providers)


def strategy(inputs: Properties) -> str:
    """The name of the strategy. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html"""
    return text(mapping(inputs.get("deploymentConfiguration")).get("strategy")) or "ROLLING"


@service(API, confirmed="botocore")
def values_are_those_of_the_api(request: Request) -> Iterator[str]:
    """A service has a name, and values that the API knows."""
    code, inputs = "InvalidParameterException", request.inputs
    name = inputs.get("name")
    if is_known(name) and not re.fullmatch(r"[0-9A-Za-z_-]{1,255}", str(name)):
        yield f"{code}: Service name {name!r} must have 1 to 255 letters, numbers, underscores and hyphens"
    if not inputs.get("cluster"):
        yield "ClusterNotFoundException: Cluster not found: the service names none"
    if not inputs.get("taskDefinition"):
        yield f"{code}: TaskDefinition can not be blank."
    allowed = [
        ("availabilityZoneRebalancing", ("ENABLED", "DISABLED")),
        ("launchType", ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")),
        ("propagateTags", ("TASK_DEFINITION", "SERVICE", "NONE")),
        ("schedulingStrategy", ("REPLICA", "DAEMON")),
    ]
    yield from other_than(code, inputs, allowed)
    controller = mapping(inputs.get("deploymentController"))
    yield from other_than(code, controller, [("type", ("ECS", "CODE_DEPLOY", "EXTERNAL"))])
    limits = [("healthCheckGracePeriodSeconds", 0, MAX_SECONDS), ("desiredCount", 0, MAX_SECONDS)]
    yield from outside(code, inputs, limits)


STRATEGY = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"


@service(STRATEGY, confirmed="nobody")
def a_strategy_names_a_provider_once(request: Request) -> Iterator[str]:
    """A capacity provider is once in a strategy."""
    strategy = mappings(request.inputs.get("capacityProviderStrategies"))
    for provider in repeated(text(each.get("capacityProvider")) for each in strategy):
        yield f"InvalidParameterException: capacity provider {provider} is more than once in the strategy"


@service(STRATEGY)
def capacity_providers_are_those_of_the_cluster(request: Request) -> Iterator[str]:
    """A strategy names providers of the cluster, one with a base and one with a weight; none beside a launch type."""
    code = "InvalidParameterException"
    strategy = mappings(request.inputs.get("capacityProviderStrategies"))
    if strategy and request.inputs.get("launchType"):
        yield f"{code}: Specifying both a launch type and capacity provider strategy is not supported"
    clusters = {each.properties["name"] for each in request.visible(types.CLUSTER, arn=request.inputs.get("cluster"))}
    associated = {
        provider
        for each in request.visible(types.CAPACITY_PROVIDERS)
        if each.properties["clusterName"] in clusters
        for provider in texts(each.properties.get("capacityProviders"))
    }
    for each in strategy:
        if (provider := each.get("capacityProvider")) not in associated:
            yield f"{code}: capacity provider {provider} is not associated with the cluster"
        yield from outside(code, each, [("weight", 0, 1000), ("base", 0, 100_000)])
    if sum(bool(number(each.get("base"))) for each in strategy) > 1:
        yield f"{code}: Only one capacity provider in a strategy can have a base"
    if strategy and not any(each.get(key) for each in strategy for key in ("weight", "base")):
        yield f"{code}: at least one capacity provider of the strategy must have a weight above 0"
    if len(strategy) > 20:
        yield f"{code}: a capacity provider strategy can have at most 20 items, not {len(strategy)}"


@service(
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html", confirmed="nobody"
)
def a_deployment_can_replace_tasks(request: Request) -> Iterator[str]:
    """The percentages of a rolling deployment let it start a task before or after it stops another."""
    code, inputs = "InvalidParameterException", request.inputs
    limits = [("deploymentMinimumHealthyPercent", 0, 200), ("deploymentMaximumPercent", 1, 100_000)]
    yield from outside(code, inputs, limits)
    low = number(inputs.get("deploymentMinimumHealthyPercent", 100))
    high = number(inputs.get("deploymentMaximumPercent", 200))
    if low is not None and high is not None:
        if low == high == 100:
            yield f"{code}: Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments"
        elif low > high:
            yield f"{code}: minimumHealthyPercent {low} must not be above maximumPercent {high}"
        elif high < 100:
            yield f"{code}: maximumPercent must be at least 100, not {high}"
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
    if inputs.get("availabilityZoneRebalancing") == "ENABLED" and high is not None and high <= 100:
        yield f"{code}: Availability Zone rebalancing requires a maximumPercent above 100, not {high}"


def _is_rolling(inputs: Properties) -> bool:
    """Whether ECS itself deploys the service."""
    return mapping(inputs.get("deploymentController")).get("type", "ECS") == "ECS"


@service("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html")
def a_circuit_breaker_needs_rolling_updates(request: Request) -> Iterator[str]:
    """The deployment circuit breaker is for the deployment controller ECS."""
    if mapping(request.inputs.get("deploymentCircuitBreaker")).get("enable") and not _is_rolling(request.inputs):
        yield "InvalidParameterException: the deployment circuit breaker requires the deployment controller ECS"


def alarms(inputs: Properties) -> list[str]:
    """The names of the alarms that ECS watches during a deployment."""
    watched = [each for each in mappings(inputs.get("alarms")) if each.get("enable")]
    return [name for each in watched for name in texts(each.get("alarmNames"))]


@service(
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html", confirmed="nobody"
)
def deployment_alarms_exist(request: Request) -> Iterator[str]:
    """The alarms of a deployment exist before the service, and the deployment controller is ECS."""
    code, names = "InvalidParameterException", alarms(request.inputs)
    for each in names:
        if not request.visible(types.METRIC_ALARM, name=each):
            yield f"{code}: the deployment alarm {each} does not exist: no {types.METRIC_ALARM} has this name"
    if names and not _is_rolling(request.inputs):
        yield f"{code}: deployment alarms require the deployment controller ECS"


# And, of placement: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
@service(API)
def the_task_definition_runs_on_fargate(request: Request) -> Iterator[str]:
    """A service on Fargate is a replica service of a task definition for Fargate, without placement."""
    code, found = "InvalidParameterException", definition_of(request)
    if not uses_fargate(request.inputs):
        return
    compatibilities = texts(found.get("requiresCompatibilities"))
    if compatibilities and "FARGATE" not in compatibilities:
        requires = ", ".join(compatibilities)
        yield f"{code}: Task definition does not support launch_type FARGATE: requiresCompatibilities is {requires}"
    if request.inputs.get("schedulingStrategy") == "DAEMON":
        yield f"{code}: The daemon scheduling strategy is not supported on Fargate"
    for key in ("orderedPlacementStrategies", "placementConstraints"):
        if request.inputs.get(key):
            yield f"{code}: {key} is not supported on Fargate"
    if request.inputs.get("iamRole"):
        yield f"{code}: You cannot specify an IAM role for services that require a service linked role"
    yield from other_than(code, request.inputs, [("platformVersion", ("LATEST", "1.4.0", "1.3.0", "1.0.0"))])
    if request.inputs.get("platformVersion") in ("1.3.0", "1.0.0") and request.inputs.get(
        "serviceConnectConfiguration"
    ):
        yield f"{code}: Service Connect requires the platform version 1.4.0"
    if request.inputs.get("enableExecuteCommand") and not found.get("taskRoleArn"):
        yield f"{code}: enableExecuteCommand requires a task role: the task definition has no taskRoleArn"


@service("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html")
def the_network_is_one_vpc(request: Request) -> Iterator[str]:
    """In the mode awsvpc a service has up to 16 subnets and 5 security groups, which exist, in one VPC."""
    code, given = "InvalidParameterException", request.inputs.get("networkConfiguration")
    network = mapping(given)
    if not network:
        if definition_of(request).get("networkMode") == "awsvpc" and (given is None or isinstance(given, dict)):
            yield f"{code}: Network Configuration must be provided when networkMode 'awsvpc' is specified"
        return
    subnets, groups = texts(network.get("subnets")), texts(network.get("securityGroups"))
    if not network.get("subnets"):
        yield f"{code}: subnets can not be empty"
    for key, found, limit in (("subnets", subnets, 16), ("securityGroups", groups, 5)):
        if len(found) > limit:
            yield f"{code}: {key} can have at most {limit} items, not {len(found)}"
    placed = {key: _placed(request, kind, ids) for key, kind, ids in (
        ("subnet", types.SUBNET, subnets), ("security group", types.SECURITY_GROUP, groups)
    )}  # fmt: skip
    for key, ids in (("subnet", subnets), ("security group", groups)):
        for each in ids:
            if each not in placed[key]:
                yield f"{code}: The {key} '{each}' does not exist"
    if len(vpcs := {*placed["subnet"].values()}) > 1:
        yield f"{code}: the subnets are in more than one VPC: {', '.join(sorted(vpcs))}"
    for group, vpc in placed["security group"].items():
        if vpcs and vpc not in vpcs:
            yield f"{code}: the security group {group} is in {vpc}, the subnets are in {', '.join(sorted(vpcs))}"


def _placed(request: Request, kind: str, ids: list[str]) -> dict[str, str]:
    """The VPC of each of these objects that exists."""
    return {each.id: str(each.properties.get("vpcId")) for each in request.visible(kind) if each.id in ids}


# https://github.com/aws/aws-cdk/issues/34290
@service("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html", confirmed="recorded answer")
def load_balancers_have_a_listener(request: Request) -> Iterator[str]:
    """A target group belongs to a load balancer: a listener forwards to it."""
    forwarded = {arn for kind in FORWARDING for each in request.visible(kind) for arn in forwards(each.properties)}
    for target in mappings(request.inputs.get("loadBalancers")):
        if not (arn := target.get("targetGroupArn")):
            yield "InvalidParameterException: loadBalancers requires a targetGroupArn"
        elif arn not in forwarded:
            yield f"InvalidParameterException: the target group {arn} does not have an associated load balancer"


FORWARDING = (types.LISTENER, types.LISTENER_RULE)
"""The types that forward requests to target groups."""


def forwards(listener: Properties) -> Iterator[str]:
    """The ARNs of the target groups of the actions of a listener or a rule."""
    for action in mappings(listener.get("defaultActions", listener.get("actions"))):
        groups = mappings(mapping(action.get("forward")).get("targetGroups"))
        yield from texts([action.get("targetGroupArn"), *(each.get("arn") for each in groups)])


def balancer_arn(listener: Properties) -> str:
    """The ARN of the load balancer of a listener or a rule."""
    of_rule = text(listener.get("listenerArn")).rpartition("/")[0].replace(":listener/", ":loadbalancer/")
    return text(listener.get("loadBalancerArn")) or of_rule


@service("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html")
def load_balancers_reach_a_mapped_port(request: Request) -> Iterator[str]:
    """A load balancer's block names a container of the task definition and a port that it maps."""
    found = {each.get("name"): each for each in containers(definition_of(request))}
    for target in mappings(request.inputs.get("loadBalancers")) if found else []:
        name, port = target.get("containerName"), number(target.get("containerPort"))
        if name not in found:
            yield (
                f"InvalidParameterException: The container {name} does not exist in the task definition:"
                f" it has {', '.join(map(str, found))}"
            )
        elif port not in (ports := [each.get("containerPort") for each in found[name].get("portMappings", [])]):
            yield (
                f"InvalidParameterException: The container {name} did not have a container port {port} defined:"
                f" it maps {', '.join(map(str, ports)) or 'no port'}"
            )


@service("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html")
def target_groups_take_addresses_of_the_vpc(request: Request) -> Iterator[str]:
    """Tasks in the mode awsvpc are targets by address, in the VPC of their subnets."""
    vpcs = {
        *_placed(
            request, types.SUBNET, texts(mapping(request.inputs.get("networkConfiguration")).get("subnets"))
        ).values()
    }
    for group in target_groups(request):
        arn, vpc = group.properties["arn"], group.properties.get("vpcId")
        if (kind := group.properties.get("targetType", "instance")) != "ip":
            yield (
                f"InvalidParameterException: The provided target group {arn} has target type {kind}, which is"
                " incompatible with the awsvpc network mode specified in the task definition"
            )
        if vpcs and is_known(vpc) and vpc not in vpcs:
            yield (
                f"InvalidParameterException: the target group {arn} is in {vpc},"
                f" the subnets of the service are in {', '.join(sorted(vpcs))}"
            )


def target_groups(request: Request) -> list[Object]:
    arns = [text(each.get("targetGroupArn")) for each in mappings(request.inputs.get("loadBalancers"))]
    return [each for each in request.visible(types.TARGET_GROUP) if each.properties["arn"] in arns]
