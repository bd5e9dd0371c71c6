"""Schedules of EventBridge Scheduler. https://docs.aws.amazon.com/scheduler/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import schedule as expressions
from ecs import types
from simulator.aws.start import roles
from simulator.aws.values import is_known, mapping, number, text
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure
from simulator.store import Properties

TYPES_PAGE = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"
CODE = "ValidationException"
SERVICE = "scheduler.amazonaws.com"
DEFAULT = "default"
"""The group that every account has."""

schedule = Checks[Request](types.SCHEDULE)


def target(request: Request) -> Properties:
    return mapping(request.inputs.get("target"))


def task(request: Request) -> Properties:
    """The parameters of RunTask, if the target is a cluster."""
    return mapping(target(request).get("ecsParameters"))


# https://github.com/localstack/localstack/blob/80228c97/tests/aws/services/scheduler/test_scheduler.snapshot.json
@schedule(TYPES_PAGE, confirmed="recorded answer")
def the_expression_follows_the_grammar(request: Request) -> Iterator[str]:
    """A schedule has an expression `rate(…)`, `cron(…)` or `at(…)` of the documented form."""
    given = request.inputs.get("scheduleExpression")
    if not is_known(given):
        return
    if str(given).startswith("at("):
        valid = re.fullmatch(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)", str(given))
        why = "" if valid else "at(…) has the form yyyy-mm-ddThh:mm:ss"
    else:
        why = expressions.problem(str(given))
    if why:
        yield f"{CODE}: Invalid Schedule Expression {given}. ({why})"


@schedule("https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#flexible-time-windows")
def a_flexible_window_has_a_length(request: Request) -> Iterator[str]:
    """A flexible time window has a length, and one that is off has none."""
    window = mapping(request.inputs.get("flexibleTimeWindow"))
    length, mode = number(window.get("maximumWindowInMinutes")), text(window.get("mode"))
    if mode == "FLEXIBLE" and window.get("maximumWindowInMinutes") is None:
        yield f"{CODE}: MaximumWindowInMinutes must be set when FlexibleTimeWindow is FLEXIBLE"
    if mode == "OFF" and length is not None:
        yield f"{CODE}: MaximumWindowInMinutes must not be set when FlexibleTimeWindow is OFF"


# The provider repeats the request for two minutes while it gets this answer: internal/service/scheduler/schedule.go
@schedule("https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html", confirmed="provider")
def the_role_can_be_assumed(request: Request) -> Iterator[str]:
    """EventBridge Scheduler may assume the role of the target, before the schedule has an ARN."""
    arn = text(target(request).get("roleArn"))
    context = {"aws:SourceAccount": request.account, "aws:SourceArn": _group_arn(request)}
    for reason in roles.refusals(request, arn, SERVICE, context) if arn else ():
        yield (
            f"{CODE}: The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            f" ({reason})"
        )


def _group_arn(request: Request) -> str:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html"""
    return f"arn:aws:scheduler:{request.region}:{request.account}:schedule-group/{_group(request)}"


def _group(request: Request) -> str:
    return text(request.inputs.get("groupName")) or DEFAULT


TYPES = {
    types.SCHEDULE_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:scheduler:{region}:{account}:schedule-group/{name}"},
        replace_on_changes=frozenset({"name", "namePrefix"}),
        name_property="name",
        outside=lambda name: name == DEFAULT,
        cascade=lambda request: request.all(types.SCHEDULE, groupName=request.inputs.get("name")),
        failure=Failure(source="scheduler/schedule_group.go", missing="ResourceNotFoundException"),
    ),
    types.SCHEDULE: ResourceType(
        id=lambda request: f"{_group(request)}/{request.inputs['name']}",
        outputs={"arn": "arn:aws:scheduler:{region}:{account}:schedule/{id}"},
        replace_on_changes=frozenset({"groupName", "name", "namePrefix"}),
        name_property="name",
        name_scope=("groupName",),
        references={"groupName": (types.SCHEDULE_GROUP, "name")},
        blocks_delete=False,  # DeleteScheduleGroup deletes the schedules of the group
        validate=schedule.reasons,
        failure=Failure(source="scheduler/schedule.go"),
    ),
}
