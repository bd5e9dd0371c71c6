"""The failures of deployments that shift traffic in the table in docs/runbook.md, with other cases."""

from __future__ import annotations

from tests.failures.migration_cases import CASES
from tests.failures.runbook import Operator
from tests.failures.runbook_cases import case

__all__ = ["CASES"]


def fails(person: Operator, fault: str) -> None:
    """A new image of promptsvc, whose traffic is shifted once a person has approved it, meets the fault."""
    shifts = {"strategy": "blue-green", "bake-minutes": 5, "approve": True}
    person.edit(alerts={"emails": ["ops@example.com"]}, rollout={"promptsvc": shifts})
    assert person.run("up")
    person.commit()
    person.pin("promptsvc", digit="b")
    person.fails(f"{fault}:promptsvc")


@case("Nobody approved the deployment in time")
def unanswered(person: Operator) -> None:
    fails(person, "approval-timeout")


@case("Somebody rejected the deployment, and the image or the entry is at fault")
def rejected(person: Operator) -> None:
    fails(person, "rejected")


@case("The update was interrupted while a deployment waited for approval")
def left_waiting(person: Operator) -> None:
    fails(person, "waiting")


@case("An alarm was raised while the former tasks still ran, and the image or the entry is at fault")
def alarm_in_bake(person: Operator) -> None:
    person.pin("scrapsvc", "chatsvc", "mcp")  # the alarms are the gateway's
    fails(person, "alarm-in-bake")


@case("The former tasks still ran when the update's time-out came")
def still_baking(person: Operator) -> None:
    fails(person, "baking")
