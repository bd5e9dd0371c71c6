"""The log streams of a task's containers, with the proxy of Service Connect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecs import types
from simulator.aws import access, ecs_service_connect
from simulator.aws.start.task import Task, start
from simulator.aws.values import mapping
from simulator.store import Object, Properties

PROXY = "ecs-service-connect"
"""The beginning of the name that ECS gives to the container of the proxy.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html"""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A log group that the log driver `awslogs` of a container names."""

    name: str
    region: str
    create: bool
    """Whether the driver creates the group."""
    stream: str
    """The beginning of the streams' names."""

    def found(self, task: Task) -> list[Object]:
        request = task.request
        found = request.cloud.store.located(types.LOG_GROUP, request.account, self.region, name=self.name)
        return [each for each in found if request.cloud.guaranteed(each, request.urn)]

    def resources(self, task: Task) -> list[str]:
        """The streams as IAM names them: before they have a name, and with it.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
        """
        group = f"arn:aws:logs:{self.region}:{task.request.account}:log-group:{self.name}:log-stream:"
        return [group, f"{group}{self.stream}/id-of-the-task"]


def groups(task: Task) -> list[Group]:
    """The log groups. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"""
    proxy: Properties = {"name": PROXY, **ecs_service_connect.configuration(task.service)}
    configured = [
        (each.get("name"), each["logConfiguration"])
        for each in (*task.containers, proxy)
        if each.get("logConfiguration")
    ]
    return [
        Group(
            name=str(options.get("awslogs-group", "")),
            region=str(options.get("awslogs-region", task.request.region)),
            create=options.get("awslogs-create-group") == "true",
            stream=f"{options.get('awslogs-stream-prefix', '')}/{container}",
        )
        for container, driver in configured
        if driver.get("logDriver", "awslogs") == "awslogs"
        for options in [mapping(driver.get("options"))]
    ]


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html")
def log_groups_exist(task: Task) -> Iterator[str]:
    """Each log group exists in the region that the options name, unless the log driver creates it."""
    for group in groups(task):
        if not group.create and not group.found(task):
            where = "" if group.region == task.request.region else f" in {group.region}"
            yield (
                "ResourceInitializationError: failed to validate logger args:"
                f" the log group {group.name} does not exist{where}"
            )


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html")
def may_write(task: Task) -> Iterator[str]:
    """The execution role may create log streams and write to them, and create the group that the driver creates."""
    if not (role := task.execution_role):
        return
    for group in groups(task):
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"] if group.create or group.found(task) else []
        if group.create and not group.found(task):
            actions.append("logs:CreateLogGroup")
        context = {**access.endpoint(task.request, task.subnets, "logs"), "aws:RequestedRegion": group.region}
        for action in actions:
            reasons = [role.refusal(action, each, context=context) for each in group.resources(task)]
            if reason := "" if "" in reasons else reasons[0]:
                yield (
                    f"ResourceInitializationError: {task.role} is not authorized to perform {action} on {group.name}:"
                    f" {reason}"
                )
