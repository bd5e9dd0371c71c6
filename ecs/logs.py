"""The bucket for the logs of the load balancer and the network: its name and who may write to it."""

from __future__ import annotations

import hashlib
from typing import Any

SUFFIX = "-logs"
LONGEST_NAME = 63
"""Characters of a bucket's name. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
DIGITS = 8
LOAD_BALANCING = "logdelivery.elasticloadbalancing.amazonaws.com"
"""The principal that writes access logs, in every region. The one of flow logs is refused:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""
LOG_DELIVERY = "delivery.logs.amazonaws.com"
"""The principal that writes flow logs.
https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html"""


def bucket_name(content: str) -> str:
    """The name of the bucket for logs, from that of the content bucket: globally unique, as that one is.

    A long name is cut and ends with a hash of the whole one.
    """
    if len(content) + len(SUFFIX) <= LONGEST_NAME:
        return content + SUFFIX
    digest = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
    return f"{content[: LONGEST_NAME - len(SUFFIX) - DIGITS - 1]}-{digest}{SUFFIX}"


def write_access_logs(bucket: str, account: str) -> dict[str, Any]:
    """Elastic Load Balancing writes below `AWSLogs/<account>/` only."""
    return {
        "Sid": "AccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": LOAD_BALANCING},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*",
    }


def write_flow_logs(bucket: str, account: str, region: str) -> list[dict[str, Any]]:
    """The statements of AWS's page, with its words: EC2 replaces a policy without them when it creates a flow log."""
    source = {"aws:SourceAccount": account}
    arn = {"ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*"}}
    return [
        {
            "Sid": "AWSLogDeliveryWrite",
            "Effect": "Allow",
            "Principal": {"Service": LOG_DELIVERY},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*",
            "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}, **arn},
        },
        {
            "Sid": "AWSLogDeliveryAclCheck",
            "Effect": "Allow",
            "Principal": {"Service": LOG_DELIVERY},
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringEquals": source, **arn},
        },
    ]
