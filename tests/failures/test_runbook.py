"""Promise 10: every failure in the runbook's table is ended by the commands of its row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.conftest import Checkout, small
from tests.failures.login_cases import CASES
from tests.failures.runbook import COMMANDS, Operator, rows
from tests.failures.runbook_cases import Case

ROWS = {row.why: row for row in rows()}


@pytest.fixture(name="small")
def small_stack(checkout: Checkout) -> Checkout:
    """The stack `small`, not deployed."""
    small(checkout)
    return checkout


@pytest.fixture
def bootstrap(checkout: Checkout) -> Checkout:
    """The bootstrap program, not deployed."""
    return replace(checkout, program="bootstrap", home=checkout.home.bootstrap)


def test_every_row_has_a_name_of_its_own_and_a_case() -> None:
    assert len(ROWS) == len(rows())
    assert {each.why for each in CASES} == set(ROWS)


def test_every_command_of_the_table_is_known() -> None:
    assert {command for row in rows() for command in row.commands} == set(COMMANDS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.play.__name__)
def test_the_commands_of_a_row_end_its_failure(case: Case, request: pytest.FixtureRequest) -> None:
    row = ROWS[case.why]
    person = Operator(request.getfixturevalue(case.stack))
    case.play(person)
    assert [each for each in row.messages if not person.sees(each)] == [], "\n".join(person.printed)
    for command in row.commands:
        person.printed.clear()
        assert COMMANDS[command](person), "\n".join([command, *person.printed])
    is_destroyed = row.commands[-1] == "pulumi destroy"
    assert (person.remains() if is_destroyed else person.problems()) == []
