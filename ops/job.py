"""A deployed job: what the stack's outputs and its task definition say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.job import LOGINS
from config.problems import UserError, did_you_mean
from ecs.run_task import Run
from ops.ecs import Ecs, short
from ops.stack import Description

SCHEDULER = "chronos-schedule/"
"""The beginning of `startedBy` of a task that EventBridge Scheduler started, as found on AWS; no page has it."""
STARTED_BY = "ops-run"
"""`startedBy` of a task that `run` started."""
APPLIED = f"{LOGINS.name}-applied"
"""`startedBy` of a task that an update started: components/logins.py."""


@dataclass(frozen=True, kw_only=True)
class Job:
    name: str
    image: str
    """The reference, by digest."""
    task_definition: str
    """The ARN of the revision."""
    log_group: str
    subnets: Sequence[str]
    security_groups: Sequence[str]
    public_address: bool
    schedule: str
    """The expression; empty without a schedule."""
    time_zone: str

    @property
    def revision(self) -> str:
        return short(self.task_definition)

    @property
    def family(self) -> str:
        return self.revision.partition(":")[0]


def jobs(found: Description) -> dict[str, Job]:
    """The jobs of a stack, by name."""
    return {name: _job(name, values) for name, values in sorted(found.jobs.items())}


def job(found: Description, name: str) -> Job:
    """Raises UserError if the stack has no such job."""
    known = jobs(found)
    if name in known:
        return known[name]
    if name in found.images:
        raise UserError(f"{found.stack}: {name} is a service, which ECS keeps running, and no job.")
    listed = f"Its jobs are {', '.join(known)}." if known else "It has none: docs/howto/jobs.md"
    raise UserError(f"{found.stack}: no job {name}.{did_you_mean(name, known)} {listed}")


def _job(name: str, values: Mapping[str, Any]) -> Job:
    return Job(
        name=name,
        image=values["image"],
        task_definition=values["task-definition"],
        log_group=values["log-group"],
        subnets=values["subnets"],
        security_groups=values["security-groups"],
        public_address=values["public-address"],
        schedule=values["schedule"],
        time_zone=values["time-zone"],
    )


def run(ecs: Ecs, cluster: str, job: Job, arguments: Sequence[str] = ()) -> Run:
    """One run of the job. `arguments` follow those of its command."""
    definition = ecs.describe_task_definition(taskDefinition=job.task_definition)["taskDefinition"]
    [container] = [each for each in definition["containerDefinitions"] if each["name"] == job.name]
    return Run(
        cluster=cluster,
        task_definition=job.task_definition,
        subnets=job.subnets,
        security_groups=job.security_groups,
        assign_public_ip=job.public_address,
        container=job.name,
        log_group=job.log_group,
        stream_prefix=container["logConfiguration"]["options"]["awslogs-stream-prefix"],
        started_by=STARTED_BY,
        command=[*container.get("command", []), *arguments] if arguments else None,
    )
