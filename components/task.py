"""What a service runs: its log group, its two roles and the revision of its task definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from ecs import container, iam
from ecs.fargate import CPU_ARCHITECTURE, Size
from ecs.image import Repository
from services import Entry


@dataclass(frozen=True, kw_only=True)
class TaskArgs:
    family: str
    account: str
    region: str
    architecture: str
    """x86-64 or arm64."""
    log_retention_days: int
    probe: bool
    """Whether the image knows `-healthcheck`."""
    entry: Entry
    size: Size
    image: Input[str]
    """By digest."""
    repository: Repository
    """Where the image lies. Said apart from it, so that a new image leaves the roles as they are."""
    environment: Mapping[str, Input[str]]
    secrets: Mapping[str, Input[str]]
    """What the container gets and the execution role may read, as `valueFrom`: adding is granting."""
    bucket_arn: Input[str] | None


class Task(ComponentResource):
    """Whoever runs it depends on the whole component: on its roles' policies, too."""

    arn: Output[str]
    """Of this revision of the task definition."""

    def __init__(self, name: str, args: TaskArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:service:Task", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)

        log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/ecs/{args.family}",
            retention_in_days=args.log_retention_days,
            opts=self._child,
        )
        execution_role = self._role(
            "execution",
            [
                *iam.pull(args.repository),
                *iam.write_logs(log_group.arn),
                *iam.read_secrets(args.secrets.values()),
            ],
        )
        task_role = self._role("role", iam.use_bucket(args.bucket_arn) if args.bucket_arn is not None else [])
        definition = self._definition(log_group, execution_role, task_role)

        self.arn = definition.arn
        self.register_outputs({"arn": self.arn})

    def _role(self, kind: str, statements: list[iam.Statement]) -> aws.iam.Role:
        trust = iam.trusted_by_tasks(self._args.account, self._args.region)
        role = aws.iam.Role(f"{self._name}-{kind}", assume_role_policy=iam.document([trust]), opts=self._child)
        if statements:
            aws.iam.RolePolicy(
                f"{self._name}-{kind}-policy",
                role=role.name,
                policy=iam.document(statements),
                opts=self._child,
            )
        return role

    def _definition(
        self, log_group: aws.cloudwatch.LogGroup, execution_role: aws.iam.Role, task_role: aws.iam.Role
    ) -> aws.ecs.TaskDefinition:
        args = self._args
        definition = container.definition(
            args.entry,
            image=args.image,
            environment=args.environment,
            secrets=args.secrets,
            logs=container.Logs(group=log_group.name, region=args.region),
            probe=args.probe,
        )
        return aws.ecs.TaskDefinition(
            f"{self._name}-definition",
            family=args.family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.size.cpu),
            memory=str(args.size.memory),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                operating_system_family="LINUX", cpu_architecture=CPU_ARCHITECTURE[args.architecture]
            ),
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            container_definitions=Output.json_dumps([definition], sort_keys=True),
            # A rollback needs the former revision.
            skip_destroy=True,
            opts=self._child,
        )
