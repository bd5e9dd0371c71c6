"""The password of a master user that RDS manages."""

from __future__ import annotations

from typing import Any

from ecs import types
from simulator import logins
from simulator.aws import rds_secret, secretsmanager
from simulator.store import Object
from tests.unit.simulator.test_rds import instance as inputs
from tests.unit.simulator.world import World

GIVEN = 10 * "x"


def instance(world: World, **changes: Any) -> Object:
    return world.create(types.DB_INSTANCE, "database", **inputs(world, **{"password": None, **changes}))


def secret_arn(instance: Object) -> str:
    [secret] = instance.properties["masterUserSecrets"]
    return secret["secretArn"]


def test_rds_has_a_secret_exactly_while_it_manages_the_password(world: World) -> None:
    given = instance(world, password=GIVEN)
    assert given.properties["masterUserSecrets"] == []
    managed = world.update(given, password=None, manageMasterUserPassword=True)
    arn = secret_arn(managed)
    assert arn.startswith("arn:aws:secretsmanager:us-east-1:000000000000:secret:rds!db-")
    assert [each.id for each in secretsmanager.stored(world.request(managed), arn)] == [arn]
    again = world.update(managed, password=GIVEN, manageMasterUserPassword=None)
    assert again.properties["masterUserSecrets"] == []
    assert secretsmanager.stored(world.request(again), arn) == []


def test_the_password_of_rds_is_none_that_was_ever_given(world: World) -> None:
    given = instance(world, password=GIVEN)
    managed = world.update(given, password=None, manageMasterUserPassword=True)
    passwords = [each.properties[logins.PASSWORD] for each in (given, managed)]
    assert passwords[0] == logins.digest(GIVEN) != passwords[1]


def test_the_secret_is_that_of_the_instance_as_long_as_it_exists(world: World) -> None:
    managed = instance(world, manageMasterUserPassword=True)
    assert secret_arn(world.update(managed, multiAz=True)) == secret_arn(managed)


def test_a_task_may_read_the_keys_of_the_secret_and_no_others(world: World) -> None:
    arn = secret_arn(managed := instance(world, manageMasterUserPassword=True))
    [version] = secretsmanager.versions(world.request(managed), arn)
    assert version.properties[rds_secret.KEYS] == ["username", "password"]
    assert list(secretsmanager.problems(world.request(managed), arn)) == []


def test_a_change_of_the_instance_keeps_its_logins(world: World) -> None:
    managed = instance(world, manageMasterUserPassword=True)
    world.change(managed, **{logins.LOGINS: {"promptsvc_a": {}}})
    assert world.update(world.get(types.DB_INSTANCE, managed.id), multiAz=True).properties[logins.LOGINS] == {
        "promptsvc_a": {}
    }
