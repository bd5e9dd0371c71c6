"""Changes of a stack file that may cost less, and what each gives up. The estimate says how much it saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from ecs.fargate import MEMORY

Section = Mapping[str, Any]
"""The mapping under `marginalia:stack`, of a valid stack file."""
Found = Iterator[tuple[str, dict[str, Any]]]
"""What a change gives up, and the values by the path of their keys; None removes a key."""

SPOT = 50
"""Percent."""
KEPT_DAYS = 7
CLASS_SIZES = ("micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge")
SMALLEST = {"t": "micro", "m": "large", "r": "large"}
"""By family: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html"""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A change that may cost less."""

    text: str
    """As a person would write it, such as `architecture: arm64`."""
    loses: str
    section: dict[str, Any]
    """The changed one."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A change that costs less."""

    text: str
    loses: str
    saves_least: float
    """USD a month at the lowest number of tasks."""
    saves_most: float
    """USD a month at the highest one."""


def candidates(section: Section) -> Iterator[Candidate]:
    for area in (_tasks, _network, _database, _monitoring):
        for loses, values in area(section):
            text = ", ".join(f"{path}: {_yaml(value)}" for path, value in values.items())
            yield Candidate(text=text, loses=loses, section=_changed(section, values))


def _tasks(section: Section) -> Found:
    if _get(section, "architecture", "x86-64") == "x86-64":
        yield "images for x86-64: build for arm64, and promote pinned images again", {"architecture": "arm64"}
    if _get(section, "spot", 0) < SPOT:
        yield "tasks that stay: AWS ends one on Spot two minutes after a notice, at any time", {"spot": SPOT}
    # Without the key, the defaults of SIZE in config/settings.py.
    cpu, memory = _get(section, "sizes.default.cpu", 256), _get(section, "sizes.default.memory", 512)
    if memory // 2 in MEMORY.get(cpu // 2, ()):
        half = {"sizes.default.cpu": cpu // 2, "sizes.default.memory": memory // 2}
        yield "half of the CPU and memory of each service without a size of its own", half
    if _get(section, "sizes.default.min", 1) > 1:
        yield "the second task of a service: nothing answers while the only one is replaced", {"sizes.default.min": 1}


def _network(section: Section) -> Found:
    egress = _get(section, "network.egress", "nat")
    if egress == "nat-per-zone":
        yield "all but one gateway: if its zone fails, no task reaches AWS or the web", {"network.egress": "nat"}
    if egress in ("nat", "nat-per-zone"):
        yield "the web: tasks reach AWS alone", {"network.egress": "endpoints"}
    if egress != "public":
        yield "private subnets: each task has a public address", {"network.egress": "public"}
    if _get(section, "ingress.firewall", False):
        limit = {} if _get(section, "ingress.request-limit", None) is None else {"ingress.request-limit": None}
        yield "the protection against known attacks and floods", {"ingress.firewall": False, **limit}


def _database(section: Section) -> Found:
    if _get(section, "database.multi-az", False):
        yield "the standby: no database while its zone fails", {"database.multi-az": False}
    if _get(section, "database.insights", "standard") == "advanced":
        yield "load by query of more than 7 days", {"database.insights": "standard"}
    kind, family, size = _get(section, "database.class", "db.t4g.micro").split(".")
    if size in CLASS_SIZES and size != SMALLEST.get(family[0], size):
        smaller = f"{kind}.{family}.{CLASS_SIZES[CLASS_SIZES.index(size) - 1]}"
        yield "half of the database's memory and connections", {"database.class": smaller}


def _monitoring(section: Section) -> Found:
    if _get(section, "insights", False):
        yield "CPU and memory of each task in CloudWatch", {"insights": False}
    if _get(section, "log-retention-days", 30) > KEPT_DAYS:
        yield f"logs of more than {KEPT_DAYS} days", {"log-retention-days": KEPT_DAYS}


def _get(section: Section, path: str, default: Any) -> Any:
    found: Any = section
    for key in path.split("."):
        found = cast(Section, found).get(key) if isinstance(found, Mapping) else None
    return default if found is None else found


def _changed(section: Section, values: Mapping[str, Any]) -> dict[str, Any]:
    changed = deepcopy(dict(section))
    for path, value in values.items():
        *above, last = path.split(".")
        inner = changed
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
        if value is None:
            del inner[last]
    return changed


def _yaml(value: object) -> str:
    return "removed" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
