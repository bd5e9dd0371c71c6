"""The tasks of a service. Nothing runs: they follow from what the store has, and each reading finds the same ones."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from ipaddress import ip_network
from math import ceil
from typing import Any, Literal

from ecs import types
from simulator import clock, logins
from simulator.aws import ecs_stops
from simulator.aws.ecs_rollout import BY_HAND, FAULT, ROLLOUT, RUNNING, Rollout, is_ended_by_alarm, requested
from simulator.aws.ecs_shift import BAKE, STAGE, STEP, TESTED
from simulator.aws.ecs_stops import Stop
from simulator.aws.values import mapping, texts
from simulator.faults import OF_APPROVAL
from simulator.store import Object, Properties, Store

Status = Literal["PENDING", "RUNNING", "STOPPED"]
FAILURES, MAX_FAILURES = 3, 200
"""The failed tasks after which the circuit breaker ends a deployment: half of the desired ones, within these bounds.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""


@dataclass(frozen=True, kw_only=True)
class Task:
    store: Store
    service: Object
    revision: str
    """The ARN of the task definition."""
    status: Status
    index: int
    """From 0 among the service's tasks of this revision and status."""

    @property
    def id(self) -> str:
        """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids"""
        return digits(self.service.properties["arn"], self.revision, self.status, str(self.index))[:32]

    @property
    def arn(self) -> str:
        return f"{self.service.properties['cluster'].replace(':cluster/', ':task/')}/{self.id}"

    @cached_property
    def definition(self) -> Properties:
        found = self.store.find(types.TASK_DEFINITION, arn=self.revision)
        return found[0].properties if found else {}

    @property
    def containers(self) -> list[dict[str, Any]]:
        return json.loads(self.definition.get("containerDefinitions", "[]"))

    @property
    def stop(self) -> Stop | None:
        return ecs_stops.stop(self.service.properties, self.definition) if self.status == "STOPPED" else None

    @property
    def health(self) -> str:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""
        if self.status != "RUNNING" or not ecs_stops.has_health_check(self.definition):
            return "UNKNOWN"
        return "HEALTHY"

    @property
    def started(self) -> datetime:
        return clock.before(clock.ROLLOUT_BEGAN - 1 - self.index / 2)

    @property
    def stopped(self) -> datetime:
        return clock.before(clock.ROLLOUT_BEGAN - 2 - self.index / 2)

    @property
    def address(self) -> str:
        """Its private address, in one of the service's subnets."""
        network = mapping(self.service.properties.get("networkConfiguration"))
        ids = texts(network.get("subnets"))
        subnets = [each.properties["cidrBlock"] for each in self.store.find(types.SUBNET) if each.id in ids]
        block = ip_network(subnets[self.index % len(subnets)] if subnets else "10.0.0.0/24")
        # AWS reserves four addresses at the beginning.
        return str(block[4 + int(self.id[:4], 16) % (block.num_addresses - 5)])

    @property
    def lines(self) -> list[str]:
        """What its container wrote, as image/sample/cmd/server/main.go writes it."""
        if self.status == "PENDING" or (self.stop and self.stop.exit_code is None):
            return []
        listening = json.dumps({"level": "INFO", "msg": "listening", "service": self.service.properties["name"]})
        if self.stop:
            return [listening, *([json.dumps({"level": "ERROR", "msg": self.stop.line})] if self.stop.line else [])]
        if logins.is_refused(self.store, self.definition):
            return [listening, json.dumps({"level": "ERROR", "msg": logins.FAILED})]
        return [listening]


def tasks(store: Store, service: Object) -> list[Task]:
    """The service's tasks: running ones, those that a rollout starts and those that stopped in the last rollout."""
    properties = service.properties
    count, outcome, former = int(properties.get("desiredCount", 0)), properties[ROLLOUT], properties[RUNNING]
    newest = requested(properties)
    found: list[tuple[str, Status, int]] = [(former, "RUNNING", count if former else 0)]
    if outcome == Rollout.IN_PROGRESS:
        # With traffic, also of tests, they run beside the former ones.
        found.append((newest, "RUNNING" if properties.get(STAGE) in (TESTED, STEP, BAKE) else "PENDING", count))
    if has_failed(properties):
        found.append((newest, "STOPPED", failures(properties)))
    return [
        Task(store=store, service=service, revision=revision, status=status, index=index)
        for revision, status, many in found
        for index in range(many)
    ]


def has_failed(service: Properties) -> bool:
    """Whether tasks of the last rollout failed. If somebody, an alarm or a hook stopped it, none did."""
    ended = service[ROLLOUT] in (Rollout.ROLLED_BACK, Rollout.FAILED)
    return ended and service.get(FAULT) not in (BY_HAND, *OF_APPROVAL) and not is_ended_by_alarm(service)


def failures(service: Properties) -> int:
    """The number of tasks that stopped in a failed rollout; none if ECS placed none."""
    return 0 if ecs_stops.unplaced(service) else threshold(service)


def threshold(service: Properties) -> int:
    return min(max(FAILURES, ceil(int(service.get("desiredCount", 0)) / 2)), MAX_FAILURES)


def digits(*parts: str) -> str:
    """64 hexadecimal digits that stay the same for the same parts."""
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def deployment_id(service: Properties, revision: str) -> str:
    """The ID of the service's deployment of this revision, such as ecs-svc/0123456789012345678."""
    return f"ecs-svc/{number(service['arn'], revision)}"


def number(*parts: str) -> str:
    """19 decimal digits."""
    return f"{int(digits(*parts)[:15], 16):019}"
