"""DNS records. Assumes that every hosted zone exists. https://docs.aws.amazon.com/Route53/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws.values import is_known, mappings, other_than, outside, text, texts
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list, hint
from simulator.failure import Failure

RECORDS = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html"
ALIAS = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html"
TYPE_NAMES = "SOA A TXT NS CNAME MX NAPTR PTR SRV SPF AAAA CAA DS TLSA SSHFP SVCB HTTPS".split()  # noqa: SIM905
VALUES = {"A": (r"(\d{1,3}\.){3}\d{1,3}", "IPv4 address"), "CNAME": (r"[!-~]{1,255}", "domain name")}
"""The pattern of the values of a record, and what they are, by type."""
CODE = "InvalidChangeBatch"
record = Checks[Request](types.RECORD)


@record("https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html", confirmed="moto")
def records_are_created_once(request: Request) -> Iterator[str]:
    """A name has one record of a type and set identifier in a zone, unless the record may be overwritten."""
    same = {key: request.inputs.get(key) for key in ("zoneId", "name", "type")}
    for other in request.cloud.store.find(types.RECORD, **same):
        if other.properties.get("setIdentifier") != request.inputs.get("setIdentifier"):
            continue
        if other.id != request.id and not request.inputs.get("allowOverwrite"):
            exists = f"tried to create resource record set {same['name']}, but it already exists"
            yield f"{CODE}: {exists}{hint(request, other)}"


@record(RECORDS, confirmed="botocore")
def records_have_a_name_a_type_and_a_value(request: Request) -> Iterator[str]:
    """A record has a zone, a DNS name, a type of Route 53, and either values with a time to live or an alias."""
    inputs = request.inputs
    if is_known(inputs.get("zoneId")) and not re.fullmatch(r"(/hostedzone/)?[A-Z0-9]{1,32}", str(inputs["zoneId"])):
        yield f"NoSuchHostedZone: No hosted zone found with ID: {inputs['zoneId']}"
    name = inputs.get("name")
    if is_known(name) and not re.fullmatch(r"(?=.{1,255}$)(\*\.)?([\w\\-]{1,63}\.)*[\w\\-]{1,63}\.?", str(name)):
        yield f"{CODE}: Invalid Resource Record: the name {name!r} is no domain name"
    yield from other_than(CODE, inputs, [("type", TYPE_NAMES)])
    yield from outside(CODE, inputs, [("ttl", 0, 2_147_483_647)])
    if bool(inputs.get("records")) == bool(inputs.get("aliases")):
        yield f"{CODE}: the record {name} requires either records or an alias"
    if inputs.get("records") and inputs.get("ttl") is None:
        yield f"{CODE}: the record {name} requires a ttl"
    if inputs.get("aliases") and inputs.get("ttl") is not None:
        yield f"{CODE}: the alias {name} has no ttl of its own"
    if inputs.get("type") == "CNAME" and len(as_list(inputs.get("records"))) > 1:
        yield f"{CODE}: the CNAME {name} can have one value only"
    pattern, kind = VALUES.get(text(inputs.get("type")), ("", ""))
    for value in texts(inputs.get("records")) if pattern else []:
        if not re.fullmatch(pattern, value):
            yield f"{CODE}: Invalid Resource Record: {value!r} is no {kind}"


@record(ALIAS)
def aliases_name_their_target(request: Request) -> Iterator[str]:
    """An alias has the DNS name and the hosted zone of its target, and says whether to ask for the target's health."""
    balancers = {text(each.properties.get("dnsName")).lower(): each for each in request.visible(types.LOAD_BALANCER)}
    for alias in mappings(request.inputs.get("aliases")):
        name = text(alias.get("name")).lower().removeprefix("dualstack.").rstrip(".")
        if target := balancers.get(name):
            if is_known(alias.get("zoneId")) and alias.get("zoneId") != target.properties["zoneId"]:
                zone = target.properties["zoneId"]
                yield (
                    f"{CODE}: tried to create an alias that targets {name}, but the alias target name does not lie"
                    f" within the target zone {alias['zoneId']}: it is {zone}"
                )
            if request.inputs.get("type") not in ("A", "AAAA"):
                yield f"{CODE}: an alias of a load balancer has the type A or AAAA, not {request.inputs.get('type')}"
        elif f".{request.region}.elb.amazonaws.com" in name:
            yield f"{CODE}: the alias target {name} was not found: no load balancer has this name"


def _id(request: Request) -> str:
    parts = [str(request.inputs.get(key)) for key in ("zoneId", "name", "type", "setIdentifier")]
    return "_".join(parts if request.inputs.get("setIdentifier") else parts[:3])


TYPES = {
    types.RECORD: ResourceType(
        id=_id,
        outputs={"fqdn": "{name}"},
        replace_on_changes=frozenset({"name", "type", "zoneId"}),
        validate=record.reasons,
        failure=Failure(source="route53/record.go", empty_update="applies", unreadable=frozenset({"allowOverwrite"})),
    ),
}
