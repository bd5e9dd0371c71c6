"""The port on which a process listens, against the ports under which others reach it."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws import ecs_service_connect
from simulator.aws.ecs_service import target_groups
from simulator.aws.start.task import PORT_VARIABLES, Task, is_service, start, variables
from simulator.aws.values import mapping, mappings, number, text
from simulator.store import Properties

CONNECT = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html"
HEALTH = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"


def listens(container: Properties) -> dict[int, str]:
    """The protocols by the ports on which the container's process listens, as its environment tells it."""
    found = variables(container)
    ports = {number(found[name]): protocol for name, protocol in PORT_VARIABLES.items() if found.get(name)}
    return {port: protocol for port, protocol in ports.items() if port is not None}


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/taskdef-envfiles.html", confirmed="nobody")
def a_service_is_told_one_port(task: Task) -> Iterator[str]:
    """A service of Marginalia listens on the port that one of its variables names: docs/services.md."""
    for container in filter(is_service, task.containers):
        found = {name: value for name, value in variables(container).items() if name in PORT_VARIABLES and value}
        if len(found) != 1:
            yield f"EssentialContainerExited: {container['name']}: set exactly one of GRPC_PORT and HTTP_PORT"
        for name, value in found.items():
            if (port := number(value)) is None or not 1 <= port <= 65535:
                yield f"EssentialContainerExited: {container['name']}: {name} must be a port number, not {value!r}"


def _reached(task: Task) -> Iterator[tuple[str, Properties, int, str]]:
    """Who reaches a container from outside the task, the container, the port, and the application protocol."""
    by_name = {each["name"]: each for each in task.containers}
    for target in mappings(task.service.get("loadBalancers")):
        container, port = by_name.get(text(target.get("containerName"))), number(target.get("containerPort"))
        if container and port is not None:
            yield "the load balancer", container, port, ""
    names = {text(each.get("portName")) for each in ecs_service_connect.services(task.service)}
    for container in task.containers:
        for port in container.get("portMappings", []):
            if port.get("name") in names and "containerPort" in port:
                yield f"Service Connect ({port['name']})", container, port["containerPort"], port.get("appProtocol", "")


@start(CONNECT)
def processes_listen_where_they_are_reached(task: Task) -> Iterator[str]:
    """The load balancer and Service Connect send to the port on which the process listens."""
    for source, container, port, _ in _reached(task):
        ports = listens(container)
        if not is_service(container):
            yield (
                f"{source} sends to port {port} of {container['name']}, which listens on none:"
                " its environment has neither GRPC_PORT nor HTTP_PORT"
            )
        elif ports and port not in ports:
            where = ", ".join(map(str, ports))
            yield f"{source} sends to port {port} of {container['name']}, which listens on port {where}"


@start("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html", confirmed="nobody")
def processes_speak_the_protocol_of_the_mapping(task: Task) -> Iterator[str]:
    """The application protocol of a port is the one that the process speaks there."""
    for source, container, port, protocol in _reached(task):
        spoken = listens(container).get(port)
        # HTTP/2 carries gRPC.
        if (protocol, spoken) in (("grpc", "http"), ("http", "grpc")):
            yield f"{source} speaks {protocol} with port {port} of {container['name']}, which speaks {spoken}"


@start(HEALTH)
def target_health_checks_reach_the_process(task: Task) -> Iterator[str]:
    """A target group asks the port of the traffic, or another that the process listens on, in its protocol."""
    by_name = {each["name"]: each for each in task.containers}
    arns = {text(each.get("targetGroupArn")): each for each in mappings(task.service.get("loadBalancers"))}
    for group in target_groups(task.request):
        container = by_name.get(text(arns[group.properties["arn"]].get("containerName")), {})
        ports, check = listens(container), mapping(group.properties.get("healthCheck"))
        port = number(check.get("port", "traffic-port"))
        if ports and port is not None and port not in ports:
            where = ", ".join(map(str, ports))
            yield (
                f"Task failed ELB health checks: the target group asks port {port} of {container['name']},"
                f" which listens on port {where}"
            )
        asks_grpc = text(group.properties.get("protocolVersion")) == "GRPC"
        if ports and asks_grpc != ("grpc" in ports.values()):
            version = group.properties.get("protocolVersion", "HTTP1")
            yield (
                f"Task failed ELB health checks: the target group speaks {version}"
                f" with {container['name']}, which speaks {', '.join(ports.values())}"
            )
        if ports and (protocol := text(check.get("protocol")) or text(group.properties.get("protocol"))) == "HTTPS":
            yield (
                f"Task failed ELB health checks: the target group speaks {protocol}"
                f" with {container['name']}, which has no certificate"
            )
