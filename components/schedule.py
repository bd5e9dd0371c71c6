"""The schedule of one job, and the role with which EventBridge Scheduler starts it.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, ResourceOptions

from components.platform import Platform
from components.security_group import SecurityGroup
from components.task import Task
from ecs import iam

LATE = 3600
"""Seconds for which Scheduler tries again to start a run. One that cannot start for an hour is left out, and an alarm
tells it; the default is a day. https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html"""
ATTEMPTS = 185
"""The most that Scheduler makes: LATE ends them."""


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs:
    platform: Platform
    group_name: Input[str]
    job: str
    expression: str
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"""
    time_zone: str
    task: Task
    security_group: SecurityGroup


class Schedule(ComponentResource):
    """Starts one task of the job's revision each time. The role can start tasks of that family and nothing else."""

    def __init__(self, name: str, args: ScheduleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:job:Schedule", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)
        platform = args.platform
        role, policy = self._role()
        aws.scheduler.Schedule(
            f"{name}-schedule",
            name=args.job,
            group_name=args.group_name,
            description=f"Starts job {args.job} of Marginalia",
            schedule_expression=args.expression,
            schedule_expression_timezone=args.time_zone,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=platform.cluster.arn,
                role_arn=role.arn,
                ecs_parameters=self._parameters(),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=LATE, maximum_retry_attempts=ATTEMPTS
                ),
            ),
            opts=ResourceOptions(
                parent=self,
                # The first run may start at once, and requires these; no input of the schedule refers to them.
                depends_on=[policy, args.task, args.security_group, platform.network],
            ),
        )
        self.register_outputs({"role_arn": role.arn})

    def _parameters(self) -> aws.scheduler.ScheduleTargetEcsParametersArgs:
        args, network = self._args, self._args.platform.network
        return aws.scheduler.ScheduleTargetEcsParametersArgs(
            task_definition_arn=args.task.arn,
            task_count=1,
            # Not on FARGATE_SPOT, whatever the services do: an interruption is a failed run.
            launch_type="FARGATE",
            network_configuration=aws.scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs(
                subnets=network.task_subnet_ids,
                security_groups=[args.security_group.id],
                assign_public_ip=network.tasks_have_public_addresses,
            ),
            enable_ecs_managed_tags=True,
            propagate_tags="TASK_DEFINITION",
        )

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        args, platform = self._args, self._args.platform
        role = aws.iam.Role(
            f"{self._name}-task-role",  # CI's role may create it: bootstrap/actions/compute.py
            assume_role_policy=iam.document([iam.trusted_by_scheduler(platform.account)]),
            permissions_boundary=platform.permissions_boundary,
            opts=self._child,
        )
        statements = iam.run_tasks(args.task.family_arn, platform.cluster.arn, args.task.role_arns)
        policy = aws.iam.RolePolicy(
            f"{self._name}-task-role-policy", role=role.name, policy=iam.document(statements), opts=self._child
        )
        return role, policy
