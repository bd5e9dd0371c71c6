"""The checks of `verify` for the account: free names of what is not deployed yet, and quotas for a rollout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from config import stackfile
from config.stackfile import KEY
from ecs import types
from ops.check import Subject, Test
from ops.errors import code

PERMISSIONS = (
    "ecr:DescribeRepositories",
    "ecs:DescribeClusters",
    "s3:ListBucket",
    "servicequotas:GetServiceQuota",
)
VCPU = {"FARGATE": "L-3032A538", "FARGATE_SPOT": "L-36FBB829"}
"""The quotas `Fargate On-Demand vCPU resource count` and `Fargate Spot vCPU resource count` of the service `fargate`.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"""
UNITS = 1024
"""CPU units of a vCPU."""


def tests(subject: Subject) -> Iterator[Test]:
    settings, ids = subject.configuration.settings, subject.deployed.ids
    if not ids.get(types.BUCKET):
        yield "name", f"bucket {settings.bucket.name}", partial(_bucket, subject, settings.bucket.name)
    if not ids.get(types.CLUSTER):
        yield "name", f"cluster {settings.prefix}", partial(_cluster, subject, settings.prefix)
    for each in subject.configuration.owners if settings.build else ():
        name = f"{settings.prefix}-{each.name}"
        if name not in ids.get(types.REPOSITORY, ()):
            yield "name", f"repository {name}", partial(_repository, subject, name)
    spot = settings.spot or 0
    if spot < 100:
        yield "quota", "Fargate vCPUs", partial(_quota, subject, "FARGATE", 100 - spot)
    if spot:
        yield "quota", "Fargate Spot vCPUs", partial(_quota, subject, "FARGATE_SPOT", spot)


def _bucket(subject: Subject, name: str) -> Iterator[str]:
    """403 is another account's bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html"""
    try:
        subject.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        if code(error) in ("404", "NoSuchBucket"):
            return
        if code(error) not in ("403", "301"):
            raise
        yield _taken(subject, "bucket.name", f"the bucket {name} exists, in another account or region")
    else:
        yield _taken(subject, "bucket.name", f"the bucket {name} exists in this account")


def _cluster(subject: Subject, name: str) -> Iterator[str]:
    """CreateCluster with the name of a cluster returns that one, so that two stacks would share it.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
    """
    found = subject.client("ecs").describe_clusters(clusters=[name])["clusters"]
    if any(each["status"] != "INACTIVE" for each in found):
        yield _taken(subject, "prefix", f"the cluster {name} exists")


def _repository(subject: Subject, name: str) -> Iterator[str]:
    try:
        subject.client("ecr").describe_repositories(registryId=subject.account, repositoryNames=[name])
    except ClientError as error:
        if code(error) != "RepositoryNotFoundException":
            raise
    else:
        yield _taken(subject, "prefix", f"the repository {name} exists")


def _taken(subject: Subject, key: str, what: str) -> str:
    return (
        f"{stackfile.name(subject.stack)}: {KEY}.{key}: {what}, and {subject.stack} does not manage it. Choose another"
        " name, delete it, or adopt it with `pulumi import`."
    )


def _quota(subject: Subject, provider: str, percent: int) -> Iterator[str]:
    """A rollout of all services at their highest number runs twice the tasks. Other tasks of the account count, too.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
    """
    settings = subject.configuration.settings
    sizes = [settings.size(entry) for entry in subject.configuration.services]
    needed = 2 * sum(each.max * each.cpu for each in sizes) * percent / 100 / UNITS
    code = VCPU[provider]
    quota = subject.client("service-quotas").get_service_quota(ServiceCode="fargate", QuotaCode=code)["Quota"]["Value"]
    if needed > quota:
        yield (
            f"{stackfile.name(subject.stack)}: a rollout at `max` of all services needs {needed:g} vCPUs of"
            f" {provider}; the quota {code} is {quota:g}. Raise it: aws service-quotas request-service-quota-increase"
            f" --service-code fargate --quota-code {code} --desired-value {needed:g}; or lower {KEY}.sizes."
        )
