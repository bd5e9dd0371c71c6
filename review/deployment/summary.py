"""Summarizes a first deployment in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecs import types
from review import nouns
from review.deployment import connectivity
from review.deployment.state import Properties, State
from review.deployment.toolbox import toolbox


@dataclass(frozen=True, kw_only=True)
class Line:
    topic: str
    text: str


def summary(state: State) -> tuple[Line, ...]:
    return tuple(_lines(state))


def _lines(state: State) -> Iterator[Line]:
    yield Line(topic="services", text=", ".join(sorted(state.services)) or "none: no image is pinned")
    if state.jobs:
        yield Line(topic="jobs", text=", ".join(sorted(state.jobs)))
    if found := sorted(
        {each for definition in state.of(types.TASK_DEFINITION) if (each := toolbox(definition.inputs))}
    ):
        yield Line(topic="debug", text=f"a shell with the access of each service, in {', '.join(found)}")
    yield Line(topic="public", text=_public(state))
    yield Line(topic="egress", text=egress(state))
    for each in state.of(types.DB_INSTANCE):
        yield Line(topic="database", text=_database(each.inputs))
    for each in sorted(str(each.inputs.get("bucket")) for each in state.of(types.BUCKET)):
        yield Line(topic="bucket", text=each)
    protected = sum(each.protect for each in state.resources.values())
    yield Line(topic="protected", text=nouns.counted(protected, "resource") if protected else "nothing")
    yield Line(topic="resources", text=nouns.inventory(each.type for each in state.resources.values()))


def _public(state: State) -> str:
    """The services behind the load balancer, its addresses, and the sources that may reach it."""
    balancers = {name for each in state.of(types.LOAD_BALANCER) for name in connectivity.names_of(state, each)}
    allowed = [each for each in connectivity.connections(state) if each.target in balancers]
    if not allowed:
        return "nothing"
    behind = sorted(name for name, each in state.services.items() if each.inputs.get("loadBalancers"))
    sources = ", ".join(sorted({each.source for each in allowed}))
    ports = ", ".join(sorted({each.port for each in allowed}))
    names = sorted({str(each.inputs["name"]) for each in state.of(types.RECORD) if each.inputs.get("aliases")})
    addresses = ", ".join(f"https://{name}" for name in names) or "the load balancer's own name, without TLS"
    return f"{', '.join(behind) or 'a fixed answer of 503'} at {addresses}, for {sources} on {ports}"


def egress(state: State) -> str:
    """The route from tasks to AWS and to the internet."""
    if gateways := state.of(types.NAT_GATEWAY):
        return f"through {nouns.counted(len(gateways), 'NAT gateway')}"
    if any(each.inputs.get("networkConfiguration", {}).get("assignPublicIp") for each in state.services.values()):
        return "tasks have public addresses"
    if any(each.inputs.get("vpcEndpointType") == "Interface" for each in state.of(types.VPC_ENDPOINT)):
        return "to AWS alone, through VPC endpoints"
    return "none"


def _database(inputs: Properties) -> str:
    zones = "in two zones" if inputs.get("multiAz") else "in one zone"
    backups = nouns.counted(inputs.get("backupRetentionPeriod", 0), "day")
    return (
        f"{inputs.get('engine')} {inputs.get('engineVersion')}, {inputs.get('instanceClass')},"
        f" {inputs.get('allocatedStorage')} GiB, {zones}, backups for {backups}"
    )
