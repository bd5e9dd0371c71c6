from __future__ import annotations

from typing import Any

import pytest

from components.ingress import Domain, HealthCheck, Ingress, IngressArgs
from services import Entry
from tests.declared import Declared, declare
from tests.unit.components import build

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
RECORD = "aws:route53/record:Record"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GATEWAY = Entry(name="mcp", port=8080, protocol="http", public=True, health_path="/healthz")
API = Domain(name="api.marginalia.sh", zone_id="Z0123456789ABC")


def ingress(**changes: Any) -> Ingress:
    args: dict[str, Any] = {
        "network": build.network(),
        "allowed_cidrs": ["203.0.113.0/24"],
        "domain": None,
        "idle_timeout": 120,
        "health": HealthCheck(interval=15, timeout=5, healthy=2, unhealthy=3),
        "target": GATEWAY,
        "protect": False,
        **changes,
    }
    return Ingress("ingress", IngressArgs(**args))


def declared(**changes: Any) -> Declared:
    return declare(lambda: ingress(**changes))


def listeners(stack: Declared) -> dict[str, dict[str, Any]]:
    found = {name: dict(listener.inputs) for name, listener in stack.of(LISTENER).items()}
    assert {listener.pop("loadBalancerArn") for listener in found.values()} == {
        stack.one(BALANCER, "ingress-balancer").id
    }
    return found


def test_the_load_balancer_is_public_patient_and_strict() -> None:
    stack = declared()
    assert stack.one(BALANCER, "ingress-balancer").inputs == {
        "loadBalancerType": "application",
        "internal": False,
        "subnets": [stack.one("aws:ec2/subnet:Subnet", f"network-public-us-east-1{zone}").id for zone in "ab"],
        "securityGroups": [stack.one("aws:ec2/securityGroup:SecurityGroup", "ingress-access-group").id],
        "idleTimeout": 120,
        "dropInvalidHeaderFields": True,
        "enableDeletionProtection": False,
    }


def test_it_waits_for_the_routes_of_its_subnets() -> None:
    dependencies = declared().one(BALANCER, "ingress-balancer").options.dependencies
    assert "network-public-us-east-1a-routes" in {urn.rsplit("::", 1)[-1] for urn in dependencies}


def test_a_protected_one_is_deleted_neither_by_aws_nor_by_pulumi() -> None:
    balancer = declared(protect=True).one(BALANCER, "ingress-balancer")
    assert (balancer.inputs["enableDeletionProtection"], balancer.options.protect) == (True, True)


def test_tasks_are_targets_by_address_checked_on_the_services_health_path_and_let_go_quickly() -> None:
    stack = declared()
    assert stack.one(TARGET_GROUP, "ingress-target").inputs == {
        "vpcId": stack.one("aws:ec2/vpc:Vpc", "network-vpc").id,
        "targetType": "ip",
        "protocol": "HTTP",
        "port": 8080,
        "deregistrationDelay": 30,
        "healthCheck": {
            "path": "/healthz",
            "matcher": "200",
            "interval": 15,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    }


def test_without_a_domain_http_is_forwarded_and_nothing_else_listens() -> None:
    stack = declared()
    target = stack.one(TARGET_GROUP, "ingress-target").id
    assert listeners(stack) == {
        "ingress-http": {
            "protocol": "HTTP",
            "port": 80,
            "defaultActions": [{"type": "forward", "targetGroupArn": target}],
        }
    }


def test_with_a_domain_https_is_forwarded_and_http_is_sent_there() -> None:
    stack = declared(domain=API)
    certificate = stack.one("aws:acm/certificate:Certificate", "ingress-certificate").id
    target = stack.one(TARGET_GROUP, "ingress-target").id
    assert listeners(stack) == {
        "ingress-http": {
            "protocol": "HTTP",
            "port": 80,
            "defaultActions": [
                {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
            ],
        },
        "ingress-https": {
            "protocol": "HTTPS",
            "port": 443,
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "certificateArn": certificate,
            "defaultActions": [{"type": "forward", "targetGroupArn": target}],
        },
    }


def test_https_waits_until_the_certificate_is_proven_by_dns() -> None:
    stack = declared(domain=API)
    proof = stack.one(RECORD, "ingress-proof").inputs
    assert proof == {
        "zoneId": "Z0123456789ABC",
        "name": "_simulated.api.marginalia.sh.",
        "type": "CNAME",
        "records": ["_simulated.acm-validations.aws."],
        "ttl": 300,
        "allowOverwrite": True,
    }
    validation = stack.one("aws:acm/certificateValidation:CertificateValidation", "ingress-validation")
    assert validation.inputs["validationRecordFqdns"] == [proof["name"]]
    https = stack.one(LISTENER, "ingress-https").options.propertyDependencies["certificateArn"].urns
    assert [urn.rsplit("::", 1)[-1] for urn in https] == ["ingress-validation"]


def test_the_domain_is_an_alias_of_the_load_balancer() -> None:
    alias = declared(domain=API).one(RECORD, "ingress-alias").inputs
    [target] = alias.pop("aliases")
    assert alias == {"zoneId": "Z0123456789ABC", "name": "api.marginalia.sh", "type": "A"}
    assert target["name"].endswith(".us-east-1.elb.amazonaws.com")
    assert target["zoneId"] == "Z35SXDOTRQ7X7K"


@pytest.mark.parametrize(("domain", "ports"), [(None, {80}), (API, {80, 443})])
def test_it_is_open_to_the_allowed_addresses_on_its_listeners_ports_alone(
    domain: Domain | None, ports: set[int]
) -> None:
    stack = declared(domain=domain, allowed_cidrs=["203.0.113.0/24", "198.51.100.7/32"])
    opened = {(rule.inputs["cidrIpv4"], rule.inputs["toPort"]) for rule in stack.of(INGRESS_RULE).values()}
    assert opened == {(cidr, port) for cidr in ("203.0.113.0/24", "198.51.100.7/32") for port in ports}


@pytest.mark.parametrize(
    ("domain", "url"), [(None, "http://ingress-balancer-physical-"), (API, "https://api.marginal")]
)
def test_the_url_is_the_domain_or_the_load_balancers_own_name(domain: Domain | None, url: str) -> None:
    assert declared(domain=domain).outputs_of("marginalia:network:Ingress")["url"].startswith(url)


def test_without_a_public_service_the_answer_is_a_fixed_503() -> None:
    stack = declared(target=None)
    assert listeners(stack)["ingress-http"]["defaultActions"] == [
        {
            "type": "fixed-response",
            "fixedResponse": {
                "statusCode": "503",
                "contentType": "text/plain",
                "messageBody": "Marginalia is not deployed here yet.",
            },
        }
    ]
    assert not stack.of(TARGET_GROUP)


def test_the_public_service_is_reached_from_the_load_balancer_alone_and_registers_with_it() -> None:
    def gateway() -> None:
        host = build.host()
        build.service(GATEWAY, on=host, ingress=ingress(network=host.network))

    stack = declare(gateway)
    groups = {group.id: name for name, group in stack.of("aws:ec2/securityGroup:SecurityGroup").items()}
    into = {
        (
            groups[rule.inputs["securityGroupId"]],
            groups[rule.inputs["referencedSecurityGroupId"]],
            rule.inputs["toPort"],
        )
        for rule in stack.of(INGRESS_RULE).values()
        if "referencedSecurityGroupId" in rule.inputs
    }
    assert into == {("mcp-access-group", "ingress-access-group", 8080)}
    service = stack.one("aws:ecs/service:Service", "mcp-service")
    assert service.inputs["loadBalancers"] == [
        {
            "targetGroupArn": stack.one(TARGET_GROUP, "ingress-target").id,
            "containerName": "mcp",
            "containerPort": 8080,
        }
    ]
    assert service.inputs["healthCheckGracePeriodSeconds"] == 60
    assert "ingress-http" in {urn.rsplit("::", 1)[-1] for urn in service.options.dependencies}
