"""`debug`: a task of its own with the access of a service, for a shell and for a port forwarded to the database.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import stackfile
from config.problems import UserError, did_you_mean
from ecs import run_task
from ecs.container import DEBUG
from ecs.run_task import NotStartedError, Run
from ops import stack
from ops.cloud import Cloud, requesting
from ops.ecs import Ecs, short

PERMISSIONS = (
    "ecs:DescribeTasks",
    "ecs:ExecuteCommand",
    "ecs:RunTask",
    "ecs:StopTask",
    "ecs:TagResource",
    "iam:PassRole",
    "ssm:StartSession",
)
STARTED_BY = "debug"
"""`startedBy` of its tasks."""
AGENT = "ExecuteCommandAgent"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedAgent.html"""
SHELL = "/bin/sh"
DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html"""
PORT = 5432


@dataclass(frozen=True, kw_only=True)
class Task:
    """A debug task that has been started."""

    subject: str
    """As `dev/promptsvc`."""
    run: Run
    arn: str
    minutes: int
    database: str
    """The address of the service's database; empty if it uses none."""
    ecs: Ecs
    ssm: Any
    location: tuple[str, str]
    """The account and the region."""
    runtime_id: str = ""
    """Of the container; empty until sessions can be opened in it."""

    @property
    def id(self) -> str:
        return short(self.arn)

    @property
    def target(self) -> str:
        """The container as Session Manager names it, as the AWS CLI does: ecs/executecommand.py of aws/aws-cli."""
        return f"ecs:{short(self.run.cluster)}_{self.id}_{self.runtime_id}"


def start(cloud: Cloud, name: str, service: str, root: Path, *, minutes: int | None, forward: bool) -> Task:
    """Starts a task that ends by itself after `minutes`, by default after those of the stack file. Raises UserError."""
    found = stack.declared(cloud, name, root)
    values, subject, location = _values(found, service), f"{name}/{service}", (found.account, found.region)
    limit = int(values["minutes"])  # a number of an output may be a float
    minutes = limit if minutes is None else minutes
    if not 1 <= minutes <= limit:
        raise UserError(f"{subject}: --minutes is {minutes}. It must be 1 to {limit}, the debug.minutes of the stack.")
    if forward and not values["database"]:
        raise UserError(f"{subject}: uses no database, so no port leads to one. Leave --forward out.")
    run = Run(
        cluster=found.cluster,
        task_definition=values["task-definition"],
        subnets=values["subnets"],
        security_groups=values["security-groups"],
        assign_public_ip=values["public-address"],
        container=DEBUG,
        log_group="",  # it writes nothing: the log is that of the sessions
        stream_prefix="",
        started_by=STARTED_BY,
        command=[str(60 * minutes)],
        exec=True,
    )
    with requesting("ECS", *location):
        ecs = cloud.ecs(*location)
        try:
            arn = run_task.start(ecs, run)
        except NotStartedError as error:
            raise UserError(f"{subject}: ECS started no task: {error}. Run the command again.") from None
    return Task(
        subject=subject,
        run=run,
        arn=arn,
        minutes=minutes,
        database=values["database"],
        ecs=ecs,
        ssm=cloud.client("ssm", *location),
        location=location,
    )


def _values(found: stack.Description, service: str) -> Mapping[str, Any]:
    """What the outputs say of the debug tasks of the service."""
    if not found.debug:
        raise UserError(
            f"{found.stack}: no service can be debugged. Set {stackfile.KEY}.debug in {stackfile.name(found.stack)} and"
            " deploy it: docs/howto/debug.md"
        )
    if service not in found.debug:
        listed = f"It runs {', '.join(sorted(found.debug))}."
        raise UserError(f"{found.stack}: no service {service}.{did_you_mean(service, found.debug)} {listed}")
    return found.debug[service]


def runtime_id(task: Task, pause: Callable[[float], object]) -> str:
    """The ID of the container, once sessions can be opened in it. Raises UserError if none ever can."""
    with requesting("ECS", *task.location):
        for each in run_task.watch(task.ecs, task.run, task.arn, pause):
            if each["lastStatus"] == "STOPPED":
                why = run_task.reason(each, task.run)
                raise UserError(f"{task.subject}: the debug task ended before it could be used: {why}.")
            containers: list[dict[str, Any]] = each.get("containers", [])
            agents = [agent for one in containers for agent in one.get("managedAgents", []) if agent["name"] == AGENT]
            if [agent["lastStatus"] for agent in agents] == ["RUNNING"]:
                return containers[0]["runtimeId"]
            if reasons := [agent.get("reason", "") for agent in agents if agent["lastStatus"] == "STOPPED"]:
                raise UserError(
                    f"{task.subject}: the agent of ECS Exec does not run in the debug task: {reasons[0]}. Check the"
                    " image of the toolbox: docs/howto/debug.md"
                )
    raise AssertionError("watch ends with STOPPED")


def shell(task: Task) -> tuple[dict[str, Any], dict[str, Any]]:
    """A session with a shell: AWS's response and the request, as the Session Manager plugin takes them."""
    with requesting("ECS", *task.location):
        found = task.ecs.execute_command(
            cluster=task.run.cluster, task=task.arn, container=DEBUG, command=SHELL, interactive=True
        )
    return found["session"], {"Target": task.target}


def forward(task: Task, port: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same for a session that forwards a local port to the database."""
    request = {"Target": task.target, "DocumentName": DOCUMENT, "Parameters": _parameters(task, port)}
    with requesting("Systems Manager", *task.location):
        return task.ssm.start_session(**request), request


def wait(task: Task, pause: Callable[[float], object]) -> None:
    """Until the task has ended."""
    with requesting("ECS", *task.location):
        for _ in run_task.watch(task.ecs, task.run, task.arn, pause):
            pass


def stop(task: Task) -> None:
    """Ends the task, with its sessions."""
    with requesting("ECS", *task.location):
        task.ecs.stop_task(cluster=task.run.cluster, task=task.arn, reason="the person has left")


def lines(task: Task, port: int) -> dict[str, str]:
    """The command lines of the AWS CLI, by what they do."""
    where = ["--region", task.location[1]]
    of_task = [*where, "--cluster", short(task.run.cluster), "--task", task.id]
    parameters = json.dumps(_parameters(task, port), separators=(",", ":"))
    session = [*where, "--target", task.target, "--document-name", DOCUMENT, "--parameters", parameters]
    found = {
        "shell": ["aws", "ecs", "execute-command", *of_task, "--container", DEBUG, "--interactive", "--command", SHELL],
        **({"forward": ["aws", "ssm", "start-session", *session]} if task.database else {}),
        "stop": ["aws", "ecs", "stop-task", *of_task],
    }
    return {key: shlex.join(words) for key, words in found.items()}


def _parameters(task: Task, port: int) -> dict[str, list[str]]:
    return {"host": [task.database], "portNumber": [str(PORT)], "localPortNumber": [str(port)]}
