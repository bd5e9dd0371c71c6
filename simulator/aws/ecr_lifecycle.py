"""What ECR refuses of a lifecycle policy.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ecs import types
from simulator.aws.values import mapping, mappings
from simulator.check import Checks
from simulator.cloud import Request, as_list

PAGE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html"
INVALID = "InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: "
STATUSES = ("any", "tagged", "untagged")
UNITS = {
    "imageCountMoreThan": False,
    "sinceImagePulled": True,
    "sinceImagePushed": True,
    "sinceImageTransitioned": True,
}
"""Whether each type of count has a unit, days."""
ACTIONS = ("expire", "transition")
MOST_WILDCARDS = 4

lifecycle_policy = Checks[Request](types.LIFECYCLE_POLICY)


def rules(request: Request) -> list[dict[str, Any]]:
    """The rules of the policy; none if it is not a JSON object with rules."""
    try:
        return mappings(mapping(json.loads(request.inputs.get("policy") or "")).get("rules"))
    except ValueError:
        return []


def _selections(request: Request) -> Iterator[tuple[object, dict[str, Any]]]:
    for each in rules(request):
        yield each.get("rulePriority"), mapping(each.get("selection"))


@lifecycle_policy(PAGE)
def has_rules(request: Request) -> Iterable[str]:
    """A policy is a JSON object with at least one rule."""
    if not rules(request):
        yield f"{INVALID}the policy is not a JSON object with a list of rules"


@lifecycle_policy(PAGE)
def has_rules_in_an_order(request: Request) -> Iterable[str]:
    """Each rule has a priority of its own, a whole number from 1 on."""
    found = [each.get("rulePriority") for each in rules(request)]
    for each in found:
        if not isinstance(each, int) or isinstance(each, bool) or each < 1:
            yield f"{INVALID}rulePriority {each!r} is not a whole number from 1 on"
    if twice := sorted({str(each) for each in found if found.count(each) > 1}):
        yield f"{INVALID}rulePriority {', '.join(twice)} is not unique"


@lifecycle_policy(PAGE)
def has_an_action(request: Request) -> Iterable[str]:
    """The action of a rule is to expire an image, or to move it to the archive."""
    for each in rules(request):
        kind = mapping(each.get("action")).get("type")
        if kind not in ACTIONS:
            yield f"{INVALID}the action {kind!r} of rule {each.get('rulePriority')} is not one of {', '.join(ACTIONS)}"


@lifecycle_policy(PAGE)
def selects_by_tags(request: Request) -> Iterable[str]:
    """A rule for tagged images has a list of prefixes or of patterns, not both; a rule for others has none."""
    for priority, selection in _selections(request):
        status = selection.get("tagStatus")
        lists = [each for each in ("tagPatternList", "tagPrefixList") if selection.get(each)]
        if status not in STATUSES:
            yield f"{INVALID}tagStatus {status!r} of rule {priority} is not one of {', '.join(STATUSES)}"
        elif status == "tagged" and len(lists) != 1:
            yield f"{INVALID}rule {priority} selects tagged images by tagPatternList or tagPrefixList: it has {lists}"
        elif status != "tagged" and lists:
            yield f"{INVALID}rule {priority} selects {status} images and has {', '.join(lists)}"


@lifecycle_policy(PAGE)
def has_few_wildcards(request: Request) -> Iterable[str]:
    """A pattern of tags has at most four wildcards."""
    for priority, selection in _selections(request):
        for each in as_list(selection.get("tagPatternList")):
            if str(each).count("*") > MOST_WILDCARDS:
                yield f"{INVALID}the pattern {each} of rule {priority} has more than {MOST_WILDCARDS} wildcards"


@lifecycle_policy(PAGE)
def selects_all_images_last(request: Request) -> Iterable[str]:
    """A rule for any image has the highest priority, so there is one of them."""
    found = [
        (priority, selection.get("tagStatus"))
        for priority, selection in _selections(request)
        if isinstance(priority, int)
    ]
    last = max((priority for priority, _ in found), default=0)
    for priority, status in found:
        if status == "any" and priority != last:
            yield f"{INVALID}rule {priority} selects any image and is not the last one, rule {last}"


@lifecycle_policy(PAGE)
def counts_images_or_days(request: Request) -> Iterable[str]:
    """A rule counts images, without a unit, or days since an event, with the unit `days`; the number is 1 or more."""
    for priority, selection in _selections(request):
        kind, unit, number = (selection.get(each) for each in ("countType", "countUnit", "countNumber"))
        if str(kind) not in UNITS:
            yield f"{INVALID}countType {kind!r} of rule {priority} is not one of {', '.join(UNITS)}"
        elif unit != ("days" if UNITS[str(kind)] else None):
            needed = "needs countUnit days" if UNITS[str(kind)] else "has no countUnit"
            yield f"{INVALID}countType {kind} of rule {priority} {needed}: {unit!r}"
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            yield f"{INVALID}countNumber {number!r} of rule {priority} is not a whole number from 1 on"
