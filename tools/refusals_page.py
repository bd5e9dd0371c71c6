"""docs/refusals.md: what the simulator refuses, on which page of AWS each check stands, and what confirms it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, cast

import simulator
from simulator.check import SOURCES, Checks
from simulator.engine import TYPES

HEADER = """\
# Refusals

What the simulator refuses, as AWS would. Written by `make generate` from the checks in the code; do not edit.
[simulator.md](simulator.md) explains the simulator, `simulator/check.py` what a check is.

A check is confirmed by a source that is not this project. *AWS document*: the claim was compared with the page that is
linked, or with its text in botocore if it is of an API Reference. *botocore*, *CloudFormation schema*, *cfn-lint*,
*moto*: the published model or tool says the same. *Provider*: the code of the AWS provider refuses it before AWS is
asked. *Recorded answer*: an answer of AWS itself, in a recording or quoted in a public issue. *Nobody*: only this
project believes it.
"""
UNCHECKED: tuple[tuple[str, str], ...] = (
    ("quotas", "the number of resources, requests for each second: a quota is a fault, `make test-fuzz`"),
    ("offers", "which database versions, classes and Fargate sizes a region has today"),
    ("prices and credits", "what an account pays, or may pay"),
    ("time", "expiry, windows of maintenance, a secret whose name is blocked until its recovery window ends"),
    ("global names of strangers", "a bucket that another account of the world has"),
    ("unknown values", "a value that depends on a resource that does not exist yet passes a preview"),
    ("whole numbers", "a fraction where AWS takes whole numbers only"),
)
"""What no check looks at, and why or where instead."""


def page() -> str:
    return "\n".join(_lines()) + "\n"


def subjects() -> list[Checks[Any]]:
    """The checks in all modules of the simulator, by the name of their subject; a resource type by its token."""
    modules = [each.name for each in walk_packages(simulator.__path__, "simulator.") if "__main__" not in each.name]
    values: list[Any] = [each for name in modules for each in vars(import_module(name)).values()]
    found = [cast(Checks[Any], each) for each in values if isinstance(each, Checks)]
    return sorted({id(each): each for each in found}.values(), key=lambda each: each.name)


def _lines() -> Iterator[str]:
    found = subjects()
    counts = Counter(check.confirmed for each in found for check in each.all)
    yield HEADER
    yield "| confirmed by | checks |"
    yield "|---|---|"
    yield from (f"| {source} | {counts[source]} |" for source in SOURCES)
    yield f"| all | {counts.total()} |"
    for each in found:
        yield f"\n## {_title(each.name)}\n"
        yield "| what AWS accepts | confirmed by |"
        yield "|---|---|"
        # Not in the order in which their modules happen to import each other.
        checks = sorted(each.all, key=lambda check: check.reasons.__module__)
        yield from (f"| [{check.claim}]({check.page}) | {check.confirmed} |" for check in checks)
    yield "\n## Not checked\n"
    yield from (f"- **{name}**: {reason}." for name, reason in UNCHECKED)
    without = sorted(set(TYPES) - {each.name for each in found})
    yield f"\nTypes without a check of their own, beside those of each AWS type: {', '.join(map(_title, without))}."


def _title(name: str) -> str:
    """`aws.rds.Instance` for a type token; other names as they are."""
    package, _, rest = name.partition(":")
    module, _, kind = rest.partition(":")
    return f"{package}.{module.partition('/')[0]}.{kind}" if kind else name[0].upper() + name[1:]
