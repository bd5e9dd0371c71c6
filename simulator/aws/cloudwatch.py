"""Log groups. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"""

from __future__ import annotations

from ecs import types
from simulator.cloud import ResourceType
from simulator.failure import Failure

TYPES = {
    types.LOG_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        failure=Failure(
            source="logs/group.go",
            unreadable=frozenset({"skipDestroy"}),
            quota="LimitExceededException: Resource limit exceeded.",
        ),
    ),
}
