"""Builds the components under test with valid defaults; a test overrides the arguments that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from components.bucket import Bucket, BucketArgs
from components.cluster import Cluster, ClusterArgs
from components.database import Database, DatabaseArgs
from components.ingress import Ingress, IngressArgs
from components.logins_in_use import Users
from components.network import Network, NetworkArgs
from components.platform import Platform
from components.service import Service, ServiceArgs
from config.catalogue import Entry
from ecs import types
from ecs.database import LoginMode, Passwords, Schedule
from ecs.fargate import Size
from ecs.image import Build, Reference
from ecs.ingress import HealthCheck
from tests.declared import ACCOUNT, REGION, Declared, declare
from tests.images import image

PINNED = Reference.parse(image("promptsvc"))
PROMPTSVC = Entry(name="promptsvc", port=9002, database=True, bucket=True)
AUTHSVC = Entry(name="authsvc", port=9001)
CALLER = Entry(name="mcp", port=8080, protocol="http", calls=("authsvc",))

SMALL = Size(cpu=256, memory=512, min=1, max=2)


def network(**changes: Any) -> Network:
    args: dict[str, Any] = {
        "cidr": IPv4Network("10.20.0.0/16"),
        "zones": ["us-east-1a", "us-east-1b"],
        "region": REGION,
        "egress": "nat",
        **changes,
    }
    return Network("network", NetworkArgs(**args))


def cluster(**changes: Any) -> Cluster:
    args: dict[str, Any] = {"cluster_name": "mrgnl", "insights": False, **changes}
    return Cluster("cluster", ClusterArgs(**args))


def users(mode: LoginMode = "shared", revision: int = 1, services: Sequence[str] = ("promptsvc",)) -> Users:
    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl"
    passwords = Passwords(mode=mode, revision=revision)
    return Users(passwords=passwords, services=services, cluster=cluster, region=REGION)


def database(inside: Network, **changes: Any) -> Database:
    args: dict[str, Any] = {
        "database_name": "mrgnl",
        "network": inside,
        "instance_class": "db.t4g.micro",
        "storage": 20,
        "storage_limit": 80,
        "multi_az": False,
        "backup_days": 1,
        "schedule": Schedule(backup_window=None, maintenance_window=None, apply_immediately=True),
        "insights": "standard",
        "log_retention_days": 30,
        "users": users(),
        "protect": False,
        **changes,
    }
    return Database("database", DatabaseArgs(**args))


def bucket(**changes: Any) -> Bucket:
    args: dict[str, Any] = {"bucket_name": "marginalia-content", "protect": False, **changes}
    return Bucket("bucket", BucketArgs(**args))


def ingress(inside: Network, **changes: Any) -> Ingress:
    args: dict[str, Any] = {
        "network": inside,
        "allowed_cidrs": ["0.0.0.0/0"],
        "domain": None,
        "idle_timeout": 120,
        "health_check": HealthCheck(interval=15, timeout=5, healthy=2, unhealthy=3),
        "target": None,
        "protect": False,
        **changes,
    }
    return Ingress("ingress", IngressArgs(**args))


def platform(
    *, network_args: Mapping[str, Any] | None = None, ingress_args: Mapping[str, Any] | None = None, **changes: Any
) -> Platform:
    inside = network(**(network_args or {}))
    args: dict[str, Any] = {
        "network": inside,
        "cluster": cluster(),
        "database": database(inside),
        "bucket": bucket(),
        "ingress": ingress(inside, **(ingress_args or {})),
        "alerts": None,
        "prefix": "mrgnl",
        "account": ACCOUNT,
        "region": REGION,
        "architecture": "x86-64",
        "spot": None,
        "log_retention_days": 30,
        "probe": False,
        "permissions_boundary": None,
        "protect": False,
        **changes,
    }
    return Platform(**args)


def service(
    entry: Entry = PROMPTSVC,
    *,
    on: Platform,
    source: Build | Reference = PINNED,
    size: Size | None = None,
    callees: tuple[Service, ...] = (),
    secrets: Mapping[str, str] | None = None,
    redeploy: int | None = None,
) -> Service:
    """The service of a catalogue entry; by default its image is pinned."""
    return Service(
        entry.name,
        ServiceArgs(
            platform=on,
            entry=entry,
            image=source,
            size=size or SMALL,
            callees=callees,
            secrets=secrets or {},
            redeploy=redeploy,
        ),
    )


def promptsvc(**changes: Any) -> Declared:
    """A stack with promptsvc only. Changes apply to the service or, by other names, to the platform."""
    own = {key: changes.pop(key) for key in ("entry", "source", "size", "secrets", "redeploy") if key in changes}
    return declare(lambda: service(on=platform(**changes), **own))


def caller_and_callee() -> Declared:
    """A stack with authsvc and a service that calls it."""

    def both() -> None:
        shared = platform()
        service(CALLER, on=shared, callees=(service(AUTHSVC, on=shared),))

    return declare(both)


def container(declared: Declared, name: str = "promptsvc") -> dict[str, Any]:
    """The container of the service."""
    return containers(declared, name)[0]


def containers(declared: Declared, name: str = "promptsvc") -> list[dict[str, Any]]:
    return declared.one(types.TASK_DEFINITION, f"{name}-task-definition").json("containerDefinitions")


def statements(declared: Declared, policy: str) -> list[dict[str, Any]]:
    return declared.one(types.ROLE_POLICY, policy).json("policy")["Statement"]
