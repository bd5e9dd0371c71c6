"""Evaluates the conditions and the patterns of policies over what is known of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from simulator.aws.values import mapping
from simulator.cloud import as_list

Context = Mapping[str, str | Sequence[str] | None]
"""The values of condition keys. None: the request has no such key. A key that is missing is not known."""
Known = bool | None
"""None: the answer depends on something that is not known."""
SOMETHING = "\0"
"""The last part of an ARN of which only the rest is known."""
VARIABLE = re.compile(r"\$\{([^}]*)\}")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""


def all_of(values: Iterable[Known]) -> Known:
    """False if any is; None if any is not known; else True."""
    found = set(values)
    return False if False in found else None if None in found else True


def any_of(values: Iterable[Known]) -> Known:
    """True if any is; None if any is not known; else False."""
    return negated(all_of(negated(each) for each in values))


def negated(value: Known) -> Known:
    return None if value is None else not value


def matches(pattern: str, value: str, context: Context, *, wildcards: bool = True, ignore_case: bool = False) -> Known:
    """Whether the value matches the pattern, with its policy variables and, if `wildcards`, `*` and `?`."""
    if value.endswith(SOMETHING):
        return matches_arn(pattern, value, context)
    parts, certain = [""], True
    for number, text in enumerate(VARIABLE.split(pattern)):
        if number % 2 == 0:
            parts.append(re.escape(text) if not wildcards else _wildcards(text))
            continue
        found = text if text in ("*", "?", "$") else _variable(text, context)
        if found is None:
            return False
        certain = certain and found is not ...
        parts.append(".*" if found is ... else re.escape(str(found)))
    hit = re.fullmatch("".join(parts), value, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None
    return hit if certain or not hit else None


def _wildcards(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


def _variable(text: str, context: Context) -> Any:
    """The value of `key` or `key, 'default'`; None if the request has none, `...` if it is not known."""
    name, _, default = text.partition(",")
    found = find(name.strip(), context)
    return (default.strip().strip("'") or None) if found is None else found


def matches_arn(pattern: str, value: str, context: Context) -> Known:
    """Compares two ARNs part by part."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    if len(patterns) < 6 or len(values) < 6:
        return matches(pattern, value.replace(SOMETHING, ""), context) if pattern == "*" else False
    head = all_of(matches(*each, context) for each in zip(patterns[:5], values[:5], strict=True))
    if values[5] == SOMETHING:
        return all_of([head, True if patterns[5] == "*" else None])
    return all_of([head, matches(patterns[5], values[5], context)])


def find(key: str, context: Context) -> Any:
    """The value of a condition key, whose case does not count; `...` if it is not known."""
    return next((value for name, value in context.items() if name.lower() == key.lower()), ...)


Test = Callable[[str, str, Context], Known]


def _number(compare: Callable[[float, float], bool]) -> Test:
    """Compares the request's number with the policy's."""

    def test(pattern: str, value: str, _: Context) -> Known:
        try:
            return compare(float(value), float(pattern))
        except ValueError:
            return False

    return test


def _address(pattern: str, value: str, _: Context) -> Known:
    try:
        return ip_address(value) in ip_network(pattern, strict=False)
    except ValueError:
        return False


def _unknown(_: str, __: str, ___: Context) -> Known:
    return None


_EXACT: Test = lambda pattern, value, context: matches(pattern, value, context, wildcards=False)  # noqa: E731
_ANY_CASE: Test = lambda pattern, value, context: matches(  # noqa: E731
    pattern, value, context, wildcards=False, ignore_case=True
)

POSITIVE: dict[str, Test] = {
    "StringEquals": _EXACT,
    "StringEqualsIgnoreCase": _ANY_CASE,
    "StringLike": matches,
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
    "Bool": _ANY_CASE,
    "IpAddress": _address,
    "NumericEquals": _number(lambda value, limit: value == limit),
    "NumericLessThan": _number(lambda value, limit: value < limit),
    "NumericLessThanEquals": _number(lambda value, limit: value <= limit),
    "NumericGreaterThan": _number(lambda value, limit: value > limit),
    "NumericGreaterThanEquals": _number(lambda value, limit: value >= limit),
    "BinaryEquals": _EXACT,
    **dict.fromkeys(
        ("DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"), _unknown
    ),
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
SETS = ("ForAllValues:", "ForAnyValue:")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"""
IF_EXISTS = "IfExists"


def base(operator: str) -> str:
    """The operator without the prefix of a set and without IfExists."""
    for each in SETS:
        operator = operator.removeprefix(each)
    return operator.removesuffix(IF_EXISTS)


def is_operator(operator: str) -> bool:
    return base(operator) in {*POSITIVE, *NEGATED} or operator == "Null"


def hold(condition: Any, context: Context) -> Known:
    """Whether all conditions of a statement hold. Malformed ones are not known."""
    return all_of(
        _holds(operator, [str(each) for each in as_list(values)], find(key, context), context)
        for operator, keys in mapping(condition).items()
        for key, values in mapping(keys).items()
    )


def _holds(operator: str, patterns: list[str], value: Any, context: Context) -> Known:
    if value is ...:
        return None
    if operator == "Null":
        return (value is None) in [each.lower() == "true" for each in patterns]
    name = base(operator)
    if value is None:
        return (
            operator.endswith(IF_EXISTS)
            or operator.startswith("ForAllValues:")
            or (name in NEGATED and not operator.startswith("ForAnyValue:"))
        )
    test = POSITIVE.get(NEGATED.get(name, name), _unknown)
    found = [any_of(test(pattern, each, context) for pattern in patterns) for each in as_list(value)]
    results = [negated(each) for each in found] if name in NEGATED else found
    every = operator.startswith("ForAllValues:") or (name in NEGATED and not operator.startswith("ForAnyValue:"))
    return all_of(results) if every else any_of(results)
