"""Runs the migration of a service's image before ECS gets it. docs/adr/0016-a-migration-runs-once-for-each-image.md"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.platform import Platform
from components.security_group import SecurityGroup
from components.task import Task
from components.task_hook import TaskHook, run_on
from ecs.container import MIGRATED, MIGRATION

TIMEOUT = 15 * 60
"""Seconds. An update ends before its job does: tests/program/test_timeouts.py."""

ADVICE = (
    "Fix the cause or revert the image, then run `pulumi up --refresh`. For an image that does not know -migrate,"
    " first remove migrate=True from the entry in services.py."
)


@dataclass(frozen=True, kw_only=True)
class MigrationArgs:
    platform: Platform
    service: str
    """The name of the service."""
    image: Input[str]
    """The image reference, by digest."""
    task: Task
    """Of the service: it has the task definition of the migration."""
    security_group: SecurityGroup


class Migration(ComponentResource):
    """A parameter that names the image whose migration succeeded. The service depends on the component."""

    def __init__(self, name: str, args: MigrationArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:service:Migration", name, None, opts)
        platform, service = args.platform, args.service
        parameter = f"/marginalia/{platform.prefix}/{service}/migrated"  # AWS reserves names that begin with aws or ssm
        hook = TaskHook(
            name=f"{service}-migration",
            owner=service,
            task="migration",
            effect="ECS keeps the revision that it runs",
            advice=ADVICE,
            run=run_on(
                platform,
                task_definition=args.task.migration,
                security_group=args.security_group,
                logs=args.task.logs,
                container=service,
                stream_prefix=MIGRATION,
                started_by=f"{service}{MIGRATED}",
            ),
            parameter=parameter,
            region=platform.region,
            timeout=TIMEOUT,
        )
        digest = Output.from_input(args.image).apply(lambda reference: reference.rpartition("@")[2])
        aws.ssm.Parameter(
            f"{service}{MIGRATED}",
            name=parameter,
            description="The image whose migration succeeded, and the database",
            type="String",
            # A new or restored database needs the migration of the same image again. Not `value`, which previews hide.
            insecure_value=Output.concat(digest, " in ", platform.database.resource_id),
            overwrite=True,  # what a killed update created, but did not record
            opts=ResourceOptions(
                parent=self,
                hooks=hook.binding,
                # As the ECS service does: components/service.py.
                depends_on=[args.task, args.security_group, platform.cluster, platform.network],
            ),
        )
        self.register_outputs({})
