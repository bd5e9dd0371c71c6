"""A rule between the keys of a stack file, and what it is checked against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from config.catalogue import Catalogue
from config.problems import Problem
from config.section import Section


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


def rule(section: type[Section], check: Callable[..., Iterator[Problem]], *keys: str) -> Rule:
    return Rule(section=section, keys=keys, check=cast(Check, check))
