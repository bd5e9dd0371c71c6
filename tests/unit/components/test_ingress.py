from __future__ import annotations

from typing import Any

import pytest

from components.ingress import Ingress
from config.catalogue import Entry
from ecs import types
from ecs.ingress import Domain
from tests.declared import Declared, declare
from tests.unit.components import build

GATEWAY = Entry(name="mcp", port=8080, protocol="http", public=True, health_path="/healthz")
API = Domain(name="api.marginalia.sh", zone_id="Z0123456789ABC")


def ingress(**changes: Any) -> Ingress:
    return build.ingress(build.network(), **{"allowed_cidrs": ["203.0.113.0/24"], "target": GATEWAY, **changes})


def declared(**changes: Any) -> Declared:
    return declare(lambda: ingress(**changes))


def listeners(stack: Declared) -> dict[str, dict[str, Any]]:
    found = {name: dict(listener.inputs) for name, listener in stack.of(types.LISTENER).items()}
    assert {listener.pop("loadBalancerArn") for listener in found.values()} == {
        stack.one(types.LOAD_BALANCER, "ingress-balancer").id
    }
    return found


def test_the_load_balancer_is_public_with_idle_timeout_and_strict_headers() -> None:
    stack = declared()
    assert stack.one(types.LOAD_BALANCER, "ingress-balancer").inputs == {
        "loadBalancerType": "application",
        "internal": False,
        "subnets": [stack.one(types.SUBNET, f"network-public-us-east-1{zone}").id for zone in "ab"],
        "securityGroups": [stack.one(types.SECURITY_GROUP, "ingress-access-group").id],
        "idleTimeout": 120,
        "dropInvalidHeaderFields": True,
        "enableDeletionProtection": False,
    }


def test_the_load_balancer_depends_on_the_routes_of_its_subnets() -> None:
    dependencies = declared().one(types.LOAD_BALANCER, "ingress-balancer").options.dependencies
    assert "network-public-us-east-1a-routes" in {urn.rsplit("::", 1)[-1] for urn in dependencies}


def test_a_protected_load_balancer_has_deletion_protection_and_is_protected_in_pulumi() -> None:
    balancer = declared(protect=True).one(types.LOAD_BALANCER, "ingress-balancer")
    assert (balancer.inputs["enableDeletionProtection"], balancer.options.protect) == (True, True)


def test_the_target_group_checks_the_health_path_and_deregisters_within_30_seconds() -> None:
    stack = declared()
    assert stack.one(types.TARGET_GROUP, "ingress-target").inputs == {
        "vpcId": stack.one(types.VPC, "network-vpc").id,
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


def test_without_a_domain_the_only_listener_forwards_http() -> None:
    stack = declared()
    target = stack.one(types.TARGET_GROUP, "ingress-target").id
    assert listeners(stack) == {
        "ingress-http": {
            "protocol": "HTTP",
            "port": 80,
            "defaultActions": [{"type": "forward", "targetGroupArn": target}],
        }
    }


def test_with_a_domain_https_is_forwarded_and_http_redirects_to_it() -> None:
    stack = declared(domain=API)
    certificate = stack.one(types.CERTIFICATE, "ingress-certificate").id
    target = stack.one(types.TARGET_GROUP, "ingress-target").id
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


def test_the_https_listener_depends_on_the_validated_certificate() -> None:
    stack = declared(domain=API)
    proof = stack.one(types.RECORD, "ingress-proof").inputs
    assert proof == {
        "zoneId": "Z0123456789ABC",
        "name": "_308b87d4f0175b7fcbbed8bcb9e849d6.api.marginalia.sh.",
        "type": "CNAME",
        "records": ["_81d25b39cd2c71bb78e77a507475f349.simulated.acm-validations.aws."],
        "ttl": 300,
        "allowOverwrite": True,
    }
    validation = stack.one(types.CERTIFICATE_VALIDATION, "ingress-validation")
    assert validation.inputs["validationRecordFqdns"] == [proof["name"]]
    https = stack.one(types.LISTENER, "ingress-https").options.propertyDependencies["certificateArn"].urns
    assert [urn.rsplit("::", 1)[-1] for urn in https] == ["ingress-validation"]


def test_the_domain_is_an_alias_of_the_load_balancer() -> None:
    alias = declared(domain=API).one(types.RECORD, "ingress-alias").inputs
    [target] = alias.pop("aliases")
    assert alias == {"zoneId": "Z0123456789ABC", "name": "api.marginalia.sh", "type": "A"}
    assert target["name"].endswith(".us-east-1.elb.amazonaws.com")
    assert target["zoneId"] == "Z35SXDOTRQ7X7K"


@pytest.mark.parametrize(("domain", "ports"), [(None, {80}), (API, {80, 443})])
def test_ingress_rules_allow_the_allowed_cidrs_on_the_ports_of_the_listeners(
    domain: Domain | None, ports: set[int]
) -> None:
    stack = declared(domain=domain, allowed_cidrs=["203.0.113.0/24", "198.51.100.7/32"])
    rules = {(rule.inputs["cidrIpv4"], rule.inputs["toPort"]) for rule in stack.of(types.INGRESS_RULE).values()}
    assert rules == {(cidr, port) for cidr in ("203.0.113.0/24", "198.51.100.7/32") for port in ports}


@pytest.mark.parametrize(
    ("domain", "url"), [(None, "http://ingress-balancer-physical-"), (API, "https://api.marginal")]
)
def test_the_url_is_the_domain_or_the_dns_name_of_the_load_balancer(domain: Domain | None, url: str) -> None:
    assert declared(domain=domain).outputs_of("marginalia:network:Ingress")["url"].startswith(url)


def test_without_a_public_service_the_response_is_503() -> None:
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
    assert not stack.of(types.TARGET_GROUP)


def test_only_the_load_balancer_reaches_the_public_service_which_registers_with_it() -> None:
    def gateway() -> None:
        build.service(GATEWAY, on=build.platform(ingress_args={"target": GATEWAY}))

    stack = declare(gateway)
    groups = {group.id: name for name, group in stack.of(types.SECURITY_GROUP).items()}
    ingress_rules = {
        (
            groups[rule.inputs["securityGroupId"]],
            groups[rule.inputs["referencedSecurityGroupId"]],
            rule.inputs["toPort"],
        )
        for rule in stack.of(types.INGRESS_RULE).values()
        if "referencedSecurityGroupId" in rule.inputs
    }
    assert ingress_rules == {("mcp-access-group", "ingress-access-group", 8080)}
    service = stack.one(types.SERVICE, "mcp-service")
    assert service.inputs["loadBalancers"] == [
        {
            "targetGroupArn": stack.one(types.TARGET_GROUP, "ingress-target").id,
            "containerName": "mcp",
            "containerPort": 8080,
        }
    ]
    assert service.inputs["healthCheckGracePeriodSeconds"] == 60
    assert "ingress-http" in {urn.rsplit("::", 1)[-1] for urn in service.options.dependencies}
