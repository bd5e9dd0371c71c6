"""What AWS refuses of a deletion because another object uses the object, in its words.

The uses that are no property of their own, but inside of one; the others are the `references` of each type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecs import types
from simulator.aws.ecs_service import FORWARDING, forwards
from simulator.aws.routes import logical_name
from simulator.check import Checks
from simulator.cloud import Request
from simulator.store import Object

security_group = Checks[Request](f"{types.SECURITY_GROUP}, deleted")
subnet = Checks[Request](f"{types.SUBNET}, deleted")
internet_gateway = Checks[Request](f"{types.INTERNET_GATEWAY}, deleted")
target_group = Checks[Request](f"{types.TARGET_GROUP}, deleted")
certificate = Checks[Request](f"{types.CERTIFICATE}, deleted")
namespace = Checks[Request](f"{types.NAMESPACE}, deleted")


@security_group("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html")
def no_task_has_the_security_group(request: Request) -> Iterator[str]:
    """No network interface of a task has the group."""
    for each in request.all(types.SERVICE):
        if request.id in _network(each).get("securityGroups", []):
            yield f"DependencyViolation: resource {request.id} has a dependent object: tasks of {logical_name(each)}"


@subnet("https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html")
def no_task_is_in_the_subnet(request: Request) -> Iterator[str]:
    """No network interface of a task is in the subnet."""
    for each in request.all(types.SERVICE):
        if request.id in _network(each).get("subnets", []):
            yield f"DependencyViolation: The subnet '{request.id}' has dependencies: tasks of {logical_name(each)}"


@internet_gateway("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html")
def the_vpc_has_no_public_addresses(request: Request) -> Iterator[str]:
    """No NAT gateway, load balancer or task in the VPC has a public address."""
    vpc = request.inputs["vpcId"]
    subnets = {each.id for each in request.all(types.SUBNET, vpcId=vpc)}
    for each in _with_public_addresses(request):
        if subnets & set(each[1]):
            yield f"DependencyViolation: network {vpc} has some mapped public addresses: {logical_name(each[0])}"


@target_group("https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html")
def no_listener_forwards_to_the_target_group(request: Request) -> Iterator[str]:
    """No listener and no rule forwards to the group."""
    for each in [each for kind in FORWARDING for each in request.all(kind)]:
        if request.id in forwards(each.properties):
            yield f"ResourceInUse: Target group '{request.id}' is currently in use by a listener: {logical_name(each)}"


@certificate("https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html")
def no_listener_has_the_certificate(request: Request) -> Iterator[str]:
    """No listener has the certificate."""
    for each in request.all(types.LISTENER, certificateArn=request.id):
        yield f"ResourceInUseException: Certificate {request.id} is in use: {logical_name(each)}"


@namespace("https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteNamespace.html")
def no_service_is_in_the_namespace(request: Request) -> Iterator[str]:
    """The namespace has no service, as each Service Connect service is one."""
    for each in request.all(types.SERVICE):
        connect = each.properties.get("serviceConnectConfiguration", {})
        if connect.get("services") and connect.get("namespace") == request.inputs.get("arn"):
            yield f"ResourceInUse: Namespace {request.id} contains services: {logical_name(each)}"


def _with_public_addresses(request: Request) -> Iterator[tuple[Object, list[str]]]:
    """The objects with public addresses, and their subnets."""
    for each in request.all(types.NAT_GATEWAY):
        yield each, [each.properties["subnetId"]]
    for each in request.all(types.LOAD_BALANCER):
        if not each.properties.get("internal"):
            yield each, each.properties["subnets"]
    for each in request.all(types.SERVICE):
        if _network(each).get("assignPublicIp"):
            yield each, _network(each)["subnets"]


def _network(service: Object) -> dict[str, Any]:
    return service.properties.get("networkConfiguration") or {}
