"""One builder for the components under test: good defaults, and only what a claim is about is overridden."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from components.bucket import Bucket, BucketArgs
from components.cluster import Cluster, ClusterArgs
from components.database import Database, DatabaseArgs
from components.ingress import Ingress
from components.network import Network, NetworkArgs
from components.service import Build, Host, Service, ServiceArgs
from ecs.fargate import Size
from ecs.image import Reference, Repository
from services import Entry
from tests.declared import ACCOUNT, REGION, Declared, declare

PINNED = Reference(
    repository=Repository(account="111122223333", region=REGION, name="mrgnl-promptsvc"), digest=f"sha256:{'a' * 64}"
)
"""In an account that is not simulated, whose images are taken as they are."""
PROMPTSVC = Entry(name="promptsvc", port=9002, database=True, bucket=True)

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


def database(inside: Network, **changes: Any) -> Database:
    args: dict[str, Any] = {
        "database_name": "mrgnl",
        "network": inside,
        "instance_class": "db.t4g.micro",
        "storage": 20,
        "multi_az": False,
        "backup_days": 1,
        "password_revision": 1,
        "protect": False,
        **changes,
    }
    return Database("database", DatabaseArgs(**args))


def bucket(**changes: Any) -> Bucket:
    args: dict[str, Any] = {"bucket_name": "marginalia-content", "protect": False, **changes}
    return Bucket("bucket", BucketArgs(**args))


def host(*, network_args: Mapping[str, Any] | None = None, **changes: Any) -> Host:
    args: dict[str, Any] = {
        "network": network(**(network_args or {})),
        "cluster": cluster(),
        "prefix": "mrgnl",
        "account": ACCOUNT,
        "region": REGION,
        "architecture": "x86-64",
        "spot": 0,
        "log_retention_days": 30,
        "probe": False,
        "protect": False,
        **changes,
    }
    return Host(**args)


def service(
    entry: Entry = PROMPTSVC,
    *,
    on: Host,
    image: Build | Reference = PINNED,
    size: Size | None = None,
    callees: tuple[Service, ...] = (),
    ingress: Ingress | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Service:
    """The service of a catalogue entry, with the database and the bucket that the entry asks for."""
    return Service(
        entry.name,
        ServiceArgs(
            entry=entry,
            host=on,
            image=image,
            size=size or SMALL,
            callees=callees,
            database=database(on.network) if entry.database else None,
            bucket=bucket() if entry.bucket else None,
            ingress=ingress,
            secrets=secrets or {},
        ),
    )


def promptsvc(**changes: Any) -> Declared:
    """What a stack of promptsvc alone declares. Changes go to the host or, by their names, to the service."""
    own = {key: changes.pop(key) for key in ("entry", "image", "size", "secrets") if key in changes}
    return declare(lambda: service(on=host(**changes), **own))
