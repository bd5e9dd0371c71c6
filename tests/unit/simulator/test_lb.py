"""What stands before the services: load balancers, certificates, records, scaling."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws import acm, appautoscaling, ec2, ecs, lb, route53
from simulator.store import Object
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import World, network, refusal

VALIDATION = "aws:acm/certificateValidation:CertificateValidation"


def balancer(world: World, *, routed: bool = True, **changes: Any) -> dict[str, Any]:
    vpc, subnets = network(world)
    gateway = world.create(ec2.INTERNET_GATEWAY, vpcId=vpc.id).id
    routes = [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway}] if routed else []
    table = world.create(ec2.ROUTE_TABLE, vpcId=vpc.id, routes=routes).id
    for each in subnets:
        world.create(ec2.ROUTE_TABLE_ASSOCIATION, each.urn, subnetId=each.id, routeTableId=table)
    return {"name": "mrgnl", "subnets": [each.id for each in subnets], **changes}


def listening(world: World, made: Object, port: int = 80, **changes: Any) -> dict[str, Any]:
    return {"loadBalancerArn": made.id, "port": port, "protocol": "HTTP", "defaultActions": [], **changes}


def test_a_load_balancer_within_one_zone_is_refused(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
    inputs = balancer(world)
    assert world.refusal(lb.LOAD_BALANCER, **{**inputs, "subnets": inputs["subnets"][:1]}) == (
        "ValidationError: at least two subnets in two different Availability Zones must be specified"
    )


def test_a_load_balancer_in_subnets_without_a_route_to_the_internet_is_refused(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"""
    inputs = balancer(world, routed=False)
    [vpc] = world.all(ec2.VPC)
    assert world.refusal(lb.LOAD_BALANCER, **inputs) == "; ".join(
        f"InvalidSubnet: VPC {vpc.id} has no internet gateway route in {subnet}" for subnet in inputs["subnets"]
    )


def test_a_protected_load_balancer_is_not_deleted(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
    made = world.create(lb.LOAD_BALANCER, **balancer(world, enableDeletionProtection=True))
    assert refusal(lambda: world.delete(made)) == (
        f"OperationNotPermitted: load balancer '{made.id}' cannot be deleted: deletion protection is enabled"
    )


def test_a_port_has_one_listener(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"""
    made = world.create(lb.LOAD_BALANCER, **balancer(world))
    world.create(lb.LISTENER, "http", **listening(world, made))
    assert world.refusal(lb.LISTENER, "again", **listening(world, made)) == (
        "DuplicateListener: a listener already exists on port 80"
    )
    assert world.create(lb.LISTENER, "other", **listening(world, made, port=8080))


def test_an_https_listener_without_a_certificate_is_refused(world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"""
    made = world.create(lb.LOAD_BALANCER, **balancer(world))
    assert world.refusal(lb.LISTENER, **listening(world, made, port=443, protocol="HTTPS")) == (
        "ValidationError: a certificate must be specified for HTTPS listeners"
    )


def test_a_certificate_is_issued_once_its_record_is_in_the_zone(world: World) -> None:
    """https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""
    certificate = world.create(acm.CERTIFICATE, domainName="api.marginalia.sh", validationMethod="DNS")
    [proof] = certificate.properties["domainValidationOptions"]
    name = proof["resourceRecordName"]
    wanted = {"certificateArn": certificate.id, "validationRecordFqdns": [name]}
    assert world.refusal(VALIDATION, **wanted) == (
        f"the certificate stays PENDING_VALIDATION: there is no record {name}"
    )
    world.create(route53.RECORD, zoneId="Z1", name=name, type=proof["resourceRecordType"])
    assert world.create(VALIDATION, **wanted)


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_record_that_exists_is_overwritten_only_when_that_is_said(world: World, overwrite: bool) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html"""
    record = {"zoneId": "Z1", "name": "api.marginalia.sh", "type": "A", "allowOverwrite": overwrite}
    stranger = world.but(account="000000000001")
    stranger.create(route53.RECORD, **record)
    if overwrite:
        assert world.create(route53.RECORD, **record)
    else:
        assert world.refusal(route53.RECORD, **record) == (
            "InvalidChangeBatch: tried to create resource record set api.marginalia.sh, but it already exists"
        )


@pytest.mark.parametrize(
    ("service", "least", "message"),
    [
        ("service/mrgnl/mcp", 7, "ValidationException: the minimum capacity must not be above the maximum capacity"),
        ("service/mrgnl/web", 1, "ValidationException: ECS service doesn't exist: service/mrgnl/web"),
    ],
)
def test_a_scalable_target_is_an_existing_service_within_its_bounds(
    world: World, service: str, least: int, message: str
) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    mcp = Promptsvc(world)
    world.create(ecs.SERVICE, **mcp.service(name="mcp"))
    target = {"resourceId": service, "minCapacity": least, "maxCapacity": 6}
    assert world.refusal(appautoscaling.TARGET, **target) == message
    assert world.create(appautoscaling.TARGET, resourceId="service/mrgnl/mcp", minCapacity=1, maxCapacity=1)
