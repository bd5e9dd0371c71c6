"""The private addresses of the tasks of a rollout: each task on Fargate has an interface of its own."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator.aws import ranges, routes
from simulator.aws.ecs_service import strategy
from simulator.aws.start.task import Task, start
from simulator.aws.values import mapping, number, text
from simulator.cloud import Request, as_list
from simulator.store import Object, Properties

RESERVED = 5
"""Addresses of each subnet that AWS keeps. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""
TWICE = 200
"""Percent of the tasks that run while traffic is shifted.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html"""
BALANCER = 8
"""Addresses of each of its subnets that a load balancer may use to scale.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html")
def a_rollout_has_addresses(task: Task) -> Iterator[str]:
    """The subnets have addresses for a rollout of the service at its highest number, beside the other services."""
    subnets = [each for each in task.request.visible(types.SUBNET) if each.id in task.subnets]
    blocks = ranges.parsed(each.properties.get("cidrBlock") for each in subnets)
    if not subnets or len(blocks) < len(subnets):
        return
    free = sum(each.num_addresses - RESERVED for each in blocks) - _used(task.request, subnets)
    # To shift traffic, ECS starts as many new tasks as there are; the percentage is for ROLLING.
    is_rolling = strategy(task.service) == "ROLLING"
    percent = task.service.get("deploymentMaximumPercent", 200) if is_rolling else TWICE
    own = int(_highest(task.request, task.service) * percent // 100)
    others = sum(_highest(task.request, each.properties) for each in _others(task))
    if own + others > free:
        names = ", ".join(sorted(routes.logical_name(each) for each in subnets))
        yield (
            f"InsufficientFreeAddressesInSubnet: {names} have {free} free addresses, but a rollout needs {own}"
            f" and the tasks of the other services {others}"
        )


def _others(task: Task) -> Iterator[Object]:
    """The other services whose tasks are in no other subnets than this task."""
    for each in task.request.all(types.SERVICE):
        subnets = as_list(mapping(each.properties.get("networkConfiguration")).get("subnets"))
        same = each.id == task.request.id or each.properties["name"] == task.service["name"]
        if not same and set(subnets) <= set(task.subnets):
            yield each


def _highest(request: Request, service: Properties) -> int:
    """The highest number of tasks outside of a rollout: the maximum of the scaling, or the desired count."""
    name = f"service/{text(service.get('cluster')).rsplit('/')[-1]}/{service['name']}"
    scaled = [each.properties.get("maxCapacity") for each in request.all(types.SCALING_TARGET, resourceId=name)]
    return max(number(each) or 0 for each in (*scaled, service.get("desiredCount", 1)))


def _used(request: Request, subnets: list[Object]) -> int:
    """The addresses of NAT gateways, endpoints, load balancers and databases in these subnets."""
    ids = {each.id for each in subnets}
    gateways = sum(each.properties.get("subnetId") in ids for each in request.all(types.NAT_GATEWAY))
    endpoints, balanced = (
        sum(len(ids & set(as_list(each.properties.get(key)))) for each in request.all(kind))
        for kind, key in ((types.VPC_ENDPOINT, "subnetIds"), (types.LOAD_BALANCER, "subnets"))
    )
    groups = {
        each.properties["name"]
        for each in request.all(types.DB_SUBNET_GROUP)
        if set(as_list(each.properties["subnetIds"])) <= ids
    }
    databases = sum(each.properties.get("dbSubnetGroupName") in groups for each in request.all(types.DB_INSTANCE))
    return gateways + endpoints + balanced * BALANCER + databases
