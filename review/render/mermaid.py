"""Renders a deployment as a Mermaid flowchart. https://mermaid.js.org/syntax/flowchart.html"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from cost.estimate import Estimate
from ecs import types
from review.changes.jobs import BY_HAND, when
from review.deployment import connectivity, permissions, summary
from review.deployment.state import Resource, State

INGRESS, DATABASE, BUCKET = "ingress", "database", "bucket"
"""Ids of nodes. The id of a service has a prefix, so that none is one of these or a keyword of Mermaid."""
LOG_BUCKET = "::marginalia:logs:LogBucket$"
"""In the URN of a bucket that no service uses."""


def flowchart(state: State, cost: Estimate) -> str:
    lines = [*_lines(state), *_legend(cost)]
    return "\n".join(["flowchart LR", *(f"    {line}" for line in lines)]) + "\n"


def put_into(text: str, picture: str) -> str:
    """The page with the picture in place of its first Mermaid block."""
    return re.sub(r"(?<=```mermaid\n).*?(?=```)", lambda _: picture, text, count=1, flags=re.DOTALL)


def _lines(state: State) -> Iterator[str]:
    inside = _inside(state)
    connections = connectivity.connections(state)
    sources = {each.source for each in connections if inside.get(each.target) == INGRESS}
    outside = {source: f"outside{number}" for number, source in enumerate(sorted(sources - inside.keys()))}
    yield from (f'{node}(["{source}"])' for source, node in outside.items())
    yield f'subgraph vpc["VPC {_network(state)}"]'
    yield f'    {INGRESS}["load balancer{"" if state.services else "<br>answers 503"}"]'
    if state.services or state.jobs:
        yield f'    subgraph cluster["ECS cluster {_cluster(state)}"]'
        yield from (f'        {_node(name)}["{_task(state, name)}"]' for name in sorted(state.services))
        yield from (f'        {_node(name)}[/"{_job(state, name)}"/]' for name in sorted(state.jobs))
        yield "    end"
    yield from (f'    {DATABASE}[("{_engine(each)}")]' for each in state.of(types.DB_INSTANCE))
    yield "end"
    buckets = [each for each in state.of(types.BUCKET) if LOG_BUCKET not in each.urn]
    yield from (f'{BUCKET}[("S3<br>{each.inputs["bucket"]}")]' for each in buckets)
    yield from _arrows(connections, {**inside, **outside})
    running = sorted([*state.services, *state.jobs])
    if users := [_node(name) for name in running if _uses_bucket(state, name)]:
        yield f"{' & '.join(users)} --> {BUCKET}"
    if running:
        yield f'vpc -. "{summary.egress(state)}" .-> aws(["AWS and the web"])'


def _legend(cost: Estimate) -> Iterator[str]:
    """What the whole costs, in dollars; nothing if no price is known."""
    if cost.amounts:
        yield f'legend["${cost.least:,.0f} to ${cost.most:,.0f} a month<br>and what costs by use"]'


def _node(service: str) -> str:
    return f"service_{service.replace('-', '_')}"


def _inside(state: State) -> dict[str, str]:
    """The node of each service, job, load balancer and database, by the names that it has in connections."""
    resources = [
        *((each, _node(name)) for name, each in state.services.items()),
        *((each, INGRESS) for each in state.of(types.LOAD_BALANCER)),
        *((each, DATABASE) for each in state.of(types.DB_INSTANCE)),
    ]
    of_jobs = {name: _node(name) for name in state.jobs}  # each is the only one with a group in its component
    return of_jobs | {name: node for each, node in resources for name in connectivity.names_of(state, each)}


def _arrows(connections: frozenset[connectivity.Connection], nodes: Mapping[str, str]) -> Iterator[str]:
    """One for each port of each target, from all its sources; those to the load balancer first."""
    sources: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in connections:
        if each.source in nodes and each.target in nodes:
            sources[each.port.removesuffix("/tcp"), nodes[each.target]].add(nodes[each.source])
    for port, target in sorted(sources, key=lambda each: (each[1] != INGRESS, each)):
        yield f"{' & '.join(sorted(sources[port, target]))} -- {port} --> {target}"


def _network(state: State) -> str:
    [vpc] = state.of(types.VPC)
    zones = sorted({str(each.inputs["availabilityZone"]) for each in state.of(types.SUBNET)})
    return f"{vpc.inputs['cidrBlock']} in {', '.join(zones)}"


def _cluster(state: State) -> str:
    [cluster] = state.of(types.CLUSTER)
    return str(cluster.inputs["name"])


def _task(state: State, service: str) -> str:
    definition = state.task_definition(service)
    if definition is None:
        return service
    [port] = [port for each in definition.inputs["containerDefinitions"] for port in each.get("portMappings", [])]
    protocol = {"grpc": "gRPC", "http": "HTTP"}[port["appProtocol"]]
    return f"{service}<br>{protocol} {port['containerPort']}"


def _job(state: State, name: str) -> str:
    starts = when(state, name)
    return f"{name}<br>job, {starts if starts == BY_HAND else starts.removeprefix('by ')}"


def _engine(instance: Resource) -> str:
    inputs = instance.inputs
    zones = ", two zones" if inputs.get("multiAz") else ""
    return f"{inputs['engine']} {inputs['engineVersion']}<br>{inputs['instanceClass']}{zones}"


def _uses_bucket(state: State, service: str) -> bool:
    return any(each.action.startswith("s3:") for each in permissions.of_task_role(state, service))
