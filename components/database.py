"""The PostgreSQL 16 that all services share, and the secret that holds its URL."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
import pulumi_random as random
from pulumi import ComponentResource, Output, ResourceOptions

from components.access import Access, AccessArgs, Way
from components.network import Network

PORT = 5432
USER = "marginalia"
PASSWORD_LENGTH = 40
"""Characters, letters and digits alone: safe in a URL, and within RDS's 8 to 128.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    database_name: str
    """Of the instance."""
    network: Network
    instance_class: str
    storage: int
    """GiB."""
    multi_az: bool
    backup_days: int
    password_revision: int
    """Another number makes another password."""
    protect: bool


class Database(ComponentResource):
    """Encrypted, private, and closed: a service that uses it opens its own way in."""

    url_secret: Output[str]
    """The `valueFrom` of DATABASE_URL: the secret's ARN and its version, so that a rotation is a rollout."""
    way: Way

    def __init__(self, name: str, args: DatabaseArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:database:Database", name, None, opts)
        self._name = name
        self._child = ResourceOptions(parent=self)

        access = Access(
            f"{name}-access",
            AccessArgs(vpc_id=args.network.vpc_id, description="Database of Marginalia"),
            self._child,
        )
        password = random.RandomPassword(
            f"{name}-password",
            length=PASSWORD_LENGTH,
            special=False,
            keepers={"revision": str(args.password_revision)},
            opts=self._child,
        )
        instance = self._instance(args, access, password)
        secret, version = self._url(args, instance, password)

        self.way = Way(port=PORT, security_group_id=access.security_group_id)
        self.url_secret = Output.concat(secret.arn, ":::", version.version_id)
        self.register_outputs({"url_secret": self.url_secret})

    def _instance(self, args: DatabaseArgs, access: Access, password: random.RandomPassword) -> aws.rds.Instance:
        subnets = aws.rds.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=args.network.private_subnet_ids, opts=self._child
        )
        return aws.rds.Instance(
            f"{self._name}-instance",
            identifier=args.database_name,
            engine="postgres",
            engine_version="16",
            auto_minor_version_upgrade=True,
            instance_class=args.instance_class,
            storage_type="gp3",
            allocated_storage=args.storage,
            storage_encrypted=True,
            multi_az=args.multi_az,
            db_name=USER,
            username=USER,
            password=password.result,
            port=PORT,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[access.security_group_id],
            publicly_accessible=False,
            backup_retention_period=args.backup_days,
            copy_tags_to_snapshot=True,
            deletion_protection=args.protect,
            skip_final_snapshot=not args.protect,
            final_snapshot_identifier=self._final_snapshot(args) if args.protect else None,
            # What the diff shows is what happens on yes, not in the next maintenance window.
            apply_immediately=True,
            opts=ResourceOptions(parent=self, protect=args.protect),
        )

    def _final_snapshot(self, args: DatabaseArgs) -> Output[str]:
        """A name that no other has: the snapshot outlives the database, and the next database will want one, too."""
        life = random.RandomId(f"{self._name}-life", byte_length=4, opts=self._child)
        return Output.concat(args.database_name, "-final-", life.hex)

    def _url(
        self, args: DatabaseArgs, instance: aws.rds.Instance, password: random.RandomPassword
    ) -> tuple[aws.secretsmanager.Secret, aws.secretsmanager.SecretVersion]:
        secret = aws.secretsmanager.Secret(
            f"{self._name}-url",
            # No name of ours: a deleted secret keeps its name for as many days as it can be restored.
            recovery_window_in_days=30 if args.protect else 0,
            opts=self._child,
        )
        # PostgreSQL 16 on RDS refuses connections without TLS. Its authority is not in the image: not verify-full.
        url = Output.concat(
            f"postgres://{USER}:", password.result, "@", instance.address, f":{PORT}/{USER}?sslmode=require"
        )
        version = aws.secretsmanager.SecretVersion(
            f"{self._name}-url-version",
            secret_id=secret.arn,
            secret_string=url,
            # Tasks that still run, and a rollback, read the version that they were started with.
            opts=ResourceOptions(parent=self, retain_on_delete=True),
        )
        return secret, version
