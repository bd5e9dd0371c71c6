"""The load balancer, gateways, addresses, endpoints and the firewall."""

from __future__ import annotations

from cost.charge import Charge, Found, Usage, hourly, monthly
from cost.deployment import Deployment, Resource
from cost.prices import HOURS
from ecs import types

PER_LCU = 25 * 3600
"""New connections in an hour for one LCU, which also has one GB in an hour.
https://aws.amazon.com/elasticloadbalancing/pricing/"""
DAYS = HOURS / 24


def load_balancer(resource: Resource, stack: Deployment) -> Found:
    """With a public address in each zone. Even traffic is assumed, with a connection for each request."""
    zones = len(resource.inputs.get("subnets") or ())
    thing, detail = "the load balancer", f"in {zones} zones"
    yield hourly(thing, "load-balancer", detail=detail)
    if not resource.inputs.get("internal"):
        yield hourly(thing, "public-ipv4", zones, detail=detail)
    gigabytes = stack.expect.get("gigabytes-out")
    yield Usage(thing="capacity units of the load balancer", item="load-balancer/lcu", units=_lcu_hours(stack))
    yield Usage(thing="data out to the internet", item="data/internet", units=gigabytes)


def _lcu_hours(stack: Deployment) -> float | None:
    """By the dimension that needs most of them; None without an expectation."""
    requests, gigabytes = requests_a_month(stack), stack.expect.get("gigabytes-out")
    if requests is None and gigabytes is None:
        return None
    return max((requests or 0) / PER_LCU, gigabytes or 0)


def requests_a_month(stack: Deployment) -> float | None:
    daily = stack.expect.get("requests-per-day")
    return None if daily is None else daily * DAYS


def nat_gateway(resource: Resource, stack: Deployment) -> Found:
    yield hourly(_gateway(resource, stack), "nat-gateway")
    yield Usage(thing="data through NAT gateways", item="nat-gateway/gb")


def address(resource: Resource, stack: Deployment) -> Found:
    """An Elastic IP is billed in use and idle. That of a NAT gateway is shown with it."""
    gateway = stack.referring(resource, "allocationId", types.NAT_GATEWAY)
    yield hourly(_gateway(gateway, stack) if gateway else f"the public address {resource.name}", "public-ipv4")


def _gateway(gateway: Resource, stack: Deployment) -> str:
    subnet = stack.referenced(gateway, "subnetId", types.SUBNET)
    return f"a NAT gateway in {subnet.inputs.get('availabilityZone')}" if subnet else f"the NAT gateway {gateway.name}"


def endpoint(resource: Resource, _: Deployment) -> Found:
    """A gateway endpoint is free. An interface endpoint is billed in each subnet, of which a zone has one here."""
    if resource.inputs.get("vpcEndpointType") != "Interface":
        return
    service = str(resource.inputs.get("serviceName") or resource.name).split(".", 3)[-1]
    zones = len(resource.inputs.get("subnetIds") or ())
    yield hourly(f"the endpoint of {service}", "endpoint", zones, detail=f"in {zones} zones")
    yield Usage(thing="data through interface endpoints", item="endpoint/gb")


def network(_: Resource, __: Deployment) -> Found:
    """https://aws.amazon.com/ec2/pricing/on-demand/ (data transfer within the same region)"""
    yield Usage(thing="data between zones, in each direction", item="data/zones")


def flow_log(_: Resource, __: Deployment) -> Found:
    yield Usage(thing="flow logs, delivered to S3", item="logs/delivered")


def web_acl(resource: Resource, stack: Deployment) -> Found:
    """A rule group counts as one rule. https://aws.amazon.com/waf/pricing/"""
    rules = len(resource.inputs.get("rules") or ())
    yield monthly("the web ACL", "web-acl", detail=f"{rules} rules")
    yield Charge(thing="the web ACL", item="web-acl/rule", least=rules, most=rules, detail=f"{rules} rules")
    requests = requests_a_month(stack)
    yield Usage(
        thing="requests that the web ACL inspects",
        item="web-acl/requests",
        units=None if requests is None else requests / 1_000_000,
    )
