"""The failures of migrations in the table in docs/runbook.md, with all other cases."""

from __future__ import annotations

from tests.engine import killed
from tests.engine.killed import Requests
from tests.failures.runbook import Operator
from tests.failures.runbook_cases import CASES, case
from tests.failures.test_migration import migrate

__all__ = ["CASES"]


def migrating(person: Operator) -> None:
    """The service has a migration, which ran for its image."""
    migrate(person.checkout)
    assert person.run("up")


@case("The image's migration ended with an error, and the image is at fault")
def wrong_migration(person: Operator) -> None:
    migrating(person)
    person.pin("promptsvc", digit="b")
    person.fails("task-fails:promptsvc")


@case("The migration ended with an error, and its cause is gone, such as a lock on a table")
def failed_migration(person: Operator) -> None:
    migrate(person.checkout)
    person.fails("task-fails:promptsvc")


@case("The image does not know `-migrate`")
def unknown_flag(person: Operator) -> None:
    migrate(person.checkout)
    person.fails("task-fails:promptsvc")


@case("The migration waited for something, or has too much to do at once")
def hanging_migration(person: Operator) -> None:
    migrating(person)
    person.pin("promptsvc", digit="b")
    person.fails("task-hangs:promptsvc")


@case("An update was killed while a migration ran")
def killed_migration(person: Operator) -> None:
    migrating(person)
    person.pin("promptsvc", digit="b")
    killed.up(person.checkout, Requests("Update promptsvc-migrated", "before"))
    person.fails()


@case("Somebody changed the schema back by hand, and the migration must run again")
def undone_migration(person: Operator) -> None:
    migrating(person)
    person.pin("promptsvc", digit="b")
    assert person.run("up")
    person.pin("promptsvc", digit="a")
    assert person.run("up")
