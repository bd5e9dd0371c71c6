"""The task of a service: its log group, its two roles and its task definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.platform import Platform
from config.catalogue import Entry
from ecs import container, iam
from ecs.fargate import CPU_ARCHITECTURE, Size
from ecs.image import Repository


@dataclass(frozen=True, kw_only=True)
class TaskArgs:
    platform: Platform
    entry: Entry
    size: Size
    image: Input[str]
    """The image reference, by digest."""
    repository: Repository
    """The image's repository, separate from the image so that a new image does not change the roles."""
    environment: Mapping[str, Input[str]]
    secrets: Mapping[str, Input[str]]
    """The `valueFrom` of each secret, by environment variable. The execution role may read exactly these."""
    bucket_arn: Input[str] | None
    """The bucket that the task role may use."""


class Task(ComponentResource):
    """Depend on the component, not on its ARN: a task starts only when its roles have their policies."""

    arn: Output[str]
    """The ARN of this revision of the task definition."""
    logs: container.Logs
    """The log group of the service, for its proxy too."""

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
                *iam.read_secrets(args.secrets.values()),
            ],
        )
        task_role = self._role("role", iam.use_bucket(args.bucket_arn) if args.bucket_arn is not None else [])
        definition = self._definition(execution_role, task_role)

        self.arn = definition.arn
        self.register_outputs({"arn": self.arn})

    def _role(self, kind: str, statements: list[iam.Statement]) -> aws.iam.Role:
        trust = iam.trusted_by_tasks(self._args.platform.account, self._args.platform.region)
        role = aws.iam.Role(
            f"{self._name}-{kind}",
            assume_role_policy=iam.document([trust]),
            permissions_boundary=self._args.platform.permissions_boundary,
            opts=self._child,
        )
        if statements:
            aws.iam.RolePolicy(
                f"{self._name}-{kind}-policy",
                role=role.name,
                policy=iam.document(statements),
                opts=self._child,
            )
        return role

    def _definition(self, execution_role: aws.iam.Role, task_role: aws.iam.Role) -> aws.ecs.TaskDefinition:
        args = self._args
        entry = args.entry
        service = container.definition(
            entry.name,
            port=entry.port,
            protocol=entry.protocol,
            image=args.image,
            environment=args.environment,
            secrets=args.secrets,
            logs=self.logs,
            probe=args.platform.probe,
        )
        # The load balancer checks the health of the public service itself.
        is_gated = args.platform.probe and not entry.public
        containers = container.gated(service, {entry.port_variable: str(entry.port)}) if is_gated else [service]
        return aws.ecs.TaskDefinition(
            f"{self._name}-definition",
            family=self._family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.size.cpu),
            memory=str(args.size.memory),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                operating_system_family="LINUX", cpu_architecture=CPU_ARCHITECTURE[args.platform.architecture]
            ),
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=container.TEMPORARY)],
            container_definitions=Output.json_dumps(containers, sort_keys=True),
            # A rollback runs the former revision, which must stay registered.
            skip_destroy=True,
            opts=self._child,
        )
