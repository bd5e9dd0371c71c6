"""What CreateTargetGroup accepts.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws.lb_balancer import name_problems
from simulator.aws.values import is_known, mapping, number, other_than, outside, text
from simulator.check import Checks
from simulator.cloud import Request

API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"
ATTRIBUTES = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html"
PROTOCOLS = ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC")
HEALTH = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
target_group = Checks[Request](types.TARGET_GROUP)


@target_group(API, confirmed="botocore")
def values_are_those_of_the_api(request: Request) -> Iterator[str]:
    """A target group has a name, a protocol, a port, a VPC and a target type of the API."""
    code, inputs = "ValidationError", request.inputs
    yield from name_problems(inputs.get("name"), internal=False)
    allowed = [
        ("protocol", PROTOCOLS),
        ("protocolVersion", ("HTTP1", "HTTP2", "GRPC")),
        ("targetType", ("instance", "ip", "lambda", "alb")),
        ("ipAddressType", ("ipv4", "ipv6")),
        ("loadBalancingAlgorithmType", ("round_robin", "least_outstanding_requests", "weighted_random")),
    ]
    yield from other_than(code, inputs, allowed)
    yield from outside(code, inputs, [("port", 1, 65535)])
    if inputs.get("targetType") != "lambda":
        for key in ("protocol", "port", "vpcId"):
            if inputs.get(key) is None:
                yield f"{code}: a target group requires {key}"
    if inputs.get("protocolVersion") and inputs.get("protocol") not in ("HTTP", "HTTPS"):
        yield f"{code}: protocolVersion requires the protocol HTTP or HTTPS"


@target_group(ATTRIBUTES)
def attributes_are_within_their_limits(request: Request) -> Iterator[str]:
    """A target is deregistered within an hour, warms up in 30 to 900 s, and sticks for up to 7 days."""
    code, inputs = "ValidationError", request.inputs
    yield from outside(code, inputs, [("deregistrationDelay", 0, 3600)])
    if inputs.get("slowStart") and number(inputs["slowStart"]) != 0:
        yield from outside(code, inputs, [("slowStart", 30, 900)])
    stickiness = mapping(inputs.get("stickiness"))
    yield from other_than(code, stickiness, [("type", ("lb_cookie", "app_cookie"))])
    yield from outside(code, stickiness, [("cookieDuration", 1, 604_800)])
    if stickiness.get("type") == "app_cookie" and not stickiness.get("cookieName"):
        yield f"{code}: a stickiness of the type app_cookie requires a cookieName"


@target_group(HEALTH)
def the_health_check_is_within_its_limits(request: Request) -> Iterator[str]:
    """A health check has a path, codes, a protocol and times of the API."""
    code, check = "ValidationError", mapping(request.inputs.get("healthCheck"))
    is_grpc = request.inputs.get("protocolVersion") == "GRPC"
    path = check.get("path", "/")
    if is_known(path) and not (isinstance(path, str) and path.startswith("/") and len(path) <= 1024):
        yield f"{code}: Health check path '{path}' must begin with '/' and have at most 1024 characters"
    limits = [
        ("interval", 5, 300),
        ("timeout", 2, 120),
        ("healthyThreshold", 2, 10),
        ("unhealthyThreshold", 2, 10),
    ]
    yield from outside(code, check, limits)
    yield from other_than(code, check, [("protocol", ("HTTP", "HTTPS"))])
    if check.get("port") != "traffic-port":
        yield from outside(code, check, [("port", 1, 65535)])
    if check.get("enabled") is False and request.inputs.get("targetType") != "lambda":
        yield f"{code}: Health check enabled must be true for target groups with target type 'instance' or 'ip'"
    if is_known(matcher := check.get("matcher")) and not _codes(str(matcher), *((0, 99) if is_grpc else (200, 499))):
        yield f"{code}: Health check matcher {matcher!r} must be codes from {'0 to 99' if is_grpc else '200 to 499'}"


def _codes(matcher: str, low: int, high: int) -> bool:
    """Whether the text is of the form `200`, `200,202` or `200-299`, within the limits."""
    if not re.fullmatch(r"\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*", matcher):
        return False
    ranges = [[int(each) for each in part.split("-")] for part in matcher.split(",")]
    return all(low <= each[0] <= each[-1] <= high for each in ranges)


HEALTHY = 200
"""What /healthz of a service responds when it is healthy: docs/services.md."""


# https://github.com/hashicorp/terraform-provider-aws/issues/2366
@target_group(HEALTH, confirmed="recorded answer")
def the_timeout_is_below_the_interval(request: Request) -> Iterator[str]:
    """The timeout of a health check is below its interval."""
    check = mapping(request.inputs.get("healthCheck"))
    interval, timeout = number(check.get("interval", 30)), number(check.get("timeout", 5))
    if interval is not None and timeout is not None and timeout >= interval:
        yield f"ValidationError: Health check timeout {timeout} must be smaller than the interval {interval}"


@target_group(HEALTH, confirmed="nobody")
def the_success_codes_are_those_of_healthz(request: Request) -> Iterator[str]:
    """The codes that count as healthy have the one with which /healthz responds."""
    check = mapping(request.inputs.get("healthCheck"))
    matcher = text(check.get("matcher"))
    if check.get("path") == "/healthz" and matcher and _codes(matcher, 200, 499):
        ranges = [[int(each) for each in part.split("-")] for part in matcher.split(",")]
        if not any(each[0] <= HEALTHY <= each[-1] for each in ranges):
            yield f"Target.ResponseCodeMismatch: /healthz responds {HEALTHY}, which the matcher {matcher} does not have"
