"""The budget of a stack in AWS Budgets, which tells the topic of the alarms."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import ResourceOptions

from components.alarms import Receiver

TAG = "stack"
"""The default tag whose costs count. An administrator activates it once: docs/cost.md#the-budget."""
NOTIFICATIONS = (("FORECASTED", 100), ("ACTUAL", 80), ("ACTUAL", 100))
"""Each kind of cost, and the percent of the budget from which on it is reported."""


def declare(name: str, stack: str, amount: int, receiver: Receiver, opts: ResourceOptions) -> aws.budgets.Budget:
    """`amount` is USD a month.

    The filter's form: https://www.pulumi.com/registry/packages/aws/api-docs/budgets/budget/
    """
    return aws.budgets.Budget(
        name,
        name=receiver.prefix,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(amount),
        limit_unit="USD",
        cost_filters=[aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:{TAG}${stack}"])],
        notifications=[
            aws.budgets.BudgetNotificationArgs(
                comparison_operator="GREATER_THAN",
                notification_type=kind,
                threshold=percent,
                threshold_type="PERCENTAGE",
                subscriber_sns_topic_arns=[receiver.topic_arn],
            )
            for kind, percent in NOTIFICATIONS
        ],
        opts=opts,
    )
