"""Random services and stack files: all are valid, and AWS allows the change from the first to the second."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from config.catalogue import Entry
from tests.declared import ACCOUNT, CATALOGUE, REGION
from tests.engine.conftest import Checkout
from tests.images import image

Settings = dict[str, Any]
SIZES: tuple[Settings, ...] = ({"cpu": 512, "memory": 1024}, {"min": 2, "max": 2}, {"max": 3}, {"memory": 1024})

STRATEGIES: tuple[Settings, ...] = (
    {"strategy": "rolling"},
    {"strategy": "blue-green", "bake-minutes": 5},
    {"strategy": "blue-green", "bake-minutes": 5, "approve": True},
    {"strategy": "canary", "bake-minutes": 5, "percent": 10, "step-minutes": 5},
    {"strategy": "linear", "bake-minutes": 5, "percent": 50, "step-minutes": 5},
)


@dataclass(frozen=True)
class Declaration:
    """The services of services.py and the keys of the stack file."""

    services: tuple[str, ...]
    """The names of entries of the tests' catalogue. A call to another one is left out."""
    stack: Settings = field(default_factory=dict[str, Any])

    @property
    def entries(self) -> list[Entry]:
        return [
            replace(entry, calls=tuple(each for each in entry.calls if each in self.services))
            for entry in CATALOGUE
            if entry.name in self.services
        ]

    def write(self, checkout: Checkout) -> None:
        """Writes services.py and the stack file of dev."""

        def services(entries: dict[str, Entry]) -> None:
            entries.clear()
            entries.update({entry.name: entry for entry in self.entries})

        def stack(settings: Settings) -> None:
            settings.clear()
            settings.update(self.stack)

        checkout.edit_services(services)
        checkout.edit("dev", stack)

    def changes(self, former: Declaration) -> Settings:
        """The services, if others than before, and the keys of the stack file with other values; None: removed."""
        keys = sorted({*self.stack, *former.stack})
        changed = {key: self.stack.get(key) for key in keys if self.stack.get(key) != former.stack.get(key)}
        return {**({"services": self.services} if self.services != former.services else {}), **changed}


def first(random: Random) -> Declaration:
    """A declaration of one or two services with pinned images or one that is built; seldom of five."""
    count = random.choices((1, 2, 5), (4, 5, 1))[0]
    services = tuple(sorted(random.sample(CATALOGUE.names, count)))
    builds = random.random() < (0.3 if count == 1 else 0.1)
    stack: Settings = {
        "account": ACCOUNT,
        **({"build": {"context": "image/sample"}} if builds else {"images": _images(random, services)}),
        "network": {
            "cidr": "10.20.0.0/16",
            "zones": ["us-east-1a", "us-east-1b"],
            "egress": random.choices(("public", "nat"), (5, 1))[0],
        },
        "ingress": {"allowed-cidrs": ["203.0.113.0/24"]},
        "bucket": {"name": "fuzz-content"},
        "probe": random.random() < 0.5,
    }
    declared = Declaration(services, stack)
    for change in random.sample(CHANGES, 2):
        declared = change(random, declared)
    return _with_strategy(declared, random.choice(STRATEGIES)) if random.random() < 0.4 else declared


def second(random: Random, former: Declaration) -> Declaration:
    """The declaration with one to four changes, and perhaps another deployment strategy."""
    declared = former
    for change in random.sample(CHANGES, random.randint(1, 4)):
        declared = change(random, declared)
    if random.random() < 0.4:
        # A running stack begins with `rolling`: docs/howto/rollout.md.
        choices = STRATEGIES if "rollout" in former.stack else STRATEGIES[:1]
        declared = _with_strategy(declared, random.choice(choices))
    return declared


def removes_nothing(former: Declaration, declared: Declaration) -> bool:
    """Whether the change only deploys services again: then `--continue-on-error` leaves a valid state.

    The engine deletes a removed resource although one that it skipped after an error depends on it, in the state.
    """
    keys = ("images", "sizes", "redeploy", "probe", "spot", "database")
    rest = [{key: value for key, value in each.stack.items() if key not in keys} for each in (former, declared)]
    pinned = ["images" in each.stack for each in (former, declared)]
    return former.services == declared.services and rest[0] == rest[1] and pinned[0] == pinned[1]


def _images(random: Random, services: tuple[str, ...]) -> dict[str, str]:
    return {name: image(name, random.choice("abc")) for name in services}


def _services(random: Random, declared: Declaration) -> Declaration:
    """Adds or removes a service."""
    name = random.choice(CATALOGUE.names)
    names = set(declared.services) ^ {name} or {name}
    services = tuple(sorted(names))
    stack = deepcopy(declared.stack)
    if "images" in stack:
        stack["images"] = {each: stack["images"].get(each) or image(each) for each in services}
    for key in ("sizes", "redeploy"):
        kept = {each: value for each, value in stack.get(key, {}).items() if each in {*services, "default"}}
        stack |= {key: kept} if key in stack else {}
    return Declaration(services, stack)


def _new_images(random: Random, declared: Declaration) -> Declaration:
    """Pins other images, or pins those of a stack that built them."""
    stack = {key: value for key, value in declared.stack.items() if key not in ("build", "images")}
    return Declaration(declared.services, {**stack, "images": _images(random, declared.services)})


def _built(_: Random, declared: Declaration) -> Declaration:
    """Builds the images of one service, or of two."""
    if len(declared.services) > 2:
        return declared
    stack = {key: value for key, value in declared.stack.items() if key not in ("build", "images")}
    return Declaration(declared.services, {**stack, "build": {"context": "image/sample"}})


def _sizes(random: Random, declared: Declaration) -> Declaration:
    name = random.choice([*declared.services, "default"])
    return _with(declared, "sizes", {name: random.choice(SIZES)})


def _redeploy(random: Random, declared: Declaration) -> Declaration:
    name = random.choice(declared.services)
    former = declared.stack.get("redeploy", {})
    return _with(declared, "redeploy", {**former, name: former.get(name, 0) + 1})


def _database(random: Random, declared: Declaration) -> Declaration:
    """A rotation in most cases; the storage only grows, by more than a tenth, up to a limit that RDS may use."""
    former = declared.stack.get("database", {})
    if random.random() < 0.6:
        change: Settings = {"password-revision": former.get("password-revision", 1) + 1}
    else:
        choices: list[Settings] = [
            {"class": random.choice(["db.t4g.micro", "db.t4g.small"])},
            {"storage": former.get("storage", 20) + 10, "max-storage": former.get("storage", 20) + 100},
            {"insights": random.choice(["standard", "advanced"])},
            {
                "backup-window": "03:00-03:30",
                "maintenance-window": random.choice(["sun:05:00-sun:05:30", "mon:01:00-mon:01:30"]),
            },
            {"multi-az": random.random() < 0.5},
            {"backup-days": random.randint(0, 9)},
        ]
        change = random.choice(choices)
    return _with(declared, "database", {**former, **change})


def _ingress(random: Random, declared: Declaration) -> Declaration:
    former = declared.stack["ingress"]
    choices: list[Settings] = [
        {"idle-timeout": random.randint(60, 300)},
        {"health": {"interval": random.randint(10, 30)}},
        {"allowed-cidrs": random.sample(["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"], random.randint(1, 2))},
        {"domain": "api.marginalia.sh", "zone-id": "Z00000000000000000000"},
    ]
    changed: Settings = {**former, **random.choice(choices)}
    if "domain" in former and random.random() < 0.3:
        changed = {key: value for key, value in changed.items() if key not in ("domain", "zone-id")}
    return _with(declared, "ingress", changed)


def _network(random: Random, declared: Declaration) -> Declaration:
    """Another way to the web, or a zone more or less at the end."""
    former = declared.stack["network"]
    zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    change: Settings = random.choice(
        [{"egress": random.choice(["public", "nat", "nat-per-zone"])}, {"zones": zones[: random.randint(2, 3)]}]
    )
    return _with(declared, "network", {**former, **change})


def _scalar(random: Random, declared: Declaration) -> Declaration:
    key, values = random.choice(
        [
            ("spot", (0, 50, 100)),
            ("log-retention-days", (7, 30, 90)),
            ("insights", (True, False)),
            ("probe", (True, False)),
            ("architecture", ("x86-64", "arm64")),
            ("protect", (True,)),
        ]
    )
    return _with(declared, key, random.choice(values))


def _bucket(random: Random, declared: Declaration) -> Declaration:
    """Another bucket, unless it is protected."""
    if declared.stack.get("protect"):
        return declared
    return _with(declared, "bucket", {"name": random.choice(["fuzz-content", "other-content"])})


def _alerts(random: Random, declared: Declaration) -> Declaration:
    """Alarms on or off, or with other thresholds."""
    choices: list[Settings | None] = [
        None,
        {"emails": ["alerts@example.com"]},
        {"emails": ["alerts@example.com"], "thresholds": {"gateway-latency": random.randint(1, 9)}},
        {"topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"},
    ]
    return _with(declared, "alerts", random.choice(choices))


def _traffic(random: Random, declared: Declaration) -> Declaration:
    """The firewall and the logs of the traffic, on or off."""
    key, name = random.choice([("ingress", "access-logs"), ("ingress", "firewall"), ("network", "flow-logs")])
    return _with(declared, key, {**declared.stack[key], name: random.random() < 0.7})


def _with_strategy(declared: Declaration, strategy: Settings) -> Declaration:
    """A house rule wants alarms beside it."""
    alerts = declared.stack.get("alerts") or {"emails": ["alerts@example.com"]}
    return _with(_with(declared, "alerts", alerts), "rollout", {"default": strategy})


def _with(declared: Declaration, key: str, value: object) -> Declaration:
    return Declaration(declared.services, {**declared.stack, key: value})


CHANGES: tuple[Callable[[Random, Declaration], Declaration], ...] = (
    _services,
    _new_images,
    _built,
    _sizes,
    _redeploy,
    _database,
    _database,
    _ingress,
    _network,
    _scalar,
    _bucket,
    _alerts,
    _traffic,
)
