"""Log groups. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from ecs import types
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure

log_group = Checks[Request](types.LOG_GROUP)


@log_group("https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html")
def has_a_name_that_aws_does_not_reserve(request: Request) -> Iterable[str]:
    """The name of a log group does not begin with `aws/`."""
    name = str(request.inputs.get("name") or "")
    if name.startswith("aws/"):
        yield f"InvalidParameterException: Log groups starting with AWS/ are reserved for AWS: {name}"


TYPES = {
    types.LOG_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        validate=log_group.reasons,
        failure=Failure(
            source="logs/group.go",
            unreadable=frozenset({"skipDestroy"}),
            taken="ResourceAlreadyExistsException",
            quota="LimitExceededException: Resource limit exceeded.",
        ),
    ),
}
