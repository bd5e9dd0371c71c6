"""What public addresses newly reach."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from tests.unit.review.deployments import Raw, compared, component, references, resource

INGRESS = component("ingress", "marginalia:network:Ingress")
GROUP = resource(types.SECURITY_GROUP, "group", INGRESS)
BALANCER = resource(types.LOAD_BALANCER, "balancer", INGRESS, **references(securityGroups=GROUP))
FORWARD = {"type": "forward"}
REDIRECT = {"type": "redirect", "redirect": {"protocol": "HTTPS"}}


def rule(cidr: str, first: int = 80, last: int | None = None) -> Raw:
    family = "cidrIpv6" if ":" in cidr else "prefixListId" if cidr.startswith("pl-") else "cidrIpv4"
    inputs = {"securityGroupId": GROUP["id"], "ipProtocol": "tcp", "fromPort": first, "toPort": last or first}
    return resource(
        types.INGRESS_RULE,
        f"from-{cidr}-{first}",
        INGRESS,
        {**inputs, family: cidr},
        **references(securityGroupId=GROUP),
    )


def listener(port: int, action: dict[str, Any]) -> Raw:
    protocol = "HTTPS" if port == 443 else "HTTP"
    inputs = {"port": port, "protocol": protocol, "defaultActions": [action]}
    return resource(types.LISTENER, f"listener-{port}", INGRESS, inputs)


def service(name: str, *, public: bool) -> list[Raw]:
    parent = component(name)
    return [parent, resource(types.SERVICE, f"{name}-service", parent, {"loadBalancers": [{"x": 1}]} if public else {})]


def exposures(before: list[Raw], after: list[Raw]) -> list[tuple[str, str]]:
    base = [INGRESS, GROUP, BALANCER]
    concerns = compared([*base, *before], [*base, *after]).concerns
    return [(each.severity, each.text) for each in concerns if each.topic == "exposure"]


PLAIN, TLS = listener(80, FORWARD), [listener(80, REDIRECT), listener(443, FORWARD)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([], ["0.0.0.0/0"], [("caution", "the internet newly reaches the load balancer on 80/tcp (plain HTTP)")]),
        ([], ["::/0"], [("caution", "the internet (IPv6) newly reaches the load balancer on 80/tcp (plain HTTP)")]),
        ([], ["128.0.0.0/1"], [("caution", "128.0.0.0/1 newly reaches the load balancer on 80/tcp (plain HTTP)")]),
        ([], ["8.8.8.0/24"], [("warning", "8.8.8.0/24 newly reaches the load balancer on 80/tcp (plain HTTP)")]),
        ([], ["pl-0123"], [("warning", "pl-0123 newly reaches the load balancer on 80/tcp (plain HTTP)")]),
        ([], ["10.0.0.0/8", "fd00::/8"], []),
        (["0.0.0.0/0"], ["8.8.8.0/24"], []),
        (
            ["8.8.8.0/24"],
            ["8.8.0.0/16"],
            [("warning", "8.8.0.0/16 newly reaches the load balancer on 80/tcp (plain HTTP)")],
        ),
    ],
)
def test_a_public_network_that_is_newly_let_in_is_a_concern_and_a_narrower_one_is_not(
    before: list[str], after: list[str], found: list[tuple[str, str]]
) -> None:
    assert exposures([PLAIN, *map(rule, before)], [PLAIN, *map(rule, after)]) == found


def test_the_internet_over_tls_is_a_warning_and_a_redirect_is_no_plain_http() -> None:
    text = "the internet newly reaches the load balancer on 443/tcp (HTTPS), 80/tcp (redirect)"
    assert exposures(TLS, [*TLS, rule("0.0.0.0/0"), rule("0.0.0.0/0", 443)]) == [("warning", text)]


def test_a_wider_range_of_ports_is_a_concern_and_a_narrower_one_is_not() -> None:
    narrow, wide = rule("0.0.0.0/0", 8080), rule("0.0.0.0/0", 8000, 9000)
    assert exposures([wide], [narrow]) == []
    [(severity, text)] = exposures([narrow], [wide])
    assert (severity, text) == ("caution", "the internet newly reaches the load balancer on 8000-9000/tcp")


def test_a_redirect_that_becomes_an_answer_is_plain_http_although_no_rule_changes() -> None:
    open_to_all = rule("0.0.0.0/0")
    assert exposures([*TLS, open_to_all], [PLAIN, open_to_all]) == [
        ("caution", "the internet newly reaches the load balancer over plain HTTP on port 80")
    ]


def test_a_service_that_is_newly_behind_an_open_load_balancer_is_a_concern() -> None:
    base = [*TLS, rule("0.0.0.0/0", 443), *service("mcp", public=True)]
    after = [*base, *service("authsvc", public=True)]
    assert exposures([*base, *service("authsvc", public=False)], after) == [
        ("warning", "the internet newly reaches authsvc through the load balancer")
    ]


def test_a_bucket_policy_for_everyone_is_a_caution() -> None:
    policy = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "content/*"}}
    new = resource(types.BUCKET_POLICY, "policy", INGRESS, {"bucket": "content", "policy": json.dumps(policy)})
    [concern] = compared([INGRESS, GROUP], [INGRESS, GROUP, new]).concerns
    assert (concern.severity, concern.text) == (
        "caution",
        "bucket content: everyone may s3:GetObject on content/*",
    )
