"""What CreateListener accepts.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.fields import is_simulated
from ecs import types
from simulator.aws.acm import covers
from simulator.aws.ecs_service import forwards
from simulator.aws.values import is_known, mapping, mappings, number, other_than, outside, text, texts
from simulator.check import Checks
from simulator.cloud import Request, hint
from simulator.store import Properties

API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"
ACTION = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html"
TARGETS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html"
CERTIFICATES = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html"
POLICY = re.compile(r"ELBSecurityPolicy-(\d{4}-\d{2}|TLS[\w-]+|FS[\w-]+)")
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
CONTENT_TYPES = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
REQUIRED = {"redirect": "redirect", "fixed-response": "fixedResponse"}
"""The property that an action of a type requires."""
listener = Checks[Request](types.LISTENER)


@listener(API)
def protocols_have_what_they_need(request: Request) -> Iterator[str]:
    """A listener speaks HTTP, or HTTPS with a certificate and a security policy, on a port."""
    code, inputs = "ValidationError", request.inputs
    protocol = str(inputs.get("protocol", "")).upper()
    if is_known(inputs.get("protocol", "")) and protocol not in ("HTTP", "HTTPS"):
        yield f"{code}: a listener of an Application Load Balancer must speak HTTP or HTTPS, not {protocol!r}"
    if inputs.get("port") is None:
        yield f"{code}: a listener requires a port"
    yield from outside(code, inputs, [("port", 1, 65535)])
    if protocol == "HTTPS" and not inputs.get("certificateArn"):
        yield f"{code}: a certificate must be specified for HTTPS listeners"
    for key in ("certificateArn", "sslPolicy"):
        if protocol == "HTTP" and inputs.get(key):
            yield f"{code}: {key} cannot be specified for HTTP listeners"
    if (policy := text(inputs.get("sslPolicy"))) and not POLICY.fullmatch(policy):
        yield f"SSLPolicyNotFound: the SSL policy {policy!r} was not found"


@listener(API)
def ports_are_unique(request: Request) -> Iterator[str]:
    """A load balancer has one listener on a port."""
    port = number(request.inputs.get("port"))
    for other in request.visible(types.LISTENER, loadBalancerArn=request.inputs.get("loadBalancerArn")):
        if other.id != request.id and port is not None and number(other.properties["port"]) == port:
            yield f"DuplicateListener: a listener already exists on port {port}{hint(request, other)}"


@listener("https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html")
def certificates_are_issued_in_the_region(request: Request) -> Iterator[str]:
    """A certificate of ACM is in the region of the load balancer, and issued."""
    if not (arn := text(request.inputs.get("certificateArn"))):
        return
    parsed = re.fullmatch(r"arn:aws[\w-]*:(acm|iam):([\w-]*):(\d{12}):(certificate|server-certificate)/.+", arn)
    if not parsed:
        yield f"ValidationError: Certificate ARN '{arn}' is not valid"
    elif parsed[1] == "acm" and parsed[2] != request.region:
        yield f"ValidationError: Certificate ARN '{arn}' is not valid: it is in {parsed[2]}, not in {request.region}"
    elif found := request.visible(types.CERTIFICATE, arn=arn):
        if found[0].properties.get("validationMethod") == "DNS" and not request.visible(
            types.CERTIFICATE_VALIDATION, certificateArn=arn
        ):
            yield (
                f"UnsupportedCertificate: The certificate '{arn}' must have a fully-qualified domain name, a supported"
                " signature, and a supported key size: it is PENDING_VALIDATION, depend on its validation"
            )
    elif is_simulated(parsed[3]) or parsed[3] != request.account or request.all(types.CERTIFICATE, arn=arn):
        yield f"CertificateNotFound: Certificate '{arn}' not found"


@listener(CERTIFICATES, confirmed="nobody")
def certificates_are_for_the_name(request: Request) -> Iterator[str]:
    """A certificate is for the names whose records are aliases of the load balancer."""
    arn, existing = request.inputs.get("certificateArn"), request.existing()
    if existing and existing.properties.get("certificateArn") != arn:
        return  # the records may change with the certificate
    found = request.all(types.CERTIFICATE, arn=arn)
    balancers = request.all(types.LOAD_BALANCER, arn=request.inputs.get("loadBalancerArn"))
    addresses = {each.properties["dnsName"] for each in balancers}
    for certificate in found:
        own = certificate.properties
        domains = [own["domainName"], *texts(own.get("subjectAlternativeNames"))]
        for record in request.all(types.RECORD):
            targets = {each.get("name") for each in mappings(record.properties.get("aliases"))}
            if targets & addresses and not any(covers(each, record.properties["name"]) for each in domains):
                yield (
                    f"ERR_CERT_COMMON_NAME_INVALID: the certificate is for {', '.join(domains)},"
                    f" not for {record.properties['name']}, an alias of the load balancer"
                )


@listener(ACTION)
def actions_have_what_they_need(request: Request) -> Iterator[str]:
    """A listener ends with one action: forward, redirect or a fixed response, with the properties of its type."""
    code, actions = "ValidationError", mappings(request.inputs.get("defaultActions"))
    if not actions and is_known(request.inputs.get("defaultActions", [])):
        yield f"{code}: a listener requires a default action"
    for action in actions:
        kind = text(action.get("type"))
        if kind == "forward" and not action.get("targetGroupArn") and not action.get("forward"):
            yield f"{code}: an action of the type forward requires a target group"
        if kind in REQUIRED and not action.get(REQUIRED[kind]):
            yield f"{code}: an action of the type {kind} requires {REQUIRED[kind]}"
        yield from _redirect(request, mapping(action.get("redirect")), kind)
        yield from _fixed_response(mapping(action.get("fixedResponse")), kind)
    if len([each for each in actions if each.get("type") in ("forward", "redirect", "fixed-response")]) > 1:
        yield f"{code}: a listener has one default action that forwards, redirects or responds"


def _redirect(request: Request, redirect: Properties, kind: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html"""
    if kind != "redirect" or not redirect:
        return
    code, own = "ValidationError", request.inputs
    yield from other_than(code, redirect, [("protocol", ("HTTP", "HTTPS", "#{protocol}"))])
    if redirect.get("port") != "#{port}":
        yield from outside(code, redirect, [("port", 1, 65535)])
    if text(redirect.get("path")) and not redirect["path"].startswith("/"):
        yield f"{code}: the path of a redirect must begin with '/', not {redirect['path']!r}"
    target = {"protocol": "#{protocol}", "port": "#{port}", "host": "#{host}", "path": "/#{path}", "query": "#{query}"}
    target |= redirect
    same_protocol = target["protocol"] in ("#{protocol}", own.get("protocol"))
    same_port = target["port"] == "#{port}" or number(target["port"]) == number(own.get("port"))
    if (
        same_protocol
        and same_port
        and (target["host"], target["path"], target["query"])
        == (
            "#{host}",
            "/#{path}",
            "#{query}",
        )
    ):
        yield "InvalidLoadBalancerAction: The redirect configuration is not valid because it creates a loop"
    if own.get("protocol") == "HTTPS" and redirect.get("protocol") == "HTTP":
        yield "InvalidLoadBalancerAction: a redirect from HTTPS to HTTP is not supported"


def _fixed_response(response: Properties, kind: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html"""
    if kind != "fixed-response" or not response:
        return
    code = "ValidationError"
    status = response.get("statusCode")
    if is_known(status) and not re.fullmatch(r"[245]\d\d", str(status)):
        yield f"{code}: statusCode must be 2XX, 4XX or 5XX, not {status!r}"
    yield from other_than(code, response, [("contentType", CONTENT_TYPES)])
    if len(text(response.get("messageBody"))) > 1024:
        yield f"{code}: messageBody can have at most 1024 characters"


@listener(TARGETS)
def target_groups_are_in_the_vpc(request: Request) -> Iterator[str]:
    """A listener forwards to target groups that exist, in the VPC of its load balancer, and of no other one."""
    balancers = request.visible(types.LOAD_BALANCER, arn=request.inputs.get("loadBalancerArn"))
    subnets = {subnet for each in balancers for subnet in texts(each.properties.get("subnets"))}
    vpcs = {each.properties["vpcId"] for each in request.visible(types.SUBNET) if each.id in subnets}
    known = {each.properties["arn"]: each.properties for each in request.visible(types.TARGET_GROUP)}
    for arn in forwards(request.inputs):
        if arn not in known:
            yield f"TargetGroupNotFound: Target groups '{arn}' not found"
            continue
        vpc, protocol = known[arn].get("vpcId"), known[arn].get("protocol")
        is_function = known[arn].get("targetType") == "lambda"  # which has neither VPC nor protocol
        if vpcs and vpc not in vpcs and not is_function:
            yield f"InvalidConfigurationRequest: the target group {arn} is in {vpc}, its load balancer is not"
        if protocol not in ("HTTP", "HTTPS") and not is_function:
            yield f"IncompatibleProtocols: the target group {arn} has the protocol {protocol}, the listener speaks HTTP"
        if known[arn].get("protocolVersion") == "GRPC" and request.inputs.get("protocol") == "HTTP":
            yield f"InvalidConfigurationRequest: the target group {arn} speaks gRPC, which requires an HTTPS listener"
        for other in request.visible(types.LISTENER):
            if arn in forwards(other.properties) and (
                other.properties["loadBalancerArn"] != request.inputs.get("loadBalancerArn")
            ):
                yield f"TargetGroupAssociationLimit: another load balancer uses the target group {arn}: {other.urn}"
