from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest
from pulumi import Output, ResourceHookArgs

from config.problems import UserError
from ecs import types
from tests.declared import Declared, declare
from tests.unit.components import build

OLD, NEW = "former password", "new password"


def database(revision: int = 2) -> Declared:
    return declare(lambda: build.database(build.network(), users=build.users(revision=revision)))


def bound(declared: Declared, type: str, name: str) -> dict[str, list[str]]:
    """The names of the hooks by the time at which the engine runs them."""
    return {field.name: list(value) for field, value in declared.one(type, name).options.hooks.ListFields()}


def test_the_change_is_recorded_after_it_and_required_before_the_password_is_confirmed_in_a_preview_too() -> None:
    declared = database()
    assert bound(declared, types.DB_INSTANCE, "database-instance") == {
        "after_create": ["database-password-changed"],
        "after_update": ["database-password-changed"],
    }
    assert bound(declared, types.STASH, "database-confirmed-password") == {
        "before_create": ["database-password-confirmed"],
        "before_update": ["database-password-confirmed"],
    }
    options = {name: hook.opts for name, hook in declared.hooks.items()}
    assert {name: found is not None and found.on_dry_run for name, found in options.items()} == {
        "database-password-changed": True,
        "database-password-confirmed": True,
    }


def test_the_password_that_rds_was_created_with_is_confirmed_unseen() -> None:
    """After a first update that ended between the two, and in a stack from before the check."""
    assert bound(database(revision=1), types.STASH, "database-confirmed-password") == {
        "before_update": ["database-password-confirmed"]
    }


def confirm(*instances: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    """Confirms a new password in an update that changed the instance from these outputs to these inputs."""
    hooks = database().hooks

    async def run() -> None:
        for old, new in instances:
            secret = [{key: cast(Any, Output.secret(value)) for key, value in each.items()} for each in (old, new)]
            args = ResourceHookArgs("", "", "", "", old_outputs=secret[0], old_inputs={}, new_inputs=secret[1])
            await cast(Any, hooks["database-password-changed"](args))
        hooks["database-password-confirmed"](ResourceHookArgs("", "", "", ""))

    asyncio.run(run())


@pytest.mark.parametrize(
    ("outputs", "inputs"),
    [({}, {"password": NEW}), ({"password": OLD}, {"password": NEW}), ({"other": OLD}, {"password": NEW})],
    ids=["created", "changed", "imported"],
)
def test_a_password_that_the_update_gave_to_rds_is_confirmed(
    outputs: Mapping[str, Any], inputs: Mapping[str, Any]
) -> None:
    confirm((outputs, inputs))


@pytest.mark.parametrize(
    "instances",
    [[], [({"password": NEW}, {"password": NEW})], [({"password": NEW, "a": 1}, {"password": NEW, "a": 2})]],
    ids=["unchanged", "an update after a failed one", "another change"],
)
def test_a_password_that_the_update_did_not_give_to_rds_is_refused_with_the_next_revision(
    instances: list[tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> None:
    with pytest.raises(UserError) as refusal:
        confirm(*instances)
    assert str(refusal.value) == (
        "RDS may still have a former password: an earlier change of it did not complete. Increment"
        " database.password-revision to 3 in the stack file, then run `pulumi up --refresh`."
    )
