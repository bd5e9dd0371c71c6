"""Rules of EventBridge. https://docs.aws.amazon.com/eventbridge/latest/APIReference/"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ecs import types
from simulator.aws import sns
from simulator.aws.values import mapping, mappings, text, texts
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list
from simulator.failure import Failure
from simulator.store import Properties

PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html"
ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html"
DEPLOYMENTS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html"
TRANSFORMER = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html"
CODE = "InvalidEventPatternException: Event pattern is not valid. Reason:"
ENVELOPE = ("account", "detail", "detail-type", "id", "region", "replay-name", "resources", "source", "time", "version")
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html"""
DEPLOYMENT = "ECS Deployment State Change"
OF_ECS = (
    "AWS API Call via CloudTrail",
    "AWS Service Event via CloudTrail",
    DEPLOYMENT,
    "ECS Container Instance State Change",
    "ECS Hook State Change",
    "ECS Service Action",
    "ECS Task State Change",
)

rule = Checks[Request](types.EVENT_RULE)
target = Checks[Request](types.EVENT_TARGET)


def pattern(request: Request) -> Properties:
    """The event pattern of a rule; nothing if it is malformed."""
    try:
        return mapping(json.loads(text(request.inputs.get("eventPattern"))))
    except ValueError:
        return {}


@rule("https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html", confirmed="botocore")
def has_a_trigger(request: Request) -> Iterator[str]:
    """A rule has a pattern or a schedule."""
    if not request.inputs.get("eventPattern") and not request.inputs.get("scheduleExpression"):
        yield "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified."


@rule(PATTERNS)
def the_pattern_follows_the_grammar(request: Request) -> Iterator[str]:
    """A pattern is a JSON object whose fields are those of an event, and whose values are lists that are not empty."""
    given = request.inputs.get("eventPattern")
    if given is None:
        return
    found = pattern(request)
    if not found:
        yield f"{CODE} Filter is not an object with fields: {given!r}"
    for key in found:
        if key not in ENVELOPE and not key.startswith("$"):
            yield f"{CODE} an event has no field {key!r}: it has {', '.join(ENVELOPE)}"
    yield from _values("", found)


def _values(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in mapping(value).items():
            where = f"{path}.{key}" if path else key
            if key == "$or":
                for other in as_list(each):
                    yield from _values(path, other)
            else:
                yield from _values(where, each)
    elif not isinstance(value, list) or not value:
        yield f"{CODE} {path!r} must be an object or an array that is not empty"


@rule(ECS)
def an_event_of_ecs_can_match(request: Request) -> Iterator[str]:
    """A pattern for ECS names detail types that ECS sends."""
    found = pattern(request)
    for each in texts(found.get("detail-type")) if "aws.ecs" in texts(found.get("source")) else ():
        if each not in OF_ECS:
            yield f"the rule never matches: aws.ecs sends no {each!r}, but {', '.join(OF_ECS)}"


@rule(DEPLOYMENTS)
def deployments_are_filtered_by_their_service(request: Request) -> Iterator[str]:
    """An event of a deployment has no clusterArn: its `resources` have the ARN of the service, in a cluster here."""
    found = pattern(request)
    if texts(found.get("detail-type")) != [DEPLOYMENT]:
        return
    if "clusterArn" in mapping(found.get("detail")):
        yield f"the rule never matches: detail of {DEPLOYMENT!r} has no clusterArn. Filter by `resources`."
    clusters = [each.properties["arn"].replace(":cluster/", ":service/") for each in request.visible(types.CLUSTER)]
    for each in mappings(found.get("resources")):
        prefix = text(each.get("prefix"))
        if prefix and not any(f"{arn}/".startswith(prefix) or prefix.startswith(f"{arn}/") for arn in clusters):
            yield f"the rule never matches: there is no cluster with services {prefix}"


@target("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions")
def the_topic_takes_its_events(request: Request) -> Iterator[str]:
    """A topic that is the target of a rule is in its region and lets EventBridge publish."""
    arn = f"arn:aws:events:{request.region}:{request.account}:rule/{request.inputs.get('rule')}"
    yield from sns.refusals(request, text(request.inputs.get("arn")), sns.EVENTS, arn)


@target(TRANSFORMER)
def the_template_has_the_fields_that_it_names(request: Request) -> Iterator[str]:
    """A template is JSON, text in quotes or an object, and its placeholders are names of input paths."""
    transformer = mapping(request.inputs.get("inputTransformer"))
    if not transformer:
        return
    template, paths = text(transformer.get("inputTemplate")), mapping(transformer.get("inputPaths"))
    for name in dict.fromkeys(re.findall(r"<([^<>]+)>", template)):
        if name not in paths and not name.startswith("aws.events."):
            yield f"ValidationException: InvalidInput: the template names <{name}>, and no input path has this name"
    try:
        json.loads(re.sub(r"(?<=[:\[,])\s*<[^<>]+>", " 0", template))
    except ValueError:
        yield f"ValidationException: Invalid InputTemplate: it is not JSON: {template!r}"
    for name, path in paths.items():
        if not str(path).startswith("$"):
            yield f"ValidationException: Invalid JSONPath for {name}: {path!r} does not begin with $"


TYPES = {
    types.EVENT_RULE: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:events:{region}:{account}:rule/{name}"},
        replace_on_changes=frozenset({"eventBusName", "name", "namePrefix"}),
        name_property="name",
        validate=rule.reasons,
        failure=Failure(
            source="events/rule.go",
            unreadable=frozenset({"forceDestroy"}),
            quota="LimitExceededException: The requested resource exceeds the maximum number allowed.",
        ),
    ),
    types.EVENT_TARGET: ResourceType(
        id="{rule}-{targetId}",
        replace_on_changes=frozenset({"eventBusName", "rule", "targetId"}),
        references={"rule": (types.EVENT_RULE, "name")},
        validate=target.reasons,
        failure=Failure(source="events/target.go", unreadable=frozenset({"forceDestroy"})),
    ),
}
