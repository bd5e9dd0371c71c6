"""What CreateFlowLogs accepts. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from ecs.logs import LOG_DELIVERY
from simulator.aws import log_delivery
from simulator.aws.values import is_known, number, other_than, text
from simulator.check import Checks
from simulator.cloud import Request, hint

API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html"
BUCKET_POLICY = "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html"
MONITORED = ("eniId", "regionalNatGatewayId", "subnetId", "transitGatewayAttachmentId", "transitGatewayId", "vpcId")
GATEWAYS = ("transitGatewayAttachmentId", "transitGatewayId")
SAME = (*MONITORED, "logDestination", "logDestinationType", "logFormat", "trafficType")

flow_log = Checks[Request](types.FLOW_LOG)


def _bucket(request: Request) -> str:
    """The bucket that logs go to; empty if they go elsewhere."""
    found = re.match(r"arn:aws:s3:::([^/]+)", text(request.inputs.get("logDestination")))
    return found[1] if found and request.inputs.get("logDestinationType") == "s3" else ""


@flow_log(API)
def flow_log_is_of_one_resource(request: Request) -> Iterator[str]:
    """A flow log is of one resource, and has a type of traffic unless that is a transit gateway."""
    given = [each for each in MONITORED if request.inputs.get(each)]
    if len(given) != 1:
        yield f"InvalidParameter: a flow log has one of {', '.join(MONITORED)}, not {' and '.join(given) or 'none'}"
    elif given[0] not in GATEWAYS and not request.inputs.get("trafficType"):
        yield "MissingParameter: trafficType is required: ACCEPT, REJECT or ALL"


@flow_log(API, confirmed="botocore")
def flow_log_has_a_destination(request: Request) -> Iterator[str]:
    """Logs go to a log group, with a role that writes to it, to a bucket or to a delivery stream."""
    kind = request.inputs.get("logDestinationType", "cloud-watch-logs")
    allowed = ("cloud-watch-logs", "kinesis-data-firehose", "s3")
    yield from other_than("InvalidParameter", {"logDestinationType": kind}, [("logDestinationType", allowed)])
    destination = request.inputs.get("logDestination")
    if not destination:
        yield "MissingParameter: logDestination is required"
    services = {"cloud-watch-logs": "logs", "kinesis-data-firehose": "firehose", "s3": "s3"}
    if kind in services and is_known(destination) and not str(destination).startswith(f"arn:aws:{services[kind]}:"):
        yield f"InvalidParameter: LogDestination: {destination} is not of the type {kind}"
    if kind == "cloud-watch-logs" and not request.inputs.get("iamRoleArn"):
        yield "InvalidParameter: DeliverLogsPermissionArn is required for cloud-watch-logs delivery"


@flow_log(API, confirmed="botocore")
def flow_log_has_an_interval(request: Request) -> Iterator[str]:
    """Packets are put together for 60 or 600 seconds; for a transit gateway, for 60."""
    interval = request.inputs.get("maxAggregationInterval")
    allowed = (60,) if any(request.inputs.get(each) for each in GATEWAYS) else (60, 600)
    if is_known(interval) and number(interval) not in allowed:
        one_of = " or ".join(map(str, allowed))
        yield f"InvalidParameter: maxAggregationInterval must be {one_of}, not {interval!r}"


# The answer: https://github.com/aws-samples/aws-secure-environment-accelerator/issues/1111
@flow_log(API, confirmed="recorded answer")
def a_bucket_takes_no_role(request: Request) -> Iterator[str]:
    """A flow log that goes to a bucket has no role."""
    if request.inputs.get("logDestinationType") == "s3" and request.inputs.get("iamRoleArn"):
        yield "InvalidParameter: DeliverLogsPermissionArn is not applicable for s3 delivery"


@flow_log("https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html")
def flow_log_has_a_format(request: Request) -> Iterator[str]:
    """A format is a list of fields such as `${srcaddr}`, with spaces between them."""
    found = request.inputs.get("logFormat")
    if is_known(found) and found and not re.fullmatch(r"\$\{[a-z0-9-]+\}(\s+\$\{[a-z0-9-]+\})*", str(found)):
        yield f"InvalidParameter: logFormat {found!r} is no list of fields such as ${{srcaddr}}"


# The answer, in the provider's tests: "Access Denied for LogDestination: does-not-exist."
@flow_log(BUCKET_POLICY, confirmed="recorded answer")
def the_bucket_lets_ec2_write(request: Request) -> Iterator[str]:
    """The bucket exists, and its policy lets log delivery write to it and read its ACL.

    Where the caller may change the policy, EC2 takes the place of one that does not: TLS-only is then lost.
    """
    if not (bucket := _bucket(request)):
        return
    denied = f"Access Denied for LogDestination: {bucket}. Please check LogDestination permission"
    if log_delivery.is_missing(request, bucket):
        yield f"{denied}: the bucket does not exist"
        return
    folder = text(request.inputs.get("logDestination")).partition("/")[2].strip("/")
    source = {"aws:SourceArn": f"arn:aws:logs:{request.region}:{request.account}:id-of-the-delivery"}
    for action, where in (("s3:PutObject", log_delivery.key(request, folder)), ("s3:GetBucketAcl", "")):
        if log_delivery.is_refused(request, bucket, LOG_DELIVERY, action, where, source):
            yield f"{denied}: its policy does not let {LOG_DELIVERY} perform {action}"


@flow_log("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html")
def flow_log_is_the_only_one(request: Request) -> Iterator[str]:
    """A resource has no two flow logs of one configuration and destination."""
    for other in request.all(types.FLOW_LOG):
        if other.id != request.id and all(other.properties.get(key) == request.inputs.get(key) for key in SAME):
            yield (
                "FlowLogAlreadyExists: There is an existing Flow Log with the same configuration and log destination:"
                f" {other.urn}{hint(request, other)}"
            )
