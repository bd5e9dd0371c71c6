"""Budgets. https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws import sns
from simulator.aws.values import is_known, mappings, text, texts
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list
from simulator.failure import Failure

API = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference"
CODE = "InvalidParameterException"
PUBLISHER = "budgets.amazonaws.com"
MOST_NOTIFICATIONS = 10
budget = Checks[Request](types.BUDGET)


@budget(f"{API}/API_budgets_Budget.html", confirmed="botocore")
def has_a_name_and_an_amount_of_the_api(request: Request) -> Iterator[str]:
    """A budget has a name without colon and backslash, and a number as its limit."""
    name, amount = request.inputs.get("name"), request.inputs.get("limitAmount")
    if is_known(name) and (re.search(r"[:\\]", str(name)) or "/action/" in str(name)):
        yield f"{CODE}: the budget name {name!r} has a colon, a backslash or /action/"
    if amount is not None and is_known(amount) and not re.fullmatch(r"([0-9]*\.)?[0-9]+", str(amount)):
        yield f"{CODE}: the amount {amount!r} is no number"


@budget(f"{API}/API_budgets_Notification.html", confirmed="botocore")
def notifications_have_subscribers(request: Request) -> Iterator[str]:
    """A budget has up to ten notifications, each with a subscriber, of which one may be an SNS topic."""
    found = mappings(request.inputs.get("notifications"))
    if len(found) > MOST_NOTIFICATIONS:
        yield f"{CODE}: a budget can have at most {MOST_NOTIFICATIONS} notifications, not {len(found)}"
    for each in found:
        topics, emails = as_list(each.get("subscriberSnsTopicArns")), as_list(each.get("subscriberEmailAddresses"))
        if not topics and not emails:
            yield f"{CODE}: a notification has no subscriber"
        if len(topics) > 1:
            yield f"{CODE}: a notification can have one SNS topic, not {len(topics)}"


@budget("https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html", confirmed="nobody")
def topics_let_budgets_publish(request: Request) -> Iterator[str]:
    """The policy of a topic that a budget notifies lets AWS Budgets publish."""
    arn = f"arn:aws:budgets::{request.account}:budget/{text(request.inputs.get('name'))}"
    for each in mappings(request.inputs.get("notifications")):
        for topic in texts(each.get("subscriberSnsTopicArns")):
            yield from sns.unauthorized(request, topic, PUBLISHER, arn)


TYPES = {
    types.BUDGET: ResourceType(
        id="{account}:{name}",
        outputs={"accountId": "{account}", "arn": "arn:aws:budgets::{account}:budget/{name}"},
        replace_on_changes=frozenset({"accountId", "name", "namePrefix"}),
        name_property="name",
        validate=budget.reasons,
        failure=Failure(source="budgets/budget.go"),
    ),
}
