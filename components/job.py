"""One job on Fargate: its image, security group, task definition and schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.image import Pullable, pullable
from components.needs import Needs
from components.platform import Platform
from components.schedule import Schedule, ScheduleArgs
from components.schedule_group import ScheduleGroup
from components.security_group import SecurityGroup, SecurityGroupArgs
from components.task import Task, TaskArgs
from config import catalogue
from ecs.fargate import Size
from ecs.image import Build, Reference


@dataclass(frozen=True, kw_only=True)
class JobArgs:
    platform: Platform
    entry: catalogue.Job
    image: Build | Reference | Pullable
    """An image of its own, or that of a service."""
    size: Size
    secrets: Mapping[str, str]
    """The `valueFrom` of each secret that the entry names, by environment variable."""
    schedules: ScheduleGroup | None
    """The group of the stack's schedules. None if no job has one."""


class Job(ComponentResource):
    """A task with exactly the permissions, security group rules and secrets that its catalogue entry names.

    Nothing starts it but its schedule and `python -m ops run`, and no task of it is kept running.
    """

    image: Output[str]
    """The reference, by digest, of the image that the tasks run."""
    description: Mapping[str, Input[Any]]
    """What `python -m ops run` and `jobs` need to know."""

    def __init__(self, name: str, args: JobArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:job:Job", name, None, opts)
        self._name = name
        self._args = args
        self._needs = Needs(platform=args.platform, entry=args.entry, named=args.secrets)
        self._child = ResourceOptions(parent=self)
        network = args.platform.network

        image = pullable(f"{name}-image", args.platform, name, args.image, self._child)
        security_group = self._security_group()
        task = self._task(image)
        if args.entry.schedule and args.schedules:
            self._schedule(args.schedules, security_group, task)

        self.image = image.reference
        self.description = {
            "image": self.image,
            "image-of": args.entry.pin,
            "task-definition": task.arn,
            "subnets": network.task_subnet_ids,
            "log-group": task.logs.group,
            "security-groups": [security_group.id],
            "public-address": network.tasks_have_public_addresses,
            "schedule": args.entry.schedule,
            "time-zone": args.entry.time_zone if args.entry.schedule else "",
        }
        self.register_outputs({"image": self.image, "task_definition": task.arn})

    def _security_group(self) -> SecurityGroup:
        network, database = self._args.platform.network, self._needs.database
        return SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(
                vpc_id=network.vpc_id,
                description=f"Job {self._name} of Marginalia",
                egress={**network.egress, **({"database": database.peer} if database else {})},
            ),
            self._child,
        )

    def _task(self, image: Pullable) -> Task:
        args = self._args
        return Task(
            f"{self._name}-task",
            TaskArgs(
                platform=args.platform,
                entry=args.entry,
                size=args.size,
                image=image.reference,
                repository=image.repository,
                environment=self._needs.environment,
                secrets=self._needs.secrets,
                readable=self._needs.readable,
                bucket_arn=self._needs.bucket.arn if self._needs.bucket else None,
            ),
            self._child,
        )

    def _schedule(self, group: ScheduleGroup, security_group: SecurityGroup, task: Task) -> None:
        args, platform = self._args, self._args.platform
        Schedule(
            f"{self._name}-schedule",
            ScheduleArgs(
                platform=platform,
                group_name=group.name,
                job=self._name,
                expression=args.entry.schedule,
                time_zone=args.entry.time_zone,
                task=task,
                security_group=security_group,
            ),
            self._child,
        )
