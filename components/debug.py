"""The debug tasks of one service: a toolbox with the service's network, database, bucket and secrets.

docs/howto/debug.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components import task_definition
from components.needs import Needs
from components.platform import Toolbox
from components.security_group import SecurityGroup
from ecs import container, iam
from ecs.fargate import Size

SIZE = Size(cpu=256, memory=512, min=1, max=1)


@dataclass(frozen=True, kw_only=True)
class DebugArgs:
    needs: Needs
    """The service's."""
    toolbox: Toolbox
    security_group: SecurityGroup
    """The service's."""


class Debug(ComponentResource):
    """A task definition that nothing but `python -m ops debug` starts, with roles of its own.

    Its tasks resolve no Service Connect name and listen on no port.
    """

    description: Mapping[str, Input[Any]]
    """What `python -m ops debug` needs to know."""

    def __init__(self, name: str, args: DebugArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:debug:Debug", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)
        platform, toolbox, database = args.needs.platform, args.toolbox, args.needs.database

        arn = self._definition()
        self.description = {
            "image": str(toolbox.image),
            "minutes": toolbox.minutes,
            "task-definition": arn,
            "subnets": platform.network.task_subnet_ids,
            "security-groups": [args.security_group.id],
            "public-address": platform.network.tasks_have_public_addresses,
            "database": database.address if database else "",
        }
        self.register_outputs({"task_definition": arn})

    def _definition(self) -> Output[str]:
        needs, toolbox = self._args.needs, self._args.toolbox
        # With an underscore, which the name of no service or job has.
        family = f"{needs.platform.prefix}-{needs.entry.name}_{container.DEBUG}"
        log_group = self._log_group(f"/ecs/{family}")
        logs = container.Logs(group=log_group.name, region=needs.platform.region)
        process = container.process(
            container.DEBUG,
            image=str(toolbox.image),
            environment=needs.environment,
            secrets=needs.secrets,
            logs=logs,
        )
        return task_definition.definition(
            f"{self._name}-definition",
            needs.platform,
            family=family,
            size=SIZE,
            execution_role=self._role(
                "execution",
                [
                    *iam.pull(toolbox.image.repository),
                    *iam.write_logs(log_group.arn),
                    *iam.read_secrets(needs.secrets.values()),
                ],
            ),
            task_role=self._role(
                "role",
                [
                    *(iam.use_bucket(needs.bucket.arn) if needs.bucket else []),
                    *iam.serve_sessions(log_group.arn),
                ],
            ),
            containers=[container.toolbox(process, minutes=toolbox.minutes)],
            opts=self._child,
        ).arn

    def _log_group(self, name: str) -> aws.cloudwatch.LogGroup:
        """Where ECS Exec logs what sessions show: to the group of the container, as the cluster configures no other.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommandConfiguration.html
        """
        platform = self._args.needs.platform
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=name,
            retention_in_days=platform.log_retention_days,
            # As the logs of a service: docs/howto/remove-a-service.md has the way back.
            opts=ResourceOptions(parent=self, retain_on_delete=platform.protect),
        )

    def _role(self, kind: str, statements: list[iam.Statement]) -> aws.iam.Role:
        return task_definition.role(f"{self._name}-task-{kind}", self._args.needs.platform, statements, self._child)
