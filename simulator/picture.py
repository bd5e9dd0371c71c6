"""What a stack deploys, as a Mermaid flowchart: drawn from the resources that the program declares.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mistakes import KEY
from simulator.aws import ec2, ecs, rds, s3
from simulator.diff import deployment, permissions, reach, run
from simulator.diff.state import State, states
from simulator.engine import Simulator
from simulator.errors import SimulatorError

INGRESS, DATABASE = "ingress", "database"


def draw(simulator: Simulator, stack: str) -> str:
    """The stack, brought up in a throw-away home. Raises SimulatorError when it does not come up.

    One that builds comes up from nothing; for one that runs pinned images the home must hold what pushed them.
    """
    settings = simulator.program.config(stack).get(KEY)
    builds = isinstance(settings, dict) and "build" in settings
    with (run.from_nothing if builds else run.in_a_copy)(simulator) as there:
        outcome = run.bring_up(there, stack)
    if outcome.errors:
        raise SimulatorError("\n".join(outcome.errors))
    _, state = states([], outcome.resources or [])
    return flowchart(state)


def flowchart(state: State) -> str:
    return "\n".join(["flowchart LR", *(f"    {line}" for line in _lines(state))]) + "\n"


def put_into(text: str, picture: str) -> str:
    """A page whose first Mermaid block is this picture."""
    return re.sub(r"(?<=```mermaid\n).*?(?=```)", lambda _: picture, text, count=1, flags=re.DOTALL)


def _lines(state: State) -> Iterator[str]:
    edges = _edges(state)
    # No name of a service is a word of Mermaid's, or of ours, then.
    ids = {name: f"service_{name.replace('-', '_')}" for name in state.services}
    ids |= {INGRESS: INGRESS, DATABASE: DATABASE}
    outside = sorted({source for source, _, target in edges if target == INGRESS and source not in ids})
    yield from (f'outside{number}(["{source}"])' for number, source in enumerate(outside))
    yield f'subgraph vpc["VPC {_network(state)}"]'
    yield f'    {INGRESS}["load balancer{"" if state.services else "<br>answers 503"}"]'
    if state.services:
        yield f'    subgraph cluster["ECS cluster {_cluster(state)}"]'
        yield from (f'        {ids[name]}["{_task(state, name)}"]' for name in sorted(state.services))
        yield "    end"
    yield from (f'    {DATABASE}[("{_engine(each.inputs)}")]' for each in state.of(rds.INSTANCE))
    yield "end"
    yield from (f'bucket[("S3<br>{each.inputs["bucket"]}")]' for each in state.of(s3.BUCKET))
    yield from _arrows(edges, {**ids, **{source: f"outside{number}" for number, source in enumerate(outside)}})
    if users := _bucket_users(state):
        yield f"{' & '.join(ids[name] for name in users)} --> bucket"
    if state.services:
        yield f'vpc -. "{deployment.way_out(state)}" .-> aws(["AWS and the web"])'


def _arrows(edges: list[tuple[str, str, str]], ids: dict[str, str]) -> Iterator[str]:
    """One for each port of each target, from all who reach it."""
    grouped: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for source, port, target in edges:
        if source in ids and target in ids:
            grouped[port, target].append(ids[source])
    for (port, target), sources in sorted(grouped.items(), key=lambda each: (each[0][1] != INGRESS, each)):
        yield f"{' & '.join(sorted(sources))} -- {port} --> {ids[target]}"


def _edges(state: State) -> list[tuple[str, str, str]]:
    """Who reaches whom, with the port between them."""
    found = {(each.source, each.port.removesuffix("/tcp"), each.target) for each in reach.connections(state)}
    return sorted(found)


def _network(state: State) -> str:
    [vpc] = state.of(ec2.VPC)
    zones = sorted({str(each.inputs["availabilityZone"]) for each in state.of(ec2.SUBNET)})
    return f"{vpc.inputs['cidrBlock']} in {', '.join(zones)}"


def _cluster(state: State) -> str:
    [cluster] = state.of(ecs.CLUSTER)
    return str(cluster.inputs["name"])


def _task(state: State, service: str) -> str:
    task = state.task_definition(service)
    [container] = task["containerDefinitions"]
    [port] = container["portMappings"]
    protocol = {"grpc": "gRPC", "http": "HTTP"}[port["appProtocol"]]
    return f"{service}<br>{protocol} {port['containerPort']}"


def _engine(inputs: dict[str, object]) -> str:
    zones = ", two zones" if inputs.get("multiAz") else ""
    return f"{inputs['engine']} {inputs['engineVersion']}<br>{inputs['instanceClass']}{zones}"


def _bucket_users(state: State) -> list[str]:
    holders = {each.holder for each in permissions.grants(state) if each.action.startswith("s3:")}
    return sorted(name for name in state.services if f"{name}'s task role" in holders)
