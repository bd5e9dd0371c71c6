"""The failures of logins in the table in docs/runbook.md, with all other cases."""

from __future__ import annotations

from tests.failures.runbook import Operator
from tests.failures.runbook_cases import case
from tests.failures.strategy_cases import CASES
from tests.failures.test_logins import change
from tests.images import images

__all__ = ["CASES"]


@case("The job that creates logins did not succeed; the end of its log says why")
def failed_job_of_logins(person: Operator) -> None:
    change(person.checkout, "moving")
    person.fails("task-fails:logins-applied")


@case("A rotation follows one that did not reach every service")
def rotations_that_overlap(person: Operator) -> None:
    for mode in ("moving", "own"):
        change(person.checkout, mode)
        assert person.run("up")
    change(person.checkout, "own", 2)
    person.fails("rollback:promptsvc")
    change(person.checkout, "own", 3)
    person.fails()


@case("`database.logins` became `own` without the move")
def skipped_move(person: Operator) -> None:
    person.unpin("authsvc")
    assert person.run("up")
    person.edit(images=images(["promptsvc", "logins"]), database={"logins": "own"})
    person.fails()
