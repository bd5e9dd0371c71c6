"""The security groups at both ends of each connection that a task needs to do its work."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator import logins
from simulator.aws import ecs_definition, routes, traffic
from simulator.aws.ecs_service import FORWARDING, balancer_arn, forwards
from simulator.aws.start import network, secrets
from simulator.aws.start.task import Task, start
from simulator.aws.traffic import End
from simulator.aws.values import mapping, mappings
from simulator.cloud import as_list
from simulator.store import Object, Properties


def balancers(task: Task, target_group: str) -> list[Object]:
    """The load balancers whose listeners and rules forward to a target group."""
    listeners = [each.properties for kind in FORWARDING for each in task.request.visible(kind)]
    arns = {balancer_arn(each) for each in listeners if target_group in forwards(each)}
    return [each for each in task.request.visible(types.LOAD_BALANCER) if each.properties["arn"] in arns]


@start("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html")
def the_load_balancer_reaches_the_task(task: Task) -> Iterator[str]:
    """The load balancer reaches the task on the container's port and on the port of the health check."""
    for block in as_list(task.service.get("loadBalancers")):
        for group in task.request.visible(types.TARGET_GROUP, arn=block.get("targetGroupArn")):
            check = mapping(group.properties.get("healthCheck")).get("port") or "traffic-port"
            ports = {block.get("containerPort")} | ({int(check)} if str(check).isdigit() else set[int]())
            for balancer in balancers(task, group.properties["arn"]):
                source = _balancer_end(balancer)
                for port in sorted(int(each) for each in ports if each):
                    if cause := traffic.problem(task.request, source, network.end(task), port):
                        name = routes.logical_name(group)
                        yield f"Task failed ELB health checks in (target-group {name}): Request timed out: {cause}"


@start("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html")
def clients_reach_the_load_balancer(task: Task) -> Iterator[str]:
    """The load balancer's security groups admit somebody on the port of each of its listeners."""
    for block in as_list(task.service.get("loadBalancers")):
        for balancer in balancers(task, block.get("targetGroupArn", "")):
            source = _balancer_end(balancer)
            for listener in task.request.visible(types.LISTENER, loadBalancerArn=balancer.properties["arn"]):
                port = int(listener.properties["port"])
                if source.groups and not traffic.admits_somebody(task.request, source.groups, port):
                    yield (
                        f"nobody reaches the listener {routes.logical_name(listener)}:"
                        f" no ingress rule of {source.describe(task.request)} for port {port}"
                    )


def _balancer_end(balancer: Object) -> End:
    return End(
        name=routes.logical_name(balancer),
        groups=as_list(balancer.properties.get("securityGroups")),
        subnets=as_list(balancer.properties.get("subnets")),
    )


@start("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html")
def callees_are_reached(task: Task) -> Iterator[str]:
    """The task reaches the port of each service whose Service Connect name its environment contains."""
    values = {each.get("value") for container in task.containers for each in as_list(container.get("environment"))}
    for service in task.request.visible(types.SERVICE):
        for name, port in _offered(task, service):
            if name in values:
                target = _service_end(service.properties, f"{service.properties['name']}'s tasks")
                if cause := traffic.problem(task.request, network.end(task), target, port):
                    yield f"the connection to {name} times out: {cause}"


def _offered(task: Task, service: Object) -> Iterator[tuple[str, int]]:
    """Each `name:port` that a service offers in the task's namespace, and the port on which its tasks listen.

    On Fargate the proxy of the callee listens on the container's port, unless there is an ingress port override.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html
    """
    connect = mapping(service.properties.get("serviceConnectConfiguration"))
    if connect.get("namespace") != mapping(task.service.get("serviceConnectConfiguration")).get("namespace"):
        return
    ports = _named_ports(task, service.properties.get("taskDefinition"))
    for each in as_list(connect.get("services")):
        port = int(each.get("ingressPortOverride") or ports.get(each.get("portName"), 0))
        for alias in as_list(each.get("clientAlias")) if port else []:
            dns_name = alias.get("dnsName") or each.get("discoveryName") or each.get("portName")
            yield f"{dns_name}:{alias['port']:.0f}", port


def _named_ports(task: Task, definition: object) -> dict[str, int]:
    """The container ports of a task definition by name."""
    return {
        port["name"]: port["containerPort"]
        for found in task.request.visible(types.TASK_DEFINITION, arn=definition)
        for container in ecs_definition.containers(found.properties)
        for port in mappings(container.get("portMappings"))
        if "name" in port and "containerPort" in port
    }


@start("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html")
def the_database_is_reached(task: Task) -> Iterator[str]:
    """The task reaches the port of each database whose URL is in one of its secrets."""
    for login in _logins(task):
        for instance in task.request.visible(types.DB_INSTANCE, address=login.get("host")):
            name, port = routes.logical_name(instance), int(instance.properties.get("port") or 5432)
            if (named := login.get("port")) and named != port:
                yield f"the connection to {name} is refused: the secret names port {named}, not {port}"
            elif cause := traffic.problem(task.request, network.end(task), _database_end(task, instance), port):
                yield f"the connection to {name} times out: {cause}"


def _logins(task: Task) -> Iterator[Properties]:
    """What the secrets' versions say of databases."""
    for reference in set(secrets.references(task)):
        parts = reference.split(":")
        version = parts[9] if len(parts) > 9 else ""
        for each in task.request.visible(types.SECRET_VERSION, secretId=":".join(parts[:7])):
            login = each.properties.get(logins.LOGIN)
            if login and version in ("", each.properties["versionId"]):
                yield login


def _database_end(task: Task, instance: Object) -> End:
    groups = task.request.visible(types.DB_SUBNET_GROUP, name=instance.properties.get("dbSubnetGroupName"))
    return End(
        name=routes.logical_name(instance),
        groups=as_list(instance.properties.get("vpcSecurityGroupIds")),
        subnets=[subnet for each in groups for subnet in each.properties["subnetIds"]],
    )


def _service_end(service: Properties, name: str) -> End:
    given = mapping(service.get("networkConfiguration"))
    return End(name=name, groups=as_list(given.get("securityGroups")), subnets=as_list(given.get("subnets")))
