"""What RegisterTaskDefinition accepts of port mappings.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.aws.ecs_definition import containers, definition
from simulator.aws.values import outside, repeated
from simulator.cloud import Request
from simulator.store import Properties

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html"


def mapped(inputs: Properties) -> list[tuple[Properties, Properties]]:
    """The containers of a task definition with each of their port mappings."""
    return [(container, port) for container in containers(inputs) for port in container.get("portMappings", [])]


@definition(API)
def ports_are_ports(request: Request) -> Iterator[str]:
    """A mapping names a port from 1 to 65535, or a range, and no other port of the host in the mode awsvpc."""
    for container, port in mapped(request.inputs):
        name = container.get("name", "")
        for problem in outside("ClientException", port, [("containerPort", 1, 65535), ("hostPort", 0, 65535)]):
            yield f"{problem}, in {name}"
        if ("containerPort" in port) == ("containerPortRange" in port):
            yield f"ClientException: a port mapping of {name} must have either containerPort or containerPortRange"
        is_shared = request.inputs.get("networkMode") in ("awsvpc", "host")
        if is_shared and port.get("hostPort") and port["hostPort"] != port.get("containerPort"):
            yield (
                f"ClientException: When networkMode={request.inputs['networkMode']}, the host ports and container ports"
                f" in port mappings must match: {port['hostPort']} and {port.get('containerPort')} in {name}"
            )
        bounds = [int(each) for each in re.findall(r"\d{1,9}", port.get("containerPortRange", ""))]
        if "containerPortRange" in port and not (
            re.fullmatch(r"\d+-\d+", port["containerPortRange"]) and 1 <= bounds[0] <= bounds[-1] <= 65535
        ):
            yield f"ClientException: containerPortRange {port['containerPortRange']!r} is no range of ports, in {name}"


# https://github.com/aws/amazon-ecs-agent/issues/1220
@definition(API, confirmed="recorded answer")
def ports_are_mapped_once(request: Request) -> Iterator[str]:
    """The containers of a task share its network interface: a port belongs to one mapping."""
    ports = [
        (port["containerPort"], port.get("protocol", "tcp"))
        for _, port in mapped(request.inputs)
        if "containerPort" in port
    ]
    for number, protocol in repeated(ports):
        yield f"ClientException: the port {number}/{protocol} is mapped more than once"


@definition(API)
def port_names_are_valid(request: Request) -> Iterator[str]:
    """A name has up to 64 lower-case letters, numbers, underscores and hyphens, no hyphen first."""
    for _, port in mapped(request.inputs):
        if "name" in port and not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,63}", port["name"]):
            yield f"ClientException: the name of a port mapping contains invalid characters: {port['name']!r}"


@definition(API, confirmed="nobody")
def port_names_are_unique(request: Request) -> Iterator[str]:
    """The port mappings of a task have different names."""
    for name in repeated(port["name"] for _, port in mapped(request.inputs) if "name" in port):
        yield f"ClientException: the name {name} of a port mapping is not unique in the task definition"


@definition(API, confirmed="nobody")
def application_protocols_are_on_tcp(request: Request) -> Iterator[str]:
    """HTTP and gRPC run on TCP."""
    for container, port in mapped(request.inputs):
        if port.get("appProtocol") and port.get("protocol", "tcp") != "tcp":
            name = container.get("name", "")
            yield f"ClientException: appProtocol {port['appProtocol']} requires the protocol tcp, in {name}"
