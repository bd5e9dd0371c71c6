"""Load balancers, certificates, DNS records and autoscaling."""

from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from simulator.cloud import INTERRUPTED
from simulator.store import Object
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import World, network, rejection

RESPOND = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "503"}}
ADDRESS = {"records": ["203.0.113.1"], "ttl": 300}


def balancer(world: World, *, routed: bool = True, **changes: Any) -> dict[str, Any]:
    vpc, subnets = network(world)
    gateway = world.create(types.INTERNET_GATEWAY, vpcId=vpc.id).id
    routes = [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway}] if routed else []
    table = world.create(types.ROUTE_TABLE, vpcId=vpc.id, routes=routes).id
    for each in subnets:
        world.create(types.ROUTE_TABLE_ASSOCIATION, each.urn, subnetId=each.id, routeTableId=table)
    return {"name": "mrgnl", "subnets": [each.id for each in subnets], **changes}


def listener(world: World, created: Object, port: int = 80, **changes: Any) -> dict[str, Any]:
    return {"loadBalancerArn": created.id, "port": port, "protocol": "HTTP", "defaultActions": [RESPOND], **changes}


def test_a_load_balancer_in_one_zone_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
    inputs = balancer(world)
    assert world.rejection(types.LOAD_BALANCER, **{**inputs, "subnets": inputs["subnets"][:1]}) == (
        "ValidationError: at least two subnets in two different Availability Zones must be specified"
    )


def test_a_load_balancer_in_subnets_without_a_route_to_the_internet_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"""
    inputs = balancer(world, routed=False)
    [vpc] = world.all(types.VPC)
    assert world.rejection(types.LOAD_BALANCER, **inputs) == "; ".join(
        f"InvalidSubnet: VPC {vpc.id} has no internet gateway route in {subnet}" for subnet in inputs["subnets"]
    )


def test_a_load_balancer_with_deletion_protection_cannot_be_deleted(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
    created = world.create(types.LOAD_BALANCER, **balancer(world, enableDeletionProtection=True))
    assert rejection(lambda: world.delete(created)) == (
        f"OperationNotPermitted: load balancer '{created.id}' cannot be deleted: deletion protection is enabled"
    )


def test_a_second_listener_on_a_port_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"""
    created = world.create(types.LOAD_BALANCER, **balancer(world))
    world.create(types.LISTENER, "http", **listener(world, created))
    assert world.rejection(types.LISTENER, "again", **listener(world, created)) == (
        "DuplicateListener: a listener already exists on port 80"
    )
    assert world.rejection(types.LISTENER, "http", **listener(world, created)) == (
        f"DuplicateListener: a listener already exists on port 80{INTERRUPTED}"
    )
    assert world.create(types.LISTENER, "other", **listener(world, created, port=8080))


def test_an_https_listener_without_a_certificate_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"""
    created = world.create(types.LOAD_BALANCER, **balancer(world))
    assert world.rejection(types.LISTENER, **listener(world, created, port=443, protocol="HTTPS")) == (
        "ValidationError: a certificate must be specified for HTTPS listeners"
    )


def test_a_certificate_is_issued_only_if_its_validation_record_exists(world: World) -> None:
    """https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""
    certificate = world.create(types.CERTIFICATE, domainName="api.marginalia.sh", validationMethod="DNS")
    [option] = certificate.properties["domainValidationOptions"]
    name = option["resourceRecordName"]
    inputs = {"certificateArn": certificate.id, "validationRecordFqdns": [name]}
    assert world.rejection(types.CERTIFICATE_VALIDATION, **inputs) == (
        f"the certificate stays PENDING_VALIDATION: there is no record {name}"
    )
    values = {"records": [option["resourceRecordValue"]], "ttl": 300}
    world.create(types.RECORD, zoneId="Z1", name=name, type=option["resourceRecordType"], **values)
    assert world.create(types.CERTIFICATE_VALIDATION, **inputs)


@pytest.mark.parametrize("overwrite", [True, False])
def test_an_existing_record_is_overwritten_only_with_allow_overwrite(world: World, overwrite: bool) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html"""
    record = {"zoneId": "Z1", "name": "api.marginalia.sh", "type": "A", "allowOverwrite": overwrite, **ADDRESS}
    other = world.replace(account="000000000001")
    other.create(types.RECORD, "theirs", **record)
    if overwrite:
        assert world.create(types.RECORD, **record)
    else:
        assert world.rejection(types.RECORD, **record) == (
            "InvalidChangeBatch: tried to create resource record set api.marginalia.sh, but it already exists"
        )


def test_a_record_that_an_interrupted_update_created_is_rejected_with_what_settles_it(world: World) -> None:
    record = {"zoneId": "Z1", "name": "api.marginalia.sh", "type": "A", **ADDRESS}
    world.create(types.RECORD, **record)
    assert world.rejection(types.RECORD, **record).endswith(f"already exists{INTERRUPTED}")


@pytest.mark.parametrize(
    ("service", "minimum", "message"),
    [
        ("service/mrgnl/mcp", 7, "ValidationException: the minimum capacity must not be above the maximum capacity"),
        ("service/mrgnl/web", 1, "ValidationException: ECS service doesn't exist: service/mrgnl/web"),
    ],
)
def test_a_scalable_target_without_a_service_or_with_inverted_bounds_is_rejected(
    world: World, service: str, minimum: int, message: str
) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    mcp = Promptsvc(world)
    world.create(types.SERVICE, **mcp.service(name="mcp"))
    ecs = {"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount"}
    target = {"resourceId": service, "minCapacity": minimum, "maxCapacity": 6, **ecs}
    assert world.rejection(types.SCALING_TARGET, **target) == message
    assert world.create(types.SCALING_TARGET, resourceId="service/mrgnl/mcp", minCapacity=1, maxCapacity=1, **ecs)


@pytest.mark.parametrize("path", ["healthz", "", "/" * 1025])
def test_a_health_check_path_without_a_leading_slash_is_rejected(world: World, path: str) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
    vpc, _ = network(world)
    assert world.rejection(types.TARGET_GROUP, vpcId=vpc.id, protocol="HTTP", port=80, healthCheck={"path": path}) == (
        f"ValidationError: Health check path '{path}' must begin with '/' and have at most 1024 characters"
    )


def test_records_of_one_name_differ_in_their_set_identifier(world: World) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html"""
    record = {"zoneId": "Z1", "name": "mrgnl.example.com", "type": "A", **ADDRESS}
    for name in ("blue", "green"):
        assert world.create(types.RECORD, name, setIdentifier=name, **record)
    assert "but it already exists" in world.rejection(types.RECORD, setIdentifier="blue", **record)


def test_a_listener_forwards_to_a_function(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"""
    created = world.create(types.LOAD_BALANCER, "balancer", **balancer(world))
    group = world.create(types.TARGET_GROUP, "group", name="function", targetType="lambda")
    forward = {"type": "forward", "targetGroupArn": group.properties["arn"]}
    assert world.create(types.LISTENER, **listener(world, created, defaultActions=[forward]))
