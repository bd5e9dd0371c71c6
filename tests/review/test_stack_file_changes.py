"""Each valid value of a stack file's keys is changed to each other: all of them come up, without a way around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

from config.settings import Section, Settings, inner_section
from simulator import preflight
from tests.declared import CATALOGUE
from tests.engine.conftest import Checkout
from tests.images import image, images

SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:signing-key-AbCdEf"
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
ABSENT = None

VALUES: dict[str, Sequence[object]] = {
    "prefix": (ABSENT, "other"),
    "images": (
        images(["authsvc", "promptsvc"]),
        {**images(["authsvc", "promptsvc"]), "authsvc": image("authsvc", "b")},
        images(["authsvc"]),
        images(CATALOGUE.names),
    ),
    "alerts": (
        ABSENT,
        {"emails": ["ops@example.com"]},
        {"topic": "arn:aws:sns:us-east-1:111122223333:on-call", "thresholds": {"gateway-latency": 1.5}},
    ),
    "debug": (ABSENT, {"image": image("toolbox")}, {"image": image("toolbox", "b"), "minutes": 30}),
    "budget": (ABSENT, 5000, 6000),
    "expect.requests-per-day": (ABSENT, 1000),
    "expect.gigabytes-out": (ABSENT, 10),
    "expect.logs-gigabytes": (ABSENT, 10),
    "architecture": (ABSENT, "arm64"),
    "probe": (True, False),
    "network.zones": (ZONES[:2], ZONES),
    "network.egress": ("public", "nat", "nat-per-zone", "endpoints"),
    "network.flow-logs": (ABSENT, True),
    "ingress.domain": (ABSENT, "api.marginalia.sh", "www.marginalia.sh"),
    "ingress.allowed-cidrs": (["203.0.113.0/24"], ["198.51.100.0/24", "192.0.2.0/24"]),
    "ingress.idle-timeout": (ABSENT, 300),
    "ingress.health": (ABSENT, {"interval": 20, "timeout": 10, "healthy": 3, "unhealthy": 5}),
    "ingress.access-logs": (ABSENT, True),
    "ingress.firewall": (ABSENT, True),
    "database.class": (ABSENT, "db.m7g.large"),
    "database.multi-az": (ABSENT, True),
    "database.backup-days": (0, 7, 14),
    "database.backup-window": (ABSENT, "04:00-04:30", "06:00-06:30"),
    "database.insights": (ABSENT, "none"),
    "bucket.name": ("marginalia-content-dev", "marginalia-content-other"),
    "sizes": (ABSENT, {"default": {"cpu": 512, "memory": 1024, "min": 2, "max": 3}}, {"authsvc": {"max": 1}}),
    "rollout": (
        {"default": {"strategy": "rolling"}},
        {"default": {"strategy": "blue-green", "bake-minutes": 5, "approve": True, "approve-minutes": 5}},
        {"default": {"strategy": "canary", "bake-minutes": 5}, "promptsvc": {"strategy": "rolling"}},
        {"default": {"strategy": "linear", "bake-minutes": 0, "percent": 50, "step-minutes": 1}},
    ),
    "spot": (0, 50, 100),
    "log-retention-days": (30, 7),
    "insights": (False, True),
    "permissions-boundary": (ABSENT, "arn:aws:iam::111122223333:policy/bound"),
    "secrets": tuple({"authsvc": {"SIGNING_KEY": f"{SECRET}{version}"}} for version in ("", ":::v1", ":::v2")),
}
"""The values of the keys that may change in each direction."""
COMPANIONS: dict[str, tuple[str, object]] = {
    "ingress.domain": ("ingress.zone-id", "Z0123456789ABC"),
    "ingress.firewall": ("ingress.request-limit", 100),
    "database.backup-window": ("database.maintenance-window", "sun:05:00-sun:05:30"),
}
"""The keys that come with another one."""

GROWING = {
    "database.storage": [20 * 2**number for number in range(12)] + [65536],
    "database.password-revision": range(1, 100),
    "redeploy": [{"authsvc": number} for number in range(1, 100)],
}
"""The values of the keys that only increase."""

ELSEWHERE = {
    *("account", "network.cidr", "protect", "build"),
    *("database.max-storage", "database.apply-immediately", "database.logins"),
}
"""Refused or protected (tests/engine/test_refused_changes.py), built (tests/fuzz), four times the storage by default,
what no update applies at once (tests/unit/simulator/test_rds.py), and moved in steps (tests/failures/test_logins.py).
"""


def circuit(values: Sequence[object]) -> list[object]:
    """A closed walk from the first value through each ordered pair of values."""
    left = set(permutations(range(len(values)), 2))
    walk: list[object] = []

    def leave(position: int) -> None:
        for other in range(len(values)):
            if (position, other) in left:
                left.remove((position, other))
                leave(other)
        walk.append(values[position])

    leave(0)
    return walk[::-1]


CIRCUITS = {key: circuit(values) for key, values in VALUES.items()}
STEPS = max(map(len, CIRCUITS.values()))


def values_at(step: int) -> Iterator[tuple[str, object]]:
    """The keys and their values. Keys with few values rest at every other step, not all of them at the same."""
    for number, (key, walk) in enumerate(CIRCUITS.items()):
        moves = step if 2 * len(walk) > STEPS else (step + number % 2) // 2
        yield key, walk[moves % (len(walk) - 1)]
    for key, values in GROWING.items():
        yield key, values[step]


def declare(stack: dict[str, Any], values: Mapping[str, object]) -> None:
    """Changes the content of a stack file."""
    companions = {other: ABSENT if values[key] is ABSENT else value for key, (other, value) in COMPANIONS.items()}
    for key, value in {**values, **companions}.items():
        *sections, last = key.split(".")
        section = stack
        for each in sections:
            section = section.setdefault(each, {})
        section.pop(last, None)
        if value is not ABSENT:
            section[last] = value
    stack["account"] = "111122223333"
    stack.pop("build", None)
    stack["secrets"] = {name: secrets for name, secrets in stack["secrets"].items() if name in stack["images"]}
    for key in ("rollout", "sizes", "redeploy"):
        if key in stack:
            stack[key] = {name: value for name, value in stack[key].items() if name in ("default", *stack["images"])}


def test_each_value_of_each_key_is_changed_to_each_other_in_one_update(checkout: Checkout) -> None:
    checkout.edit_services(
        lambda entries: entries.update(authsvc=replace(entries["authsvc"], secrets=("SIGNING_KEY",)))
    )
    for step in range(STEPS):
        checkout.edit("dev", lambda stack, step=step: declare(stack, dict(values_at(step))))
        preflight.check(checkout.simulator, "up", "dev")
        checkout.run("up")
        assert checkout.changed("preview") == set()


def keys(section: type[Section], prefix: str = "") -> Iterator[str]:
    """The keys of a stack file, with dots between a section and its keys."""
    for info in section.model_fields.values():
        name = f"{prefix}{info.alias}"
        inner = inner_section(section, info.alias or "")
        yield from [name] if name in {*VALUES, *GROWING, *ELSEWHERE} or not inner else keys(inner, f"{name}.")


def test_the_walk_changes_every_key() -> None:
    assert set(keys(Settings)) == {*VALUES, *GROWING, *ELSEWHERE, *(other for other, _ in COMPANIONS.values())}


def test_the_walk_takes_each_ordered_pair_of_values() -> None:
    taken = {key: set[tuple[str, str]]() for key in VALUES}
    for step in range(1, STEPS):
        for (key, before), (_, after) in zip(values_at(step - 1), values_at(step), strict=True):
            if key in taken and before != after:
                taken[key].add((str(before), str(after)))
    assert {key: len(pairs) for key, pairs in taken.items()} == {
        key: len(values) * (len(values) - 1) for key, values in VALUES.items()
    }
