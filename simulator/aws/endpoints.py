"""VPC endpoints between a task and the services of AWS. https://docs.aws.amazon.com/vpc/latest/privatelink/"""

from __future__ import annotations

from collections.abc import Mapping

from ecs import types
from simulator.aws import permissions, routes, traffic
from simulator.aws.traffic import End
from simulator.cloud import Request, as_list
from simulator.store import Object

Uses = Mapping[str, str]
"""The resource of each action that a task needs of a service."""


def candidates(request: Request, service: str, vpc: object) -> list[Object]:
    """The endpoints for a service of this region in a VPC."""
    return request.visible(types.VPC_ENDPOINT, serviceName=f"com.amazonaws.{request.region}.{service}", vpcId=vpc)


def not_used(request: Request, endpoint: Object, subnet: str) -> str | None:
    """Why the subnet's traffic to the service does not take the endpoint; None if it does.

    The private DNS name of an interface endpoint resolves to its interfaces in the whole VPC, in each of its subnets.
    https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
    """
    properties, name = endpoint.properties, routes.logical_name(endpoint)
    if properties.get("vpcEndpointType", "Gateway") == "Gateway":
        attached = {each.id for each in routes.tables(request, subnet)} & set(as_list(properties.get("routeTableIds")))
        return None if attached else f"{name} is not in its route table"
    if not properties.get("subnetIds"):
        return f"{name} has no subnet"
    if not properties.get("privateDnsEnabled"):
        return f"{name} has no private DNS name"
    vpc = routes.by_id(request, types.VPC, properties["vpcId"])
    if vpc and not vpc.properties.get("enableDnsHostnames"):
        return f"{name} has no private DNS name: {routes.logical_name(vpc)} lacks enableDnsHostnames"
    return None


def problem(request: Request, endpoint: Object, task: End, uses: Uses) -> str | None:
    """Why the endpoint does not let the task use the service; None if it does."""
    properties, name = endpoint.properties, routes.logical_name(endpoint)
    for action, resource in uses.items():
        if not _policy_allows(properties.get("policy"), action, resource):
            return f"the policy of {name} does not allow {action} on {resource}"
    if properties.get("vpcEndpointType", "Gateway") == "Gateway":
        target = End(name=name, groups=[], subnets=[], prefix_list=properties["prefixListId"])
        internet = End(name=name, groups=[], subnets=[], blocks=(traffic.INTERNET,))
        if not traffic.problem(request, task, internet, 443):
            return None
    else:
        groups = as_list(properties.get("securityGroupIds"))
        target = End(name=name, groups=groups, subnets=as_list(properties["subnetIds"]))
    return traffic.problem(request, task, target, 443)


def _policy_allows(policy: object, action: str, resource: str) -> bool:
    """Without a policy an endpoint allows everything.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    return not policy or permissions.decide(permissions.read(str(policy)), action, resource) == "allowed"
