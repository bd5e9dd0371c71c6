"""A login for each service, which a job creates in the database. docs/adr/0017-each-service-has-two-logins.md"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
import pulumi_random as random
from pulumi import ComponentResource, Input, Output, ResourceHookBinding, ResourceOptions

from components import database_url, logins_in_use
from components.database_url import Login, Stored
from components.image import Pullable, pullable
from components.logins_in_use import Users
from components.platform import Platform
from components.security_group import SecurityGroup, SecurityGroupArgs
from components.task import Task, TaskArgs
from components.task_hook import TaskHook, run_on
from config.job import LOGINS
from ecs.database import LETTERS, OWNER_VARIABLE, Letter, login, login_variable
from ecs.fargate import Size
from ecs.image import Build, Reference

OWNER = f"{database_url.USER}_owner"
"""The role to which everything in the database belongs, and as which each login works."""
SIZE = Size(cpu=256, memory=512, min=1, max=1)
TIMEOUT = 5 * 60
"""Seconds. An update ends before its job does: tests/program/test_timeouts.py."""


@dataclass(frozen=True, kw_only=True)
class LoginsArgs:
    platform: Platform
    users: Users
    image: Build | Reference


class Logins(ComponentResource):
    """Two logins for each service, the job that creates them, and a parameter that names what it did last."""

    logins: Mapping[str, Login]
    """By service. Each depends on the parameter: what uses it comes after the job."""
    description: Mapping[str, Input[Any]]
    """What `python -m ops run` and `jobs` need to know."""

    def __init__(self, name: str, args: LoginsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:database:Logins", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)
        platform = args.platform

        urls = {each: {letter: self._url(each, letter) for letter in LETTERS} for each in args.users.services}
        image = pullable(f"{name}-image", platform, name, args.image, self._child)
        security_group = SecurityGroup(
            f"{name}-access",
            SecurityGroupArgs(
                vpc_id=platform.network.vpc_id,
                description="Job logins of Marginalia",
                egress={**platform.network.egress, "database": platform.database.peer},
            ),
            self._child,
        )
        in_use = {each: found[args.users.passwords.letter].reference for each, found in urls.items()}
        task = self._task(image, in_use)
        applied = self._applied(task, security_group, in_use)

        self.logins = {each: self._login(in_use[each], [*found.values()], applied) for each, found in urls.items()}
        self.description = {
            "image": image.reference,
            "image-of": LOGINS.pin,
            "task-definition": task.arn,
            "subnets": platform.network.task_subnet_ids,
            "log-group": task.logs.group,
            "security-groups": [security_group.id],
            "public-address": platform.network.tasks_have_public_addresses,
            "schedule": "",
            "time-zone": "",
        }
        self.register_outputs({"image": image.reference, "task_definition": task.arn})

    def _url(self, service: str, letter: Letter) -> Stored:
        """The URL of a login. The login that is not in use keeps its password: tasks may still use it."""
        platform, passwords = self._args.platform, self._args.users.passwords
        password = random.RandomPassword(
            f"{service}-password-{letter}",
            length=database_url.PASSWORD_LENGTH,
            special=False,
            keepers={"revision": str(passwords.revision)},
            opts=ResourceOptions(parent=self, ignore_changes=None if letter == passwords.letter else ["keepers"]),
        )
        value = database_url.url(login(service, letter), password.result, platform.database.address)
        name = logins_in_use.secret_name(service, letter)
        return database_url.stored(name, value, protect=platform.protect, parent=self._child)

    def _task(self, image: Pullable, urls: Mapping[str, Output[str]]) -> Task:
        master = self._args.platform.database.master
        variables = {login_variable(each): url for each, url in urls.items()}
        return Task(
            f"{self._name}-task",
            TaskArgs(
                platform=self._args.platform,
                entry=LOGINS,
                size=SIZE,
                image=image.reference,
                repository=image.repository,
                environment={OWNER_VARIABLE: OWNER, **master.environment},
                secrets={**variables, **master.secrets},
                bucket_arn=None,
            ),
            self._child,
        )

    def _applied(self, task: Task, security_group: SecurityGroup, urls: Mapping[str, Output[str]]) -> aws.ssm.Parameter:
        platform = self._args.platform
        parameter = f"/marginalia/{platform.prefix}/{self._name}/applied"
        hook = TaskHook(
            name=f"{self._name}-job",
            owner=self._name,
            task="job",
            effect="the services keep their logins",
            advice="Fix the cause, then run `pulumi up --refresh`.",
            run=run_on(
                platform,
                task_definition=task.arn,
                security_group=security_group,
                logs=task.logs,
                container=self._name,
                stream_prefix="task",
                started_by=f"{self._name}-applied",
            ),
            parameter=parameter,
            region=platform.region,
            timeout=TIMEOUT,
        )
        hooks = [
            logins_in_use.unless_used(f"{self._name}-in-use", self._args.users, urls),
            *(hook.binding.before_create or []),
        ]
        return aws.ssm.Parameter(
            f"{self._name}-applied",
            name=parameter,
            description="The revision of the job whose logins the database has, and the database",
            type="String",
            # The revision names the versions of all secrets. Not `value`, which previews hide.
            insecure_value=Output.concat(
                task.arn.apply(lambda arn: arn.rpartition("/")[2]), " in ", platform.database.resource_id
            ),
            overwrite=True,  # what a killed update created, but did not record
            opts=ResourceOptions(
                parent=self,
                hooks=ResourceHookBinding(before_create=hooks, before_update=hooks),
                # As the ECS service does: components/service.py.
                depends_on=[task, security_group, platform.cluster, platform.network],
            ),
        )

    def _login(self, in_use: Output[str], both: Sequence[Stored], applied: aws.ssm.Parameter) -> Login:
        """While the services move, tasks of former revisions are the master user."""
        master = self._args.platform.database.master
        readable = [*(each.arn for each in both), *([master.url] if master.url else [])]
        return Login(url=_after(applied, in_use), readable=[_after(applied, each) for each in readable])


def _after(applied: aws.ssm.Parameter, value: Output[str]) -> Output[str]:
    """The same value, which depends on the job: if it fails or is refused, no policy and no task definition changes."""
    return Output.all(value, applied.arn).apply(lambda known: known[0])
