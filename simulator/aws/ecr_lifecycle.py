"""The grammar of ECR's lifecycle policies.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from simulator.aws.conditions import pairs
from simulator.cloud import as_list

TAG_LISTS = ("tagPatternList", "tagPrefixList")
MOST_WILDCARDS = 4
"""In one pattern of tagPatternList."""


def problems(document: object) -> Iterator[str]:
    """One message for each violation of the grammar."""
    try:
        content: Any = json.loads(str(document))
    except ValueError:
        content = None
    rules = [dict(pairs(each)) for each in as_list(dict(pairs(content)).get("rules"))]
    if not rules:
        yield "the policy is not a JSON object with rules"
    priorities = [each.get("rulePriority") for each in rules]
    for number, rule in enumerate(rules, start=1):
        for problem in _rule(rule, priorities):
            yield f"rule {number}: {problem}"


def _rule(rule: dict[str, Any], priorities: list[Any]) -> Iterator[str]:
    priority, selection = rule.get("rulePriority"), dict(pairs(rule.get("selection")))
    if type(priority) is not int or priority < 1:
        yield f"rulePriority is a positive integer, not {priority!r}"
    elif priorities.count(priority) > 1:
        yield f"rulePriority {priority} is not unique"
    elif selection.get("tagStatus") == "any" and any(type(each) is int and each > priority for each in priorities):
        yield "a rule with tagStatus any must have the highest value for rulePriority"
    if dict(pairs(rule.get("action"))).get("type") not in ("expire", "transition"):
        yield "the action's type is expire or transition"
    yield from _tags(selection)
    yield from _count(selection)


def _tags(selection: dict[str, Any]) -> Iterator[str]:
    status, lists = selection.get("tagStatus"), [each for each in TAG_LISTS if selection.get(each)]
    if status not in ("tagged", "untagged", "any"):
        yield f"tagStatus is tagged, untagged or any, not {status!r}"
    if status == "tagged" and len(lists) != 1:
        yield f"tagStatus tagged needs one of {' and '.join(TAG_LISTS)}"
    if status == "untagged" and lists:
        yield f"tagStatus untagged excludes {lists[0]}"
    for pattern in as_list(selection.get("tagPatternList")):
        if str(pattern).count("*") > MOST_WILDCARDS:
            yield f"the pattern {pattern} has more than {MOST_WILDCARDS} wildcards"


def _count(selection: dict[str, Any]) -> Iterator[str]:
    kind, number, unit = (selection.get(each) for each in ("countType", "countNumber", "countUnit"))
    if kind != "imageCountMoreThan" and not str(kind).startswith("since"):
        valid = "imageCountMoreThan, sinceImagePushed, sinceImagePulled or sinceImageTransitioned"
        yield f"countType is {valid}, not {kind!r}"
    if kind == "imageCountMoreThan" and unit:
        yield "countType imageCountMoreThan excludes countUnit"
    if str(kind).startswith("since") and unit != "days":
        yield f"countType {kind} needs countUnit days"
    if type(number) is not int or number < 1:
        yield f"countNumber is a positive integer, not {number!r}"
