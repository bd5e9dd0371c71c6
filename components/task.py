"""The task of a service or a job: its log group, its two roles and its task definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components import task_definition
from components.platform import Platform
from config.catalogue import Entry, Job
from ecs import container, iam
from ecs.fargate import Size
from ecs.image import Repository


@dataclass(frozen=True, kw_only=True)
class TaskArgs:
    platform: Platform
    entry: Entry | Job
    size: Size
    image: Input[str]
    """The image reference, by digest."""
    repository: Repository
    """The image's repository, separate from the image so that a new image does not change the roles."""
    environment: Mapping[str, Input[str]]
    secrets: Mapping[str, Input[str]]
    """The `valueFrom` of each secret, by environment variable. The execution role may read exactly these."""
    readable: Sequence[Input[str]] | None = None
    """The secrets that the execution role may read, if not just those."""
    bucket_arn: Input[str] | None
    """The bucket that the task role may use."""


class Task(ComponentResource):
    """Depend on the component, not on its ARN: a task starts only when its roles have their policies."""

    arn: Output[str]
    """The ARN of this revision of the task definition."""
    logs: container.Logs
    """The log group of the service, for its proxy too."""
    migration: Output[str] | None
    """The ARN of the task definition of its migration. None unless the entry has one."""
    family_arn: Output[str]
    """The ARN without the revision."""
    role_arns: Sequence[Output[str]]
    """Whoever starts a task passes these roles."""

    def __init__(self, name: str, args: TaskArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:service:Task", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)
        self._family = f"{args.platform.prefix}-{args.entry.name}"

        log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/ecs/{self._family}",
            retention_in_days=args.platform.log_retention_days,
            # The logs of a removed service outlive it: docs/howto/remove-a-service.md has the way back.
            opts=ResourceOptions(parent=self, retain_on_delete=args.platform.protect),
        )
        self.logs = container.Logs(group=log_group.name, region=args.platform.region)
        execution_role = self._role(
            "execution",
            [
                *iam.pull(args.repository),
                *iam.write_logs(log_group.arn),
                *iam.read_secrets(args.secrets.values() if args.readable is None else args.readable),
            ],
        )
        task_role = self._role("role", iam.use_bucket(args.bucket_arn) if args.bucket_arn is not None else [])
        process = self._process()
        containers = self._containers(process)
        definition = self._definition(execution_role, task_role, "definition", self._family, containers)

        self.arn = definition.arn
        self.migration = self._migration(execution_role, task_role, process)
        self.family_arn = definition.arn_without_revision
        self.role_arns = [execution_role.arn, task_role.arn]
        self.register_outputs({"arn": self.arn})

    def _process(self) -> dict[str, Any]:
        args = self._args
        return container.process(
            args.entry.name, image=args.image, environment=args.environment, secrets=args.secrets, logs=self.logs
        )

    def _containers(self, process: dict[str, Any]) -> list[dict[str, Any]]:
        args, entry = self._args, self._args.entry
        if isinstance(entry, Job):
            return [{**process, "command": entry.command}] if entry.command else [process]
        service = container.definition(process, port=entry.port, protocol=entry.protocol, probe=args.platform.probe)
        # The load balancer checks the health of the public service itself.
        is_gated = args.platform.probe and not entry.public
        return container.gated(service, {entry.port_variable: str(entry.port)}) if is_gated else [service]

    def _role(self, kind: str, statements: list[iam.Statement]) -> aws.iam.Role:
        return task_definition.role(f"{self._name}-{kind}", self._args.platform, statements, self._child)

    def _migration(
        self, execution_role: aws.iam.Role, task_role: aws.iam.Role, process: dict[str, Any]
    ) -> Output[str] | None:
        """In a family of its own, with an underscore, which no service's has. A single task has no Service Connect."""
        entry = self._args.entry
        if isinstance(entry, Job) or not entry.migrate:
            return None
        callees = [each for each in self._args.environment if each.endswith("_SERVICE")]
        environment = {name: value for name, value in self._args.environment.items() if name not in callees}
        migration = container.migration(process, environment, self.logs)
        return self._definition(
            execution_role, task_role, "migration", f"{self._family}_{container.MIGRATION}", [migration]
        ).arn

    def _definition(
        self,
        execution_role: aws.iam.Role,
        task_role: aws.iam.Role,
        kind: str,
        family: str,
        containers: list[dict[str, Any]],
    ) -> aws.ecs.TaskDefinition:
        return task_definition.definition(
            f"{self._name}-{kind}",
            self._args.platform,
            family=family,
            size=self._args.size,
            execution_role=execution_role,
            task_role=task_role,
            containers=containers,
            opts=self._child,
        )
