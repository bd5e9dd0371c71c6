"""Topics. https://docs.aws.amazon.com/sns/latest/api/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws import access, policy_grammar
from simulator.aws.permissions import Statement, decide, names_service, read
from simulator.aws.values import is_known, other_than, text
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure

PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
topic = Checks[Request](types.TOPIC)
topic_policy = Checks[Request](types.TOPIC_POLICY)
subscription = Checks[Request](types.TOPIC_SUBSCRIPTION)


@topic("https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html", confirmed="botocore")
def has_a_name_of_the_api(request: Request) -> Iterator[str]:
    """A topic has 1 to 256 letters, digits, hyphens and underscores as its name, a FIFO topic then `.fifo`."""
    name, fifo = request.inputs.get("name"), bool(request.inputs.get("fifoTopic"))
    if is_known(name) and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}" + (r"\.fifo" if fifo else ""), str(name)):
        yield f"InvalidParameter: Invalid parameter: Topic Name: {name!r}"


@topic_policy("https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html", confirmed="nobody")
def is_a_policy_of_a_topic(request: Request) -> Iterator[str]:
    """The policy of a topic has principals, actions and resources."""
    for problem in policy_grammar.problems(request.inputs.get("policy"), policy_grammar.TOPIC):
        yield f"InvalidParameter: Invalid parameter: Policy Error: {problem}"


@topic_policy("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html")
def lets_eventbridge_publish_without_a_condition(request: Request) -> Iterator[str]:
    """EventBridge publishes under no condition of a topic's policy."""
    for each in read(text(request.inputs.get("policy"))):
        if names_service(each, EVENTS) and _is_conditional(each):
            yield (
                f"AuthorizationError: {EVENTS} is allowed under a condition, which EventBridge never meets: remove the"
                " Condition of this statement"
            )


@subscription("https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html")
def the_endpoint_is_one_of_the_protocol(request: Request) -> Iterator[str]:
    """A subscription has a protocol of SNS; by e-mail its endpoint is an address, by HTTP a URL."""
    inputs = request.inputs
    yield from other_than("InvalidParameter", inputs, [("protocol", PROTOCOLS)])
    endpoint, protocol = inputs.get("endpoint"), text(inputs.get("protocol"))
    patterns = {
        "email": r"[^@\s]+@[^@\s]+",
        "email-json": r"[^@\s]+@[^@\s]+",
        "http": "http://.+",
        "https": "https://.+",
    }
    if is_known(endpoint) and not re.fullmatch(patterns.get(protocol, ".+"), str(endpoint)):
        yield f"InvalidParameter: Invalid parameter: Endpoint: {endpoint!r} is none of {protocol}"


CLOUDWATCH, EVENTS = "cloudwatch.amazonaws.com", "events.amazonaws.com"


def refusals(request: Request, topic_arn: str, publisher: str, source_arn: str) -> Iterator[str]:
    """The reasons why a service of the region cannot publish to the topic. One that no stack here has is not known."""
    if not topic_arn.startswith("arn:aws:sns:"):
        return
    if (region := topic_arn.split(":")[3]) != request.region:
        yield f"InvalidParameter: the topic {topic_arn} is in {region}, not in {request.region}"
    yield from unauthorized(request, topic_arn, publisher, source_arn)


def unauthorized(request: Request, topic_arn: str, publisher: str, source_arn: str) -> Iterator[str]:
    """Why the topic or its policy does not let the service publish, wherever the service is.

    Without a policy of its own a topic lets CloudWatch publish, and EventBridge not:
    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    if not request.all(types.TOPIC, arn=topic_arn):
        return
    if not request.visible(types.TOPIC, arn=topic_arn):
        yield f"NotFound: the topic {topic_arn} does not exist: no {types.TOPIC} has this arn"
        return
    policies = request.visible(types.TOPIC_POLICY, arn=topic_arn)
    about = [each for each in access.statements(policies) if names_service(each, publisher) is not False]
    met = [each for each in about if publisher != EVENTS or not _is_conditional(each)]
    context = {"aws:SourceAccount": request.account, "aws:SourceArn": source_arn}
    decision = decide(met, "sns:Publish", topic_arn, context)
    if decision != "allowed" and (policies or publisher != CLOUDWATCH):
        yield (
            f"AuthorizationError: {publisher} is not authorized to perform: SNS:Publish on {topic_arn}: no"
            f" {types.TOPIC_POLICY} of it that this one depends on allows it"
        )


def _is_conditional(statement: Statement) -> bool:
    """Whether it allows under a condition, which EventBridge never meets."""
    return statement.get("Effect") == "Allow" and bool(statement.get("Condition"))


_ARN = "arn:aws:sns:{region}:{account}:{name}"
TYPES = {
    types.TOPIC: ResourceType(
        id=_ARN,
        outputs={"arn": _ARN},
        replace_on_changes=frozenset({"fifoTopic", "name", "namePrefix"}),
        name_property="name",
        validate=topic.reasons,
        failure=Failure(source="sns/topic.go", quota="TopicLimitExceeded: Topic limit exceeded"),
    ),
    types.TOPIC_POLICY: ResourceType(
        id="{arn}",
        replace_on_changes=frozenset({"arn"}),
        references={"arn": (types.TOPIC, "arn")},
        blocks_delete=False,
        validate=topic_policy.reasons,
        failure=Failure(source="sns/topic_policy.go", empty_update="applies"),
    ),
    types.TOPIC_SUBSCRIPTION: ResourceType(
        id="{topic}:{hex}",
        outputs={"arn": "{topic}:{hex}"},
        replace_on_changes=frozenset({"endpoint", "protocol", "topic"}),
        references={"topic": (types.TOPIC, "arn")},
        blocks_delete=False,
        validate=subscription.reasons,
        failure=Failure(
            source="sns/topic_subscription.go",
            unreadable=frozenset({"confirmationTimeoutInMinutes", "endpointAutoConfirms"}),
            quota="SubscriptionLimitExceeded: Subscription limit exceeded",
        ),
    ),
}
