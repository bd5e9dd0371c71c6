"""The policy pack that `pulumi up --policy-pack policy` starts. A rule is mandatory unless it is advisory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

# The engine starts a pack in the pack's own folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policy.rule import Resource, Rule, StackRule
from policy.rules import RULES


def _policy(rule: Rule | StackRule) -> Policy:
    return _resource_policy(rule) if isinstance(rule, Rule) else _stack_policy(rule)


def _resource_policy(rule: Rule) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for message in rule.violations(_resource(args)):
            report(message, None)

    return ResourceValidationPolicy(
        rule.id, rule.description, validate, _level(rule), remediation_steps=rule.fix or None, url=rule.source or None
    )


def _stack_policy(rule: StackRule) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource, message in rule.violations([_resource(each, each) for each in args.resources]):
            report(message, resource.urn)

    return StackValidationPolicy(
        rule.id, rule.description, validate, _level(rule), remediation_steps=rule.fix or None, url=rule.source or None
    )


def _level(rule: Rule | StackRule) -> EnforcementLevel | None:
    """None: that of the pack."""
    return EnforcementLevel.ADVISORY if rule.advisory else None


def _resource(args: Any, in_stack: PolicyResource | None = None) -> Resource:
    dependencies = in_stack.property_dependencies if in_stack else {}
    return Resource(
        type=args.resource_type,
        name=args.name,
        urn=args.urn,
        props=args.props,
        protect=bool(args.opts.protect),
        uses={key: [each.urn for each in resources] for key, resources in dependencies.items()},
    )


PolicyPack("marginalia", [_policy(rule) for rule in RULES], enforcement_level=EnforcementLevel.MANDATORY)
