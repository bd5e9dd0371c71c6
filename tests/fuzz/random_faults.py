"""Faults at random requests of an update, of any kind that the request can meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from ecs import types
from simulator.failure import Failure
from simulator.faults import KINDS, Fault, Faults, Operation

OF_ROLLOUTS = {"create": ("unhealthy", "in-progress"), "update": ("rollback", "silent-rollback", "in-progress")}
"""The kinds of a service's rollout by the operation that begins it."""
OF_SHIFTS = ("alarm-in-step", "alarm-in-bake", "baking", "rejected", "approval-timeout")
"""The kinds of a rollout that shifts traffic, but `waiting`, which interrupts the command."""
HARD = {types.SERVICE: 0.4, types.DB_INSTANCE: 0.4}
"""The least chance of a fault by type: those that are hardest to recover from, and that updates reach last."""
SHIFT_CHANCE = 0.5
"""Of a fault in a rollout that shifts traffic, also where no other request meets one."""
ROLLOUT_SHARE = 0.6
"""The share of the faults of a service that are faults of its rollout."""


@dataclass
class RandomFaults(Faults):
    """Up to `limit` faults. Each request that changes the cloud meets one with a `chance` of 0 to 1, of HARD at least.

    The same seed gives the same faults in whatever order the requests arrive.
    """

    seed: int = 0
    chance: float = 0
    limit: int = 0

    def refusal(self, token: str, urn: str, operation: Operation, failure: Failure) -> str:
        random = Random(f"{self.seed} {operation} {urn}")
        chance = max(self.chance, HARD.get(token, 0))
        if operation != "read" and len(self.faults) < self.limit and random.random() < chance:
            kind = _kind(random, token, operation, has_quota=bool(failure.quota))
            self.faults = (*self.faults, Fault(kind, urn.rpartition("::")[2]))
        return super().refusal(token, urn, operation, failure)

    def rollout(self, urn: str, possible: Iterable[str]) -> str:
        random, kinds = Random(f"{self.seed} rollout {urn}"), list(possible)
        of_shifts = [each for each in kinds if each in OF_SHIFTS]
        if of_shifts and len(self.faults) < self.limit and random.random() < SHIFT_CHANCE:
            self.faults = (*self.faults, Fault(random.choice(of_shifts), urn.rpartition("::")[2]))
        return super().rollout(urn, kinds)


def _kind(random: Random, token: str, operation: Operation, *, has_quota: bool) -> str:
    if token == types.SERVICE and operation in OF_ROLLOUTS and random.random() < ROLLOUT_SHARE:
        return random.choice(OF_ROLLOUTS[operation])
    kinds = [name for name, kind in KINDS.items() if kind.operation == operation and (has_quota or name != "quota")]
    return random.choice([*kinds, *kinds, "expired"])
