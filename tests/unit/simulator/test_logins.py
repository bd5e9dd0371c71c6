from __future__ import annotations

import json

import pytest

from ecs import types
from simulator import logins
from simulator.store import Object
from tests.unit.simulator.world import World

HOST = "mrgnl.us-east-1.rds.amazonaws.com"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:database-url-AbCdEf"


def put(world: World, kind: str, id: str, **properties: object) -> None:
    where = {"account": "000000000000", "region": "us-east-1", "urn": "", "run": ""}
    world.store.put(Object(kind=kind, id=id, properties=properties, **where))


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        (f"postgres://marginalia:right@{HOST}:5432/marginalia", False),
        (f"postgres://marginalia:former@{HOST}:5432/marginalia", True),
        ("postgres://marginalia:former@another.example:5432/marginalia", False),
        ("not a URL", False),
        ("", False),
    ],
    ids=["its password", "a former password", "another host", "no URL", "no value"],
)
def test_a_task_is_refused_if_the_version_that_it_reads_has_another_password(
    world: World, value: str, refused: bool
) -> None:
    put(world, types.DB_INSTANCE, "db-1", address=HOST, **{logins.PASSWORD: logins.digest("right")})
    put(world, types.SECRET_VERSION, f"{SECRET}|v1", **{logins.LOGIN: logins.in_url(value)})
    secrets = [{"name": "DATABASE_URL", "valueFrom": f"{SECRET}:::v1"}]
    task = {"containerDefinitions": json.dumps([{"name": "promptsvc", "secrets": secrets}])}
    assert logins.is_refused(world.store, task) is refused


def test_a_task_without_secrets_is_not_refused(world: World) -> None:
    assert not logins.is_refused(world.store, {"containerDefinitions": json.dumps([{"name": "promptsvc"}])})
