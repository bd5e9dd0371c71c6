"""The database, buckets, repositories, secrets and keys."""

from __future__ import annotations

from cost.charge import Found, Usage, hourly, monthly, number
from cost.deployment import Deployment, Resource

STANDBY = 2
"""An instance in two zones costs twice that in one: https://aws.amazon.com/rds/postgresql/pricing/. AWS rounds both
prices, so that the real one may differ by $0.001 an hour."""


def database(resource: Resource, _: Deployment) -> Found:
    """The instance and its storage, which may grow to its limit by itself."""
    inputs = resource.inputs
    kind = str(inputs.get("instanceClass"))
    copies = STANDBY if inputs.get("multiAz") else 1
    size = number(inputs.get("allocatedStorage"))
    limit = max(size, number(inputs.get("maxAllocatedStorage")))
    detail = f"{kind}, {size:g} GB{', two zones' if copies == STANDBY else ''}"
    yield hourly("the database", f"database/{kind}", copies, detail=detail)
    yield monthly("the database", "database/gp3", copies * size, copies * limit, detail=detail)
    if inputs.get("databaseInsightsMode") == "advanced":
        yield hourly("Database Insights", "database/insights", _vcpu(kind), detail=f"advanced, {_vcpu(kind)} vCPU")
    if inputs.get("backupRetentionPeriod"):
        yield Usage(thing="backups beyond the size of the database", item="database/backup")
    if inputs.get("manageMasterUserPassword"):
        yield monthly("the secret of the master user", "secret")


def _vcpu(instance_class: str) -> int:
    """Of the families m, r and t: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html"""
    size = instance_class.rpartition(".")[2]
    return 4 * int(size.removesuffix("xlarge") or 1) if size.endswith("xlarge") else 2


def bucket(_: Resource, __: Deployment) -> Found:
    yield Usage(thing="objects in S3", item="bucket/gb")
    yield Usage(thing="writes to S3", item="bucket/writes")
    yield Usage(thing="reads from S3", item="bucket/reads")


def repository(_: Resource, __: Deployment) -> Found:
    yield Usage(thing="images in ECR", item="repository/gb")


def secret(resource: Resource, _: Deployment) -> Found:
    yield monthly(f"the secret {resource.name}", "secret")
    yield Usage(thing="reads of secrets", item="secret/requests")


def key(resource: Resource, _: Deployment) -> Found:
    yield monthly(f"the key {resource.name}", "key")


def parameter(resource: Resource, _: Deployment) -> Found:
    """A standard parameter is free: https://aws.amazon.com/systems-manager/pricing/#Parameter_Store"""
    if resource.inputs.get("tier", "Standard") != "Standard":
        yield monthly(f"the parameter {resource.name}", "parameter/advanced")
