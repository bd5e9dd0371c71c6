"""ECS Exec: the agent in the containers of a task, and who may open a session.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from __future__ import annotations

from simulator import clock
from simulator.aws import ecs_tasks, start
from simulator.cloud import Request
from simulator.store import Object, Properties

AGENT = "ExecuteCommandAgent"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedAgent.html"""
# https://github.com/keidarcy/e1s/issues/206
NOT_RUNNING = (
    "InvalidParameterException: The execute command failed because execute command was not enabled when the task was"
    " run or the execute command agent isn't running. Wait and try again or run a new task with execute command enabled"
    " and try again."
)
# https://github.com/aws/aws-cli/issues/6562
NOT_CONNECTED = (
    "TargetNotConnectedException: The execute command failed due to an internal error. Try again later. (simulated: {})"
)


def state(request: Request, definition: Properties) -> Properties:
    """What is stored of the agent of a task that starts."""
    stopped, unconnected = start.session_problems(request, definition)
    return {"agent": "STOPPED" if stopped else "RUNNING", "agentReason": "; ".join(stopped), "unconnected": unconnected}


def described(task: Properties) -> Properties:
    """The members of a container of the task. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html"""
    if "agent" not in task:
        return {}
    running = task["lastStatus"] == "RUNNING" and task["agent"] == "RUNNING"
    managed = {"name": AGENT, "lastStatus": "RUNNING" if running else "STOPPED", "reason": task["agentReason"]}
    started = {"lastStartedAt": clock.before(clock.ROLLOUT_BEGAN)} if running else {}
    return {"runtimeId": _runtime_id(task), "managedAgents": [{**managed, **started}]}


def target(cluster: str, task: Properties) -> str:
    """The name of the container for Session Manager. https://github.com/aws/aws-cli (ecs/executecommand.py)"""
    return f"ecs:{cluster.rpartition('/')[2]}_{task['arn'].rpartition('/')[2]}_{_runtime_id(task)}"


def refusal(task: Object) -> str:
    """Why nobody can open a session in the task now; empty if somebody can."""
    properties = task.properties
    if properties["lastStatus"] != "RUNNING" or properties.get("agent") != "RUNNING":
        return NOT_RUNNING
    return NOT_CONNECTED.format("; ".join(properties["unconnected"])) if properties["unconnected"] else ""


def _runtime_id(task: Properties) -> str:
    """The ID of the task and a number, as in public examples of Fargate. No page of AWS says so."""
    return f"{task['arn'].rpartition('/')[2]}-{ecs_tasks.number('runtime', task['arn'])[:10]}"
