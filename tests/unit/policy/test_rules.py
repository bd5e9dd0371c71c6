"""The registration of the rules, and the rule pages that are generated from it."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import policy
from policy.rule import Rule, StackRule, resource_rule
from policy.rules import RULES
from tests.unit.policy.resources import resource


def test_every_rule_of_a_module_is_registered_once() -> None:
    # __main__ starts the pack when it is imported.
    modules = [
        import_module(f"policy.{each.name}")
        for each in pkgutil.iter_modules(policy.__path__)
        if each.name != "__main__"
    ]
    declared = {
        f"{module.__name__}.{name}": rule
        for module in modules
        for name, rule in vars(module).items()
        if isinstance(rule, Rule | StackRule)
    }
    assert sorted(declared) == sorted(f"{rule.check.__module__}.{rule.id.replace('-', '_')}" for rule in RULES), (
        "list each rule in policy/rules.py, and name its function as its id"
    )


def test_a_resource_of_another_type_passes_a_rule() -> None:
    @resource_rule(id="no", description="No.", types={"a"})
    def no(resource: object) -> list[str]:
        return ["no"]

    assert list(no.violations(resource("a"))) == ["no"]
    assert list(no.violations(resource("b"))) == []
