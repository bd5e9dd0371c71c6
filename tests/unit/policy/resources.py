"""Resources as a rule sees them: by default each is as it should be, and a test says what its claim is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policy.rule import Resource, Rule, StackRule


def resource(
    type: str,
    name: str = "it",
    props: Mapping[str, Any] | None = None,
    *,
    protect: bool = False,
    uses: Mapping[str, Sequence[Resource]] | None = None,
) -> Resource:
    """Its URN is its name."""
    return Resource(
        type=type,
        name=name,
        urn=name,
        props=props or {},
        protect=protect,
        uses={key: [each.urn for each in resources] for key, resources in (uses or {}).items()},
    )


def said(rule: Rule, resource: Resource) -> list[str]:
    assert resource.type in rule.types
    return list(rule.check(resource))


def said_of(rule: StackRule, resources: Iterable[Resource]) -> list[tuple[str, str]]:
    """As (name of the resource, message)."""
    return [(resource.name, message) for resource, message in rule.check(list(resources))]
