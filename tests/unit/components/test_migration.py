"""The migration of a service: its task definition, and the parameter that the ECS service waits for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from config.catalogue import Catalogue
from ecs import types
from tests.declared import CATALOGUE, MIGRATING, Declared, declare_program
from tests.images import images

IDS = re.compile(r"\b(?=\w*\d)\w{6,}\b|[a-zA-Z]{40}")
"""What the simulated cloud generates, from the number of the objects."""
WITHOUT = declare_program(images=images(CATALOGUE.names), build=None)
WITH = declare_program(services=MIGRATING, images=images(CATALOGUE.names), build=None)


def calling() -> Catalogue:
    """A service with a migration that calls another."""
    entries = {each.name: each for each in MIGRATING}
    return Catalogue([*{**entries, "chatsvc": replace(entries["chatsvc"], calls=("authsvc",))}.values()])


def container(declared: Declared, name: str) -> dict[str, Any]:
    [found, *_] = json.loads(declared.one(types.TASK_DEFINITION, name).inputs["containerDefinitions"])
    return found


def test_a_migration_runs_the_image_of_the_service_with_its_roles_secrets_and_size() -> None:
    service = WITH.one(types.TASK_DEFINITION, "promptsvc-task-definition").inputs
    migration = WITH.one(types.TASK_DEFINITION, "promptsvc-task-migration").inputs
    own = {"family": "mrgnl-promptsvc_migrate", "containerDefinitions": migration["containerDefinitions"]}
    assert migration == {**service, **own}
    expected = container(WITH, "promptsvc-task-definition")
    for key in ("healthCheck", "portMappings", "startTimeout"):
        del expected[key]
    expected["command"] = ["-migrate"]
    expected["logConfiguration"]["options"]["awslogs-stream-prefix"] = "migrate"
    assert container(WITH, "promptsvc-task-migration") == expected


def test_a_migration_has_no_address_of_a_callee_which_a_single_task_cannot_resolve() -> None:
    found = declare_program(services=calling(), images=images(CATALOGUE.names), build=None)
    names = [each["name"] for each in container(found, "chatsvc-task-migration")["environment"]]
    assert names == ["GRPC_PORT"]
    service = container(found, "chatsvc-task-definition")["environment"]
    assert [each["name"] for each in service] == ["AUTH_SERVICE", "GRPC_PORT"]


def test_the_parameter_names_the_image_and_the_database_and_shows_in_previews() -> None:
    parameter = WITH.one(types.PARAMETER, "promptsvc-migrated")
    [database] = WITH.of(types.DB_INSTANCE).values()
    assert parameter.inputs == {
        "name": "/marginalia/mrgnl/promptsvc/migrated",
        "description": "The image whose migration succeeded, and the database",
        "type": "String",
        "insecureValue": f"sha256:{'a' * 64} in {database.id}",
        "overwrite": True,
    }
    assert parameter.secrets == frozenset()
    assert {field.name: list(value) for field, value in parameter.options.hooks.ListFields()} == {
        "before_create": ["promptsvc-migration"],
        "before_update": ["promptsvc-migration"],
    }
    assert WITH.hooks["promptsvc-migration"].opts is None  # not in previews


def test_the_task_of_a_migration_starts_after_all_that_it_needs_and_the_service_after_it() -> None:
    needed = WITH.one(types.PARAMETER, "promptsvc-migrated").options.dependencies
    for name in ("promptsvc-task-migration", "promptsvc-task-execution-policy", "promptsvc-access-to-database-ingress"):
        assert [each for each in needed if each.endswith(f"::{name}")], name
    service = WITH.one(types.SERVICE, "promptsvc-service").options.dependencies
    assert [each for each in service if each.endswith("::promptsvc-migrated")]


def test_a_service_without_a_migration_is_declared_as_before() -> None:
    before, after = (
        {each.urn: re.sub(IDS, "ID", json.dumps(each.inputs)) for each in found.registrations}
        for found in (WITHOUT, WITH)
    )
    assert {urn: after[urn] for urn in before} == before
    own = {urn.rpartition("::")[2] for urn in after.keys() - before.keys()}
    assert own == {
        f"{name}-{kind}"
        for name in ("authsvc", "chatsvc", "promptsvc", "scrapsvc")
        for kind in ("migrated", "migration", "task-migration")
    }
