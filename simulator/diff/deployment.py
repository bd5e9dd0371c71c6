"""A first deployment, in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.aws import ec2, rds, route53, s3
from simulator.diff import reach, words
from simulator.diff.state import Properties, State


@dataclass(frozen=True, kw_only=True)
class Line:
    about: str
    text: str


def summary(state: State) -> tuple[Line, ...]:
    return tuple(_lines(state))


def _lines(state: State) -> Iterator[Line]:
    services = state.services
    yield Line(about="services", text=", ".join(sorted(services)) or "none yet: nothing is promoted")
    yield Line(about="public", text=_public(state))
    yield Line(about="way out", text=way_out(state))
    for each in state.of(rds.INSTANCE):
        yield Line(about="database", text=_database(each.inputs))
    for each in state.of(s3.BUCKET):
        yield Line(about="bucket", text=str(each.inputs.get("bucket")))
    protected = sum(each.protect for each in state.resources.values())
    yield Line(about="protected", text=f"{words.counted(protected, 'resource')}" if protected else "nothing")
    yield Line(about="resources", text=words.inventory(each.type for each in state.resources.values()))


def _public(state: State) -> str:
    behind = sorted(name for name, each in state.services.items() if each.inputs.get("loadBalancers"))
    doors = [each for each in reach.connections(state) if each.target == "ingress"]
    if not doors:
        return "nothing"
    who = ", ".join(sorted({each.source for each in doors}))
    ports = ", ".join(sorted({each.port for each in doors}))
    names = sorted({str(each.inputs["name"]) for each in state.of(route53.RECORD) if _is_alias(each.inputs)})
    where = ", ".join(f"https://{name}" for name in names) or "the load balancer's own name, without TLS"
    return f"{', '.join(behind) or 'a fixed answer of 503'} at {where}, for {who} on {ports}"


def _is_alias(inputs: Properties) -> bool:
    return bool(inputs.get("aliases"))


def way_out(state: State) -> str:
    """How tasks reach AWS, and the web."""
    if gateways := state.of(ec2.NAT_GATEWAY):
        return f"through {words.counted(len(gateways), 'NAT gateway')}"
    if any(each.inputs.get("networkConfiguration", {}).get("assignPublicIp") for each in state.services.values()):
        return "tasks have public addresses"
    if any(e.inputs.get("vpcEndpointType") == "Interface" for e in state.of(ec2.VPC_ENDPOINT)):
        return "to AWS alone, through VPC endpoints"
    return "none"


def _database(inputs: Properties) -> str:
    zones = "in two zones" if inputs.get("multiAz") else "in one zone"
    backups = words.counted(inputs.get("backupRetentionPeriod", 0), "day")
    return (
        f"{inputs.get('engine')} {inputs.get('engineVersion')}, {inputs.get('instanceClass')},"
        f" {inputs.get('allocatedStorage')} GiB, {zones}, backups for {backups}"
    )
