"""The PostgreSQL 16 instance that all services share, and the secret with its URL."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
import pulumi_random as random
from pulumi import ComponentResource, CustomTimeouts, Output, ResourceHookBinding, ResourceOptions, Stash

from components import database_url, master
from components.database_url import PORT, USER
from components.logins_in_use import Users
from components.master import Master
from components.network import Network
from components.password import PasswordHooks
from components.security_group import Peer, SecurityGroup, SecurityGroupArgs
from ecs.database import RETENTION, Insights, Passwords, Schedule

LIMITS = CustomTimeouts(create="50m", update="80m", delete="60m")
"""The provider's, which it has changed before: an update ends before its job does, tests/program/test_timeouts.py.
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/instance.go"""


LOGS = ("postgresql", "upgrade")
"""All that PostgreSQL writes, but the failed logins by IAM, of which there are none.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
SLOW = 1000
"""Milliseconds from which on a statement is logged, with the values of its parameters.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.Query_Logging.html"""


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    database_name: str
    """Identifier of the RDS instance."""
    network: Network
    instance_class: str
    storage: int
    """GiB."""
    storage_limit: int | None
    """GiB up to which RDS increases the storage by itself; None: it increases nothing."""
    multi_az: bool
    backup_days: int
    schedule: Schedule
    insights: Insights
    log_retention_days: int
    users: Users
    protect: bool


class Database(ComponentResource):
    """An encrypted, private instance. Its security group has no rules: a service that uses it adds its ingress rule."""

    master: Master
    """How the master user logs in."""
    peer: Peer
    """The instance as a peer for the security group of a service."""
    identifier: Output[str]
    address: Output[str]
    resource_id: Output[str]
    """AWS's own ID: a replaced or restored instance has another. Pulumi's `id` of an instance.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html (DbiResourceId)"""
    storage: int
    """GiB."""

    def __init__(self, name: str, args: DatabaseArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:database:Database", name, None, opts)
        self._name = name
        self._child = ResourceOptions(parent=self)

        security_group = SecurityGroup(
            f"{name}-access",
            SecurityGroupArgs(vpc_id=args.network.vpc_id, description="Database of Marginalia"),
            self._child,
        )
        if args.users.passwords.mode == "own":
            instance = self._instance(args, security_group, None, master.hooks(name, args.users))
            self.master = master.managed(instance)
        else:
            password = self._password(args.users.passwords)
            hooks = PasswordHooks(name, args.users.passwords.revision)
            instance = self._instance(args, security_group, password.result, hooks.on_instance)
            confirmed = Stash(
                f"{name}-confirmed-password",
                input=Output.secret(password.result),
                opts=ResourceOptions(parent=self, depends_on=[instance], hooks=hooks.on_confirmed),
            )
            value = database_url.url(USER, confirmed.input, instance.address)
            self.master = master.of_url(
                database_url.stored(f"{name}-url", value, protect=args.protect, parent=self._child).reference
            )

        self.identifier = instance.identifier
        self.address = instance.address
        self.resource_id = instance.id
        self.storage = args.storage
        self.peer = Peer(port=PORT, security_group_id=security_group.id)
        self.register_outputs({"url_secret": self.master.url} if self.master.url else {})

    def _password(self, passwords: Passwords) -> random.RandomPassword:
        """Of the master user. While the services move to logins of their own, a rotation does not change it."""
        return random.RandomPassword(
            f"{self._name}-password",
            length=database_url.PASSWORD_LENGTH,
            special=False,
            keepers={"revision": str(passwords.revision)},
            opts=ResourceOptions(parent=self, ignore_changes=["keepers"] if passwords.mode == "moving" else None),
        )

    def _instance(
        self,
        args: DatabaseArgs,
        security_group: SecurityGroup,
        password: Output[str] | None,
        hooks: ResourceHookBinding | None,
    ) -> aws.rds.Instance:
        subnets = aws.rds.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=args.network.private_subnet_ids, opts=self._child
        )
        parameters = self._parameters()
        logs = self._logs(args)
        return aws.rds.Instance(
            f"{self._name}-instance",
            identifier=args.database_name,
            engine="postgres",
            engine_version="16",
            auto_minor_version_upgrade=True,
            instance_class=args.instance_class,
            storage_type="gp3",
            allocated_storage=args.storage,
            max_allocated_storage=args.storage_limit,
            storage_encrypted=True,
            multi_az=args.multi_az,
            db_name=USER,
            username=USER,
            parameter_group_name=parameters.name,
            password=password,
            manage_master_user_password=None if password else True,
            port=PORT,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[security_group.id],
            publicly_accessible=False,
            backup_retention_period=args.backup_days,
            backup_window=args.schedule.backup_window,
            maintenance_window=args.schedule.maintenance_window,
            copy_tags_to_snapshot=True,
            deletion_protection=args.protect,
            skip_final_snapshot=not args.protect,
            final_snapshot_identifier=self._final_snapshot(args) if args.protect else None,
            enabled_cloudwatch_logs_exports=list(LOGS),
            performance_insights_enabled=args.insights != "none",
            performance_insights_retention_period=RETENTION.get(args.insights),
            database_insights_mode="advanced" if args.insights == "advanced" else "standard",
            # A new password does not wait for the window even if this is false: "New master password" in
            # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
            apply_immediately=args.schedule.apply_immediately,
            opts=ResourceOptions(
                parent=self,
                protect=args.protect,
                custom_timeouts=LIMITS,
                hooks=hooks,
                depends_on=logs,  # RDS creates a missing one, without an end of its retention
            ),
        )

    def _parameters(self) -> aws.rds.ParameterGroup:
        """A group of its own from the start: one that is attached later takes effect only after a reboot by hand.

        https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
        """
        values = {
            # The default of PostgreSQL 15 and later, said. RDS returns a default as pending, whatever was requested:
            # https://github.com/hashicorp/terraform-provider-aws/issues/39252
            "rds.force_ssl": ("1", "pending-reboot"),
            "log_min_duration_statement": (str(SLOW), "immediate"),
        }
        return aws.rds.ParameterGroup(
            f"{self._name}-parameters",
            family="postgres16",
            description="Database of Marginalia",
            parameters=[
                aws.rds.ParameterGroupParameterArgs(name=name, value=value, apply_method=method)
                for name, (value, method) in values.items()
            ],
            opts=self._child,
        )

    def _logs(self, args: DatabaseArgs) -> list[aws.cloudwatch.LogGroup]:
        """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html"""
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-logs-{each}",
                name=f"/aws/rds/instance/{args.database_name}/{each}",
                retention_in_days=args.log_retention_days,
                opts=ResourceOptions(parent=self, retain_on_delete=args.protect),
            )
            for each in LOGS
        ]

    def _final_snapshot(self, args: DatabaseArgs) -> Output[str]:
        """A unique name: the snapshot is kept, and a later database of the same name needs another.

        The id needs no keepers: Pulumi replaces a protected instance only once it is no longer protected, and then this
        id is deleted too. https://www.pulumi.com/docs/iac/concepts/options/protect/
        """
        suffix = random.RandomId(f"{self._name}-life", byte_length=4, opts=self._child)
        return Output.concat(args.database_name, "-final-", suffix.hex)
