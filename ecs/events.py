"""The events of ECS that somebody is told about: their patterns and messages.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, kw_only=True)
class Event:
    name: str
    """Follows the prefix of the stack."""
    description: str
    pattern: Callable[[str], str]
    """The pattern of the events of a cluster, by its ARN."""
    fields: Mapping[str, str]
    """The paths in the event of the placeholders in `message`."""
    message: str


def deployment_failed(cluster_arn: str) -> str:
    """These events have no `clusterArn`; the ARN of a service contains the name of the cluster.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
    """
    return json.dumps(
        {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [{"prefix": f"{cluster_arn.replace(':cluster/', ':service/')}/"}],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        }
    )


def out_of_memory(cluster_arn: str) -> str:
    """The reason is that of a container; ECS repeats some as that of the task.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    """
    reason = [{"prefix": "OutOfMemory"}]
    return json.dumps(
        {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {
                "clusterArn": [cluster_arn],
                "lastStatus": ["STOPPED"],
                "$or": [{"stoppedReason": reason}, {"containers": {"reason": reason}}],
            },
        }
    )


def run_failed(families: Sequence[str], cluster_arn: str) -> str:
    """A run of one of these families ended with another exit code than 0, or ended before it had one.

    Whoever stops a run gets no message, unless its container ends with such a code.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html (group, stopCode)
    """
    return json.dumps(
        {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {
                "clusterArn": [cluster_arn],
                "lastStatus": ["STOPPED"],
                "group": [f"family:{each}" for each in families],
                "$or": [
                    {"containers": {"exitCode": [{"anything-but": [0]}]}},
                    {"stopCode": [{"anything-but": ["EssentialContainerExited", "UserInitiated"]}]},
                ],
            },
        }
    )


def of_jobs(stack: str, families: Sequence[str]) -> Event:
    """`stack` is the name in the commands that the message names."""
    return Event(
        name="job-failed",
        description="A run of a job has failed.",
        pattern=partial(run_failed, families),
        fields={"job": "$.detail.group", "code": "$.detail.containers[0].exitCode", "reason": "$.detail.stoppedReason"},
        message=f"A run of <job> has failed, exit code <code>: <reason>. `python -m ops jobs {stack}` shows the runs,"
        f" `python -m ops logs {stack} JOB` what they wrote.",
    )


def events(why: str) -> tuple[Event, ...]:
    """`why` is the command that shows the cause, up to the name of the service."""
    return (
        Event(
            name="deployment-failed",
            description="ECS has given up a deployment of a service.",
            pattern=deployment_failed,
            fields={"service": "$.resources[0]", "reason": "$.detail.reason"},
            message=f"ECS has given up a deployment of <service>: <reason> `{why} SERVICE` shows the cause.",
        ),
        Event(
            name="out-of-memory",
            description="ECS has stopped a task that used more memory than it has.",
            pattern=out_of_memory,
            fields={"service": "$.detail.group", "reason": "$.detail.stoppedReason"},
            message=f"A task of <service> used more memory than it has, and ECS stopped it: <reason>. `{why} SERVICE`"
            " shows it; sizes in the stack file gives more memory.",
        ),
    )
