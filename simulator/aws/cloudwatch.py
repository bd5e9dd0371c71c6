"""Log groups. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"""

from __future__ import annotations

from simulator.cloud import ResourceType

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

TYPES = {
    LOG_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
        replaces=frozenset({"name"}),
        named="name",
    ),
}
