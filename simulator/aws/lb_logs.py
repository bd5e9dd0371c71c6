"""What ModifyLoadBalancerAttributes accepts as the bucket of access logs."""

from __future__ import annotations

from collections.abc import Iterator

from ecs.logs import LOAD_BALANCING
from simulator.aws import log_delivery
from simulator.aws.lb_balancer import balancer
from simulator.aws.values import mapping, text
from simulator.cloud import Request

PAGE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"


def _bucket(request: Request) -> str:
    """The bucket of access logs that are enabled; empty if there is none or its name is unknown."""
    logs = mapping(request.inputs.get("accessLogs"))
    return text(logs.get("bucket")) if logs.get("enabled") is True else ""


def _denied(bucket: str, why: str) -> str:
    return f"InvalidConfigurationRequest: Access Denied for bucket: {bucket}. Please check S3bucket permission: {why}"


@balancer(PAGE)
def access_logs_have_a_bucket(request: Request) -> Iterator[str]:
    """Enabled access logs have a bucket, and a prefix without `AWSLogs`."""
    logs = mapping(request.inputs.get("accessLogs"))
    if logs.get("enabled") is True and not logs.get("bucket"):
        yield "InvalidConfigurationRequest: enabled access logs need a bucket"
    if "AWSLogs" in text(logs.get("prefix")):
        yield "InvalidConfigurationRequest: the prefix of access logs must not contain AWSLogs"


# The answer to a wrong principal: https://github.com/terraform-aws-modules/terraform-aws-s3-bucket/issues/185
@balancer(PAGE, confirmed="recorded answer")
def access_logs_can_be_written(request: Request) -> Iterator[str]:
    """Elastic Load Balancing writes a test file: the bucket exists and its policy lets the principal of logs write."""
    if not (bucket := _bucket(request)):
        return
    if log_delivery.is_missing(request, bucket):
        yield _denied(bucket, "the bucket does not exist")
        return
    key = log_delivery.key(request, text(mapping(request.inputs.get("accessLogs")).get("prefix")))
    if log_delivery.is_refused(request, bucket, LOAD_BALANCING, "s3:PutObject", key):
        yield _denied(bucket, f"its policy does not let {LOAD_BALANCING} put objects below AWSLogs/{request.account}")


@balancer(PAGE)
def access_logs_stay_in_the_region(request: Request) -> Iterator[str]:
    """The bucket is in the region of the load balancer."""
    for each in log_delivery.buckets(request, _bucket(request)):
        if each.region != request.region:
            yield f"InvalidConfigurationRequest: the bucket {each.id} is in {each.region}, not in {request.region}"


# The answer: https://github.com/terraform-aws-modules/terraform-aws-alb/issues/61
@balancer(PAGE, confirmed="recorded answer")
def access_logs_are_encrypted_by_s3(request: Request) -> Iterator[str]:
    """The bucket is encrypted with keys of S3, not of KMS."""
    bucket = _bucket(request)
    if log_delivery.is_encrypted_by_kms(request, bucket):
        yield _denied(bucket, "Elastic Load Balancing writes to no bucket that is encrypted by KMS")
