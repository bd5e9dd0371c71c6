"""Rules between the keys of a stack file: pure functions from valid values to problems.

A type in fields.py or a bound in settings.py validates one value. A rule validates several values together, or a value
against the catalogue, the region or the folder of the program. A rule runs if the keys that it names are valid, even if
others are not, so that all problems are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from config.catalogue import Catalogue, Entry
from config.fields import REGION, is_simulated
from config.problems import Problem, step
from config.settings import Health, Ingress, Network, Section, Settings, configured_size, size_of


@dataclass(frozen=True, kw_only=True)
class Context:
    """The values that a stack file is checked against."""

    catalogue: Catalogue
    region: str
    root: Path
    """The folder of the program, to which build contexts are relative."""


Check = Callable[[Any, Context], Iterator[Problem]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    section: type[Section]
    keys: tuple[str, ...]
    """The fields of the section that the check reads."""
    check: Check


def problems(valid: Mapping[type[Section], Mapping[str, Any]], context: Context) -> Iterator[Problem]:
    """Runs all rules. `valid` has the valid values of each section by field name."""
    for rule in RULES:
        values = valid.get(rule.section, {})
        if all(key in values for key in rule.keys):
            section: Section = rule.section.model_construct(set(values), **values)
            yield from rule.check(section, context)


def zones_are_of_the_region(network: Network, context: Context) -> Iterator[Problem]:
    if not re.fullmatch(REGION, context.region):
        return
    for zone in dict.fromkeys(network.zones):
        if not re.fullmatch(rf"{context.region}[a-z]", zone) or network.zones.count(zone) > 1:
            valid = f"different zones of aws:region, such as {context.region}a"
            yield Problem(path="network.zones", value=zone, valid=valid)


def a_check_times_out_within_its_interval(health: Health, _: Context) -> Iterator[Problem]:
    if health.timeout >= health.interval:
        yield Problem(path="ingress.health.timeout", value=health.timeout, valid="less than the interval")


def domain_and_zone_are_both_set(ingress: Ingress, _: Context) -> Iterator[Problem]:
    if (ingress.domain is None) != (ingress.zone_id is None):
        yield Problem(path="ingress.zone-id", value=ingress.zone_id, valid="set both domain and zone-id, or neither")


def plain_http_is_open_to_named_ranges(stack: Settings, _: Context) -> Iterator[Problem]:
    if stack.ingress.domain is None and "allowed_cidrs" not in stack.ingress.model_fields_set:
        valid = "required without a domain: the IPv4 ranges that may connect over HTTP"
        yield Problem(path="ingress.allowed-cidrs", value=None, valid=valid)


def consumers_exist(stack: Settings, _: Context) -> Iterator[Problem]:
    """ECR rejects a repository policy that names an account that does not exist."""
    if is_simulated(stack.account):
        return
    for consumer in stack.build.consumers if stack.build else ():
        if is_simulated(consumer):
            valid = "an AWS account, not one of the simulator; or none: []"
            yield Problem(path="build.consumers", value=consumer, valid=valid)


def contexts_exist(stack: Settings, context: Context) -> Iterator[Problem]:
    for entry in context.catalogue if stack.build else ():
        if stack.build and not (context.root / stack.build.context_of(entry)).is_dir():
            valid = f"an existing folder with the source of {entry.name}"
            yield Problem(path="build.context", value=stack.build.context_of(entry), valid=valid)


def a_stack_builds_or_is_pinned(stack: Settings, _: Context) -> Iterator[Problem]:
    if (stack.build is None) == (stack.images is None):
        valid = "set either build, to build the images, or images, to run pinned ones"
        yield Problem(path="images", value=stack.images, valid=valid)


def images_are_closed_under_calls(stack: Settings, context: Context) -> Iterator[Problem]:
    images = stack.images or {}
    yield from _unknown("images", images, context.catalogue)
    for entry in _known(images, context.catalogue):
        for callee in sorted(set(entry.calls) - set(images)):
            valid = f"missing; {entry.name} calls {callee}. Promote {callee}, too."
            yield Problem(path=f"images.{callee}", value=None, valid=valid)


def sizes_exist(stack: Settings, context: Context) -> Iterator[Problem]:
    named = set(stack.sizes) - {"default"}
    yield from _unknown("sizes", named, context.catalogue)
    for name in ["default", *(entry.name for entry in _known(named, context.catalogue))]:
        try:
            size_of(stack.sizes, name)
        except ValueError as error:
            yield Problem(path=f"sizes.{name}", value=configured_size(stack.sizes, name), valid=str(error))


def secrets_are_those_of_the_entries(stack: Settings, context: Context) -> Iterator[Problem]:
    yield from _unknown("secrets", stack.secrets, context.catalogue)
    running = context.catalogue if stack.images is None else stack.images
    for entry in context.catalogue:
        configured, declared = set(stack.secrets.get(entry.name, {})), set(entry.secrets)
        for name in sorted(configured - declared):
            valid = f"{entry.name} declares no such secret in services.py"
            yield Problem(path=f"secrets.{entry.name}.{step(name)}", value=None, valid=valid)
        for name in sorted(declared - configured) if entry.name in running else ():
            yield Problem(path=f"secrets.{entry.name}.{name}", value=None, valid="missing; the ARN of this secret")


def _known(names: Iterable[str], catalogue: Catalogue) -> list[Entry]:
    return [entry for entry in catalogue if entry.name in names]


def _unknown(path: str, names: Iterable[str], catalogue: Catalogue) -> Iterator[Problem]:
    for name in names:
        if name not in catalogue:
            valid = f"no such service; there are {', '.join(catalogue.names)}"
            yield Problem(path=f"{path}.{step(name)}", value=None, valid=valid)


def _rule(section: type[Section], check: Callable[..., Iterator[Problem]], *keys: str) -> Rule:
    return Rule(section=section, keys=keys, check=cast(Check, check))


RULES = (
    _rule(Network, zones_are_of_the_region, "zones"),
    _rule(Health, a_check_times_out_within_its_interval, "interval", "timeout"),
    _rule(Ingress, domain_and_zone_are_both_set, "domain", "zone_id"),
    _rule(Settings, plain_http_is_open_to_named_ranges, "ingress"),
    _rule(Settings, consumers_exist, "account", "build"),
    _rule(Settings, contexts_exist, "build"),
    _rule(Settings, a_stack_builds_or_is_pinned, "build", "images"),
    _rule(Settings, images_are_closed_under_calls, "images"),
    _rule(Settings, sizes_exist, "sizes"),
    _rule(Settings, secrets_are_those_of_the_entries, "images", "secrets"),
)
