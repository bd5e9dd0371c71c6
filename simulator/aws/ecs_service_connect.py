"""What CreateService accepts of Service Connect.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws.ecs_ports import mapped
from simulator.aws.ecs_service import MAX_SECONDS, definition_of, service
from simulator.aws.values import is_known, mapping, mappings, number, outside, repeated, text
from simulator.cloud import Request, hint
from simulator.store import Properties

CONFIGURATION = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html"
SERVICE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html"
ALIAS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectClientAlias.html"
TIMEOUT = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html"
ACCESS_LOG = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectAccessLogConfiguration.html"
CODE = "InvalidParameterException"


def configuration(inputs: Properties) -> Properties:
    """Service Connect of a service; nothing if it is off."""
    found = mapping(inputs.get("serviceConnectConfiguration"))
    return found if found.get("enabled", True) else {}


def namespace(inputs: Properties) -> str:
    """The name or the ARN of the namespace; empty without Service Connect."""
    return text(configuration(inputs).get("namespace"))


def services(inputs: Properties) -> list[Properties]:
    """The names that a service has in its namespace."""
    return mappings(configuration(inputs).get("services"))


def discovery_name(connected: Properties) -> str:
    return text(connected.get("discoveryName")) or text(connected.get("portName"))


def endpoints(inputs: Properties) -> list[str]:
    """The addresses, with ports, under which callers in the namespace reach a service."""
    return [
        f"{text(alias.get('dnsName')) or f'{discovery_name(each)}.{namespace(inputs)}'}:{number(alias.get('port'))}"
        for each in services(inputs)
        for alias in mappings(each.get("clientAlias"))
    ]


def _others(request: Request) -> list[Properties]:
    """The other services in the namespace, those of the same update included: AWS compares them in any order."""
    return [
        {**each.properties, "hint": hint(request, each)}
        for each in request.all(types.SERVICE)
        if each.id != request.id and namespace(each.properties) == namespace(request.inputs) != ""
    ]


@service(CONFIGURATION)
def the_namespace_exists(request: Request) -> Iterator[str]:
    """Service Connect is in a namespace of the region, by name or ARN: its own or the cluster's."""
    given = mapping(request.inputs.get("serviceConnectConfiguration"))
    if given and "enabled" not in given:
        yield f"{CODE}: serviceConnectConfiguration.enabled is required"
    if not (found := configuration(request.inputs)):
        return
    clusters = request.visible(types.CLUSTER, arn=request.inputs.get("cluster"))
    has_default = any(each.properties.get("serviceConnectDefaults") for each in clusters)
    known = {
        value
        for each in request.visible(types.NAMESPACE)
        for value in (each.properties["name"], each.properties["arn"])
    }
    name = found.get("namespace")
    if not name and not has_default:
        yield f"{CODE}: Service Connect requires a namespace: the service names none, and the cluster has no default"
    elif is_known(name) and name and name not in known:
        yield f"NamespaceNotFoundException: The specified namespace wasn't found: {name}"


@service(SERVICE)
def port_names_are_those_of_the_task(request: Request) -> Iterator[str]:
    """A name in the namespace is that of a named port of the task definition. A port may have several."""
    if not (found := definition_of(request)):
        return
    ports = {text(port.get("name")): port for _, port in mapped(found)}
    names = [text(each.get("portName")) for each in services(request.inputs)]
    for name in names:
        if not name:
            yield f"{CODE}: portName is required for each service of Service Connect"
        elif name not in ports:
            has = ", ".join(filter(None, ports)) or "no named port"
            yield f"{CODE}: the portName {name} was not found in the task definition: it has {has}"
        elif ports[name].get("protocol", "tcp") != "tcp":
            yield f"{CODE}: Service Connect requires the protocol tcp for the port {name}"


@service(SERVICE)
def discovery_names_are_unique_in_the_namespace(request: Request) -> Iterator[str]:
    """A discovery name has up to 64 lower-case letters, numbers, underscores and hyphens; one service has it."""
    names = [discovery_name(each) for each in services(request.inputs)]
    for name in names:
        if name and not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,63}", name):
            yield f"{CODE}: discoveryName {name!r} contains invalid characters"
    for name in repeated(names):
        yield f"{CODE}: discoveryName {name} is more than once in Service Connect"
    for other in _others(request):
        for name in {discovery_name(each) for each in services(other)} & {*names}:
            yield f"{CODE}: the discoveryName {name} is taken by the service {other['name']}{other['hint']}"


@service(ALIAS)
def aliases_are_unique_in_the_namespace(request: Request) -> Iterator[str]:
    """A service has one alias, with a port and a DNS name; the pair is that of one service in the namespace."""
    for each in services(request.inputs):
        aliases = mappings(each.get("clientAlias"))
        if len(aliases) != 1 and is_known(each.get("clientAlias", [])):
            yield f"{CODE}: {discovery_name(each)} must have one clientAlias, not {len(aliases)}"
        for alias in aliases:
            yield from outside(CODE, alias, [("port", 1, 65535)])
            if alias.get("port") is None:
                yield f"{CODE}: the clientAlias of {discovery_name(each)} requires a port"
            name = alias.get("dnsName")
            if is_known(name) and not re.fullmatch(r"[a-z0-9_.][a-z0-9_.-]{0,126}", str(name)):
                yield f"{CODE}: the dnsName {name!r} is no DNS name in lower case"
    own = endpoints(request.inputs)
    for endpoint in repeated(own):
        yield f"{CODE}: the clientAlias {endpoint} is more than once in Service Connect"
    for other in _others(request):
        for endpoint in {*endpoints(other)} & {*own}:
            yield f"{CODE}: the clientAlias {endpoint} is taken by the service {other['name']}{other['hint']}"


@service(TIMEOUT, confirmed="botocore")
def timeouts_are_within_their_limits(request: Request) -> Iterator[str]:
    """Timeouts are whole seconds from 0; one for each request requires an application protocol."""
    ports = {text(port.get("name")): port for _, port in mapped(definition_of(request))}
    for each in services(request.inputs):
        timeout, port = mapping(each.get("timeout")), ports.get(text(each.get("portName")), {})
        limits = [("idleTimeoutSeconds", 0, MAX_SECONDS), ("perRequestTimeoutSeconds", 0, MAX_SECONDS)]
        yield from outside(CODE, timeout, limits)
        yield from outside(CODE, each, [("ingressPortOverride", 1, 65535)])
        if port and timeout.get("perRequestTimeoutSeconds") is not None and not port.get("appProtocol"):
            yield f"{CODE}: perRequestTimeoutSeconds requires an appProtocol on the port {port['name']}"


@service(ACCESS_LOG)
def an_access_log_is_a_part_of_the_log(request: Request) -> Iterator[str]:
    """The access log of the proxy goes where its logConfiguration says, and needs one."""
    found = configuration(request.inputs)
    if found.get("accessLogConfiguration") and not found.get("logConfiguration"):
        yield f"{CODE}: accessLogConfiguration requires a logConfiguration of serviceConnectConfiguration"


@service("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html", confirmed="nobody")
def protocols_do_not_change(request: Request) -> Iterator[str]:
    """The protocol under a name that Service Connect knows cannot change (`appProtocol`, `protocol`).

    The words are those of ECS, in aws/containers-roadmap#2378.
    """
    if not (existing := request.existing()):
        return
    before, after = _protocols(request, existing.properties), _protocols(request, request.inputs)
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            configs = [
                f"ScServiceStableConfig(applicationProtocol={application or 'null'}, transportProtocol={transport},"
                f" ecsServiceArn={existing.properties['arn']})"
                for application, transport in (before[name], after[name])
            ]
            yield (
                f"{CODE}: The following config cannot be changed for a SC service."
                f" Previous config: {configs[0]}, current config: {configs[1]}"
            )


def _protocols(request: Request, inputs: Properties) -> dict[str, tuple[str | None, str]]:
    """The application and transport protocols by the names that Service Connect discovers."""
    ports = {
        text(port.get("name")): (port.get("appProtocol"), port.get("protocol", "tcp"))
        for task in request.all(types.TASK_DEFINITION, arn=inputs.get("taskDefinition"))
        for _, port in mapped(task.properties)
    }
    names = {discovery_name(each): text(each.get("portName")) for each in services(inputs)}
    return {name: ports[port] for name, port in names.items() if port in ports}
