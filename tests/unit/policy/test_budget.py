from __future__ import annotations

from ecs import types
from policy.budget import a_stack_stays_within_its_budget
from policy.rule import Resource
from tests.unit.policy.resources import resource, stack_messages

SUBNET = resource(types.SUBNET, "subnet", {"availabilityZone": "us-east-1a"})
SERVICES = {"instanceClass": "db.m7g.large", "allocatedStorage": 100, "multiAz": True}
DATABASE = resource(types.DB_INSTANCE, "database", SERVICES)


def budget(amount: int) -> Resource:
    return resource(types.BUDGET, "budget", {"limitAmount": str(amount)})


def test_a_stack_that_is_estimated_above_its_budget_is_a_violation() -> None:
    """2 x (730 x 0.168 + 100 x 0.115)"""
    assert stack_messages(a_stack_stays_within_its_budget, [SUBNET, DATABASE, budget(268)]) == [
        (
            "budget",
            "the stack is estimated at $268.28 a month, above its budget of $268.00. Raise `budget` in the stack file,"
            " or make less: `make cost ADVICE=1` lists what.",
        )
    ]


def test_a_stack_within_its_budget_or_without_one_passes() -> None:
    assert stack_messages(a_stack_stays_within_its_budget, [SUBNET, DATABASE, budget(269)]) == []
    assert stack_messages(a_stack_stays_within_its_budget, [SUBNET, DATABASE]) == []
