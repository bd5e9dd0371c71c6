"""`status`: what a stack runs, since when, from which commit, and whether it is healthy. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from botocore.exceptions import ClientError

from cost import deployment
from cost.estimate import estimate
from ecs.image import Reference
from ops import around, deployments, ecr, jobs, migrations, pins, stack, stages, tasks
from ops.around import Alarm, Database, Target
from ops.cloud import Cloud, requesting
from ops.deployments import GOING_BACK, UNFINISHED, Detail, ServiceDeployment
from ops.ecs import Deployment, Event, Running
from ops.jobs import State
from ops.migrations import Migration
from ops.stack import UNPROVEN, Description

PERMISSIONS = (
    "cloudwatch:DescribeAlarms",
    "ecr:DescribeImages",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:ListServiceDeployments",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeTargetHealth",
    "logs:DescribeLogStreams",
    "rds:DescribeDBInstances",
    "scheduler:GetSchedule",
    *migrations.PERMISSIONS,
)


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service. Without `running`, it does not exist in ECS."""

    name: str
    running: Running | None
    commit: str = ""
    """The commit that the running image was built from; empty if it is not known."""
    health: tuple[int, int, int] = (0, 0, 0)
    """The number of tasks that are healthy, unhealthy, and not known yet or without a health check."""
    targets: tuple[Target, ...] = ()
    """The tasks as the load balancer sees them; none for a service without one."""
    deployment: ServiceDeployment | None = None
    """The last one; None if ECS has none."""
    detail: Detail | None = None
    """Of the last deployment, while ECS has not ended it."""
    expected: str = ""
    """The image that the last update requested."""

    @property
    def digest(self) -> str:
        return self.running.image.rpartition("sha256:")[2][:12] if self.running else ""

    @property
    def primary(self) -> Deployment | None:
        return self.running.details[0] if self.running and self.running.details else None

    @property
    def event(self) -> Event | None:
        return self.running.events[0] if self.running and self.running.events else None


@dataclass(frozen=True, kw_only=True)
class Cost:
    """An estimate in USD a month: docs/cost.md."""

    least: float
    most: float
    """At the highest number of tasks and the largest storage."""
    budget: float | None


@dataclass(frozen=True, kw_only=True)
class Status:
    stack: str
    at: datetime
    is_simulated: bool
    update: str
    """The result of the last update of Pulumi."""
    services: tuple[Service, ...]
    url: str
    database: Database | None
    alarms: tuple[Alarm, ...]
    """Those in the state ALARM."""
    jobs: tuple[State, ...]
    """Each with its last run, if there is one."""
    migrations: tuple[Migration, ...]
    cost: Cost | None
    """What the stack costs by its state; None if the region or every price is unknown."""
    problems: tuple[str, ...]
    """One line each, with the next command; none if everything is healthy."""


def read(cloud: Cloud, name: str, root: Path) -> Status:
    """Raises UserError."""
    found = stack.deployed(cloud, name, root)
    account, region = found.account, found.region
    pinned = pins.commits(pins.file(root, name), found.images)
    with requesting("ECS", account, region):
        services = tuple(_service(cloud, found, each, pinned) for each in found.selected(()))
    with requesting("RDS", account, region):
        database = around.database(cloud.client("rds", account, region), found.prefix)
    with requesting("CloudWatch", account, region):
        alarms = around.alarms(cloud.client("cloudwatch", account, region), f"{found.prefix}-")
    with requesting("Systems Manager", account, region):
        migrated = tuple(migrations.read(cloud, found))
    all_jobs = tuple(replace(each, runs=each.runs[:1]) for each in jobs.read_all(cloud, found))
    problems = [
        *_problems(cloud, found, services, database, alarms),
        *(problem for each in all_jobs for problem in each.problems(cloud, name)),
    ]
    return Status(
        stack=name,
        at=cloud.now(),
        is_simulated=cloud.is_simulated,
        update=found.update,
        services=services,
        url=found.url,
        database=database,
        alarms=alarms,
        jobs=all_jobs,
        migrations=migrated,
        cost=_cost(found),
        problems=tuple(problems),
    )


def _cost(found: Description) -> Cost | None:
    cost = estimate(deployment.read(found.resources))
    return Cost(least=cost.least, most=cost.most, budget=cost.budget) if cost.amounts else None


def _service(cloud: Cloud, found: Description, name: str, pinned: dict[str, str]) -> Service:
    running = found.running.get(name)
    if running is None:
        return Service(name=name, running=None)
    ecs = cloud.ecs(found.account, found.region)
    last = deployments.last(ecs, cluster=found.cluster, service=name)
    goes_on = last is not None and last.status in (*UNFINISHED, *GOING_BACK)
    states = [each.health for each in tasks.tasks(ecs, cluster=found.cluster, service=name, status="RUNNING")]
    return Service(
        name=name,
        running=running,
        commit=_commit(cloud, found, name, running.image, pinned),
        health=(states.count("HEALTHY"), states.count("UNHEALTHY"), states.count("UNKNOWN")),
        targets=around.targets_of(cloud, found, running),
        deployment=last,
        detail=deployments.detail(ecs, last) if last and goes_on else None,
        expected=found.images[name],
    )


def _commit(cloud: Cloud, found: Description, name: str, image: str, pinned: dict[str, str]) -> str:
    """The commit of the image that runs: from the last update, the stack file or a tag in ECR; empty if unknown."""
    if image == found.images[name] and (known := found.commits.get(name) or pinned.get(name)):
        return known
    try:
        reference = Reference.parse(image)
        return next(iter(ecr.source_commits(cloud.ecr(reference.repository), reference)), "")
    except (ClientError, ValueError):  # of another account, or no image of ECR
        return ""


def _problems(
    cloud: Cloud,
    found: Description,
    services: tuple[Service, ...],
    database: Database | None,
    alarms: tuple[Alarm, ...],
) -> Iterator[str]:
    for text in _of_update(found):
        yield cloud.advice(text, found.stack)
    for each in services:
        if problem := _of_deployment(cloud, found.stack, each):
            yield f"{each.name}: {problem}"
        elif problem := _of_service(each):
            why = f"`{cloud.verb(f'why {found.stack} {each.name}')}` shows the evidence."
            yield f"{each.name}: {problem} {why}"
    if database is None:
        yield cloud.advice(
            f"database: {found.prefix} does not exist. `pulumi up --refresh` creates an empty one; before that, read"
            " docs/runbook.md#restore-the-database.",
            found.stack,
        )
    elif database.status != "available":
        yield (
            f"database: {database.name} is {database.status}."
            " https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html says what that means."
        )
    for alarm in alarms:
        yield f"alarm {alarm.name}: {alarm.reason}"


def _of_update(found: Description) -> Iterator[str]:
    if found.update == "failed":
        yield "update: the last one failed. Remove the cause, then run `pulumi up --refresh`."
    if found.update == UNPROVEN:
        yield "update: the last one did not refresh after one that failed. Run `pulumi up --refresh`."
    if found.update == "in-progress" or found.pending:
        names = f" ({', '.join(found.pending)})" if found.pending else ""
        yield (
            f"update: one is in progress{names}, or was interrupted. Wait for it, or see"
            " docs/runbook.md#an-interrupted-update."
        )


def _of_deployment(cloud: Cloud, stack_name: str, service: Service) -> str:
    """What a deployment does whose stage ECS names, and the next command; empty without one."""
    last, detail = service.deployment, service.detail
    if last is None or detail is None or not (text := stages.sentence(last, detail)):
        return ""
    return (
        f"the deployment of {detail.revision} {text}. {stages.command(cloud, stack_name, service.name, last, detail)}"
    )


def _of_service(service: Service) -> str:
    """The service's problem in a sentence; empty if it is healthy."""
    running = service.running
    if running is None:
        return "does not exist in ECS."
    if service.deployment and service.deployment.has_failed:
        return f"the last deployment failed ({service.deployment.status})."
    if any(each.state == "FAILED" for each in running.details):
        return "the deployment failed, and nothing runs." if not running.tasks else "the deployment failed."
    if running.deployments != ("PRIMARY COMPLETED",):
        primary = running.details[0]
        counts = f"{primary.running} tasks run, {primary.pending} start, {primary.failed} failed"
        return f"a deployment of {primary.revision} is in progress ({counts})."
    if running.desired == 0:
        return "no task is desired."
    if running.tasks != running.desired:
        return f"{running.tasks} of {running.desired} tasks run."
    if service.health[1]:
        return f"{service.health[1]} of {running.tasks} tasks are unhealthy."
    if problem := around.problem_of(running, service.targets):
        return problem
    if service.expected and running.image != service.expected:
        return f"runs {running.revision}, whose image is not the one of the last update."
    return ""
