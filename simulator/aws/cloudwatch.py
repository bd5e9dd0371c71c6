"""Log groups, alarms, dashboards and rules on events: one module in the type tokens, several services of AWS.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Iterable

from ecs import types
from simulator.aws import events
from simulator.aws.cloudwatch_alarms import alarm
from simulator.aws.cloudwatch_dashboard import dashboard
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
    types.METRIC_ALARM: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        validate=alarm.reasons,
        failure=Failure(
            source="cloudwatch/metric_alarm.go",
            quota="LimitExceeded: The quota for alarms for this customer has already been reached.",
        ),
    ),
    types.DASHBOARD: ResourceType(
        id="{dashboardName}",
        outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{dashboardName}"},
        replace_on_changes=frozenset({"dashboardName"}),
        name_property="dashboardName",
        validate=dashboard.reasons,
        failure=Failure(source="cloudwatch/dashboard.go", empty_update="applies"),
    ),
    **events.TYPES,
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
