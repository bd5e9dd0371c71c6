"""The text of docs/policy.md, which `make generate` writes."""

from __future__ import annotations

from policy.rule import Rule, StackRule
from policy.rules import RULES

INTRODUCTION = """\
# House rules

<!-- `make generate` writes this page from policy/rules.py. -->

The policy pack in [policy/](../policy) forbids what AWS accepts and this repository does not. A rule is mandatory:
a violation stops the update, with a message that names the resource, the rule and the fix. One of an advisory rule is a
warning.

`make preview`, `make up`, `make rehearse` and `make diff` run the pack, and so do `pulumi up` and `pulumi preview` with
`--policy-pack policy`.

A preview does not know some values: those that AWS assigns to a new resource, and those that contain them. A rule that
reads one of them does not run, and the engine reports which rule and which value. A rule on one resource then runs in
the update, before the resource is created. A rule on the whole stack decides by the resources that a value comes from,
which a preview knows.

A rule reads resources, not the stack file: [ADR 10](adr/0010-house-rules-see-resources-not-settings.md) explains why.
"""


def markdown() -> str:
    """The introduction, then a section for each rule, in the order of RULES."""
    return "\n".join([INTRODUCTION, *map(_section, RULES)])


def _section(rule: Rule | StackRule) -> str:
    types = ", ".join(f"`{token}`" for token in sorted(rule.types)) if isinstance(rule, Rule) else "the whole stack"
    lines = [
        f"## {rule.id}",
        "",
        rule.description,
        "",
        f"- Checks: {types}",
        *(["- Advisory"] if rule.advisory else []),
        f"- Fix: {rule.fix or 'The message names it.'}",
        *([f"- Source: <{rule.source}>"] if rule.source else []),
    ]
    return "".join(f"{line}\n" for line in lines)
