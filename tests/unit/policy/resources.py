"""Resources as the engine reports them to a rule, and the messages of a rule about them."""

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


def messages(rule: Rule, resource: Resource) -> list[str]:
    assert resource.type in rule.types, "the rule would pass every resource of another type"
    return list(rule.violations(resource))


def stack_messages(rule: StackRule, resources: Iterable[Resource]) -> list[tuple[str, str]]:
    """As (name of the resource, message)."""
    return [(resource.name, message) for resource, message in rule.violations(list(resources))]
