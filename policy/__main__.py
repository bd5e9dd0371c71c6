"""The policy pack: `pulumi up --policy-pack policy`. It registers the rules, each of them mandatory."""

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

# A pack is started in its own folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policy import access, data, tasks
from policy.rule import Resource, Rule, StackRule

STATED = [each for theme in (access, data, tasks) for each in vars(theme).values()]
"""Whatever the themes state: none can be forgotten here."""


def _about_one(rule: Rule) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in rule.types:
            for message in rule.check(_resource(args)):
                report(message, None)

    return ResourceValidationPolicy(rule.name, rule.description, validate)


def _about_all(rule: StackRule) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource, message in rule.check([_resource(each, each) for each in args.resources]):
            report(message, resource.urn)

    return StackValidationPolicy(rule.name, rule.description, validate)


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


PolicyPack(
    "marginalia",
    [
        *(_about_one(each) for each in STATED if isinstance(each, Rule)),
        *(_about_all(each) for each in STATED if isinstance(each, StackRule)),
    ],
    enforcement_level=EnforcementLevel.MANDATORY,
)
