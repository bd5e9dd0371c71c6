"""The group of a stack's schedules, and the alarm for runs that could not be started."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components import alarms
from components.alerts import Alerts
from ecs.alarms import schedules


@dataclass(frozen=True, kw_only=True)
class ScheduleGroupArgs:
    prefix: str
    """The name of the group."""
    alerts: Alerts | None
    """None: no alarm."""


class ScheduleGroup(ComponentResource):
    """A group of its own, as EventBridge Scheduler measures whole groups only.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
    """

    name: Output[str]

    def __init__(self, name: str, args: ScheduleGroupArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:job:Schedules", name, None, opts)
        child = ResourceOptions(parent=self)

        group = aws.scheduler.ScheduleGroup(f"{name}-group", name=args.prefix, opts=child)
        if args.alerts:
            alarm = schedules(group.name, args.alerts.jobs)
            alarms.declare(f"{name}-{alarm.name}", alarm, args.alerts.receiver, child)

        self.name = group.name
        self.register_outputs({"name": self.name})
