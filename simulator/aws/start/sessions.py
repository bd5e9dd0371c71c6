"""Whether somebody could open a session of ECS Exec in a task that started."""

from __future__ import annotations

from collections.abc import Iterator

from ecs.iam import FIND_LOG_GROUP, SESSION_ACTIONS, SESSION_LOG_ACTIONS
from ecs.network import SESSION_ENDPOINT
from simulator.aws import access
from simulator.aws.start import logs, network
from simulator.aws.start.task import Task
from simulator.check import Checks

PAGE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"

agent = Checks[Task]("a task whose agent of ECS Exec runs")
session = Checks[Task]("a task that ECS Exec can open a session in")


# https://github.com/aws-containers/amazon-ecs-exec-checker/issues/21
@agent(PAGE, confirmed="recorded answer")
def the_agent_can_write(task: Task) -> Iterator[str]:
    """The agent writes to the root file system of each container."""
    for each in task.containers:
        if each.get("readonlyRootFilesystem"):
            yield f"the root file system of {each['name']} is read-only"


@session(PAGE)
def the_task_role_may_open_channels(task: Task) -> Iterator[str]:
    """The task role may create and open the channels of Session Manager."""
    context = access.endpoint(task.request, task.subnets, SESSION_ENDPOINT)
    for action in SESSION_ACTIONS if task.task_role else ():
        if task.task_role and (reason := task.task_role.refusal(action, "*", context=context)):
            yield f"{task.task_role.arn} is not authorized to perform {action}: {reason}"


@session("https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html")
def the_task_reaches_session_manager(task: Task) -> Iterator[str]:
    """The task reaches Session Manager by a route to the internet or by an endpoint."""
    yield from network.unreached(task, {SESSION_ENDPOINT: dict.fromkeys(SESSION_ACTIONS, "*")})


@session(f"{PAGE}#ecs-exec-logging")
def the_task_role_may_log_sessions(task: Task) -> Iterator[str]:
    """The task role may find the log group of its container and write to it."""
    role = task.task_role
    for group in logs.groups(task) if role else ():
        arn = f"arn:aws:logs:{group.region}:{task.request.account}:log-group:"
        required = {FIND_LOG_GROUP: f"{arn}:log-stream:"} | dict.fromkeys(
            SESSION_LOG_ACTIONS, f"{arn}{group.name}:log-stream:ecs-execute-command-id"
        )
        context = access.endpoint(task.request, task.subnets, "logs")
        for action, resource in required.items():
            if role and (reason := role.refusal(action, resource, context=context)):
                yield f"{role.arn} is not authorized to perform {action} on {group.name}: {reason}"
