"""CloudWatch's alarms and dashboard, the rules of EventBridge, its schedules, SNS, and the budget."""

from __future__ import annotations

from bootstrap.actions.row import Row, each
from ecs import types

_NAMED = {"name": "{prefix}-*"}
_ALERTS = "arn:aws:sns:{region}:{account}:{prefix}-alerts"

ROWS = (
    Row(
        type=types.METRIC_ALARM,
        arn="arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
        known=_NAMED,
        read=each("cloudwatch", "DescribeAlarms ListTagsForResource"),
        create=each("cloudwatch", "PutMetricAlarm"),
        tag=each("cloudwatch", "TagResource UntagResource"),
        update={"*": each("cloudwatch", "PutMetricAlarm")},
        delete=each("cloudwatch", "DeleteAlarms"),
    ),
    Row(
        type=types.DASHBOARD,
        arn="arn:aws:cloudwatch::{account}:dashboard/{dashboardName}",
        known={"dashboardName": "{prefix}"},
        read=each("cloudwatch", "GetDashboard"),
        create=each("cloudwatch", "PutDashboard"),
        update={"*": each("cloudwatch", "PutDashboard")},
        delete=each("cloudwatch", "DeleteDashboards"),
    ),
    Row(  # ModifyBudget is the permission of all that writes a budget and its notifications
        type=types.BUDGET,
        arn="arn:aws:budgets::{account}:budget/{name}",
        known={"name": "{prefix}"},
        read=each("budgets", "ViewBudget ListTagsForResource"),
        create=each("budgets", "ModifyBudget"),
        tag=each("budgets", "TagResource UntagResource"),
        update={"*": each("budgets", "ModifyBudget")},
        delete=each("budgets", "ModifyBudget"),
    ),
    Row(
        type=types.EVENT_RULE,
        arn="arn:aws:events:{region}:{account}:rule/{name}",
        known=_NAMED,
        read=each("events", "DescribeRule ListTagsForResource"),
        create=each("events", "PutRule"),
        tag=each("events", "TagResource UntagResource"),
        update={"*": each("events", "PutRule")},
        delete=each("events", "DeleteRule"),
    ),
    Row(
        type=types.EVENT_TARGET,
        arn="arn:aws:events:{region}:{account}:rule/{rule}",
        known={"rule": "{prefix}-*"},
        read=each("events", "ListTargetsByRule"),
        create=each("events", "PutTargets"),
        update={"*": each("events", "PutTargets")},
        delete=each("events", "RemoveTargets"),
    ),
    Row(
        type=types.SCHEDULE_GROUP,
        arn="arn:aws:scheduler:{region}:{account}:schedule-group/{name}",
        known={"name": "{prefix}"},
        read=each("scheduler", "GetScheduleGroup ListTagsForResource"),
        create=each("scheduler", "CreateScheduleGroup"),
        tag=each("scheduler", "TagResource UntagResource"),
        delete=each("scheduler", "DeleteScheduleGroup"),
    ),
    Row(
        type=types.SCHEDULE,
        arn="arn:aws:scheduler:{region}:{account}:schedule/{groupName}/{name}",
        known={"groupName": "{prefix}", "name": "*"},
        read=each("scheduler", "GetSchedule"),
        create=each("scheduler", "CreateSchedule"),
        update={"*": each("scheduler", "UpdateSchedule")},
        delete=each("scheduler", "DeleteSchedule"),
    ),
    Row(
        type=types.SCHEDULE,
        arn="{target_role}",
        known={"target_role": "arn:aws:iam::{account}:role/*-task-*"},
        conditions={"iam:PassedToService": "scheduler.amazonaws.com"},
        create=each("iam", "PassRole"),
    ),
    Row(
        type=types.TOPIC,
        arn="arn:aws:sns:{region}:{account}:{name}",
        known={"name": "{prefix}-alerts"},
        read=each("sns", "GetTopicAttributes ListTagsForResource"),
        create=each("sns", "CreateTopic"),
        tag=each("sns", "TagResource UntagResource"),
        update={"*": each("sns", "SetTopicAttributes")},
        delete=each("sns", "DeleteTopic"),
    ),
    Row(  # its deletion puts AWS's default policy in its place
        type=types.TOPIC_POLICY,
        arn="{arn}",
        known={"arn": _ALERTS},
        read=each("sns", "GetTopicAttributes"),
        create=each("sns", "SetTopicAttributes"),
        update={"*": each("sns", "SetTopicAttributes")},
        delete=each("sns", "SetTopicAttributes"),
    ),
    Row(  # IAM checks the actions of a subscription against its topic
        type=types.TOPIC_SUBSCRIPTION,
        arn="{topic}",
        known={"topic": _ALERTS},
        read=each("sns", "GetSubscriptionAttributes"),
        create=each("sns", "Subscribe"),
        delete=each("sns", "Unsubscribe"),
    ),
)
