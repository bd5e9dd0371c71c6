"""What a stack declares for the logins of its services, in each mode."""

from __future__ import annotations

import re
from functools import cache

import pytest

from ecs import types
from ecs.database import LoginMode
from ecs.iam import secret_arn
from tests.declared import WITH_JOBS, Declared, declare_program
from tests.unit.components.build import statements

BUILD: dict[str, object] = {"context": "image/sample", "consumers": []}
SERVICES = ("authsvc", "chatsvc", "promptsvc", "scrapsvc")


@cache
def declared(mode: LoginMode, revision: int = 1) -> Declared:
    return declare_program("dev", build=BUILD, database={"logins": mode, "password-revision": revision})


def readable(found: Declared, task: str) -> list[str]:
    """The secrets that the execution role may read, by logical name; `rds!` is that of RDS."""
    names = {secret.id: name for name, secret in found.of(types.SECRET).items()}
    [allowed] = [
        each["Resource"] for each in statements(found, f"{task}-execution-policy") if each["Sid"] == "ReadSecrets"
    ]
    return [names.get(each, "rds!") for each in map(secret_arn, allowed)]


def secrets(found: Declared, task: str) -> dict[str, str]:
    container = found.one(types.TASK_DEFINITION, f"{task}-definition").json("containerDefinitions")[0]
    return {each["name"]: each["valueFrom"] for each in container["secrets"]}


def test_services_that_share_the_master_user_have_no_job_and_no_login() -> None:
    found = declared("shared")
    assert [each.name for each in found.registrations if "login" in each.name] == []
    assert readable(found, "promptsvc-task") == ["database-url"]


@pytest.mark.parametrize(("mode", "master"), [("moving", ["database-url"]), ("own", [])], ids=["moving", "own"])
def test_a_role_may_read_both_urls_of_its_service_and_while_it_moves_the_former_one(
    mode: LoginMode, master: list[str]
) -> None:
    for service in SERVICES:
        own = [f"database-url-{service}-{letter}" for letter in "ab"]
        assert readable(declared(mode), f"{service}-task") == [*own, *master]


@pytest.mark.parametrize(("mode", "master"), [("moving", "database-url"), ("own", "rds!")])
def test_only_the_job_logs_in_as_the_master_user(mode: LoginMode, master: str) -> None:
    found = declared(mode)
    assert readable(found, "logins-task") == [*(f"database-url-{each}-a" for each in SERVICES), master]
    assert [each for each in SERVICES if "rds!" in readable(found, f"{each}-task")] == []


@pytest.mark.parametrize(("revision", "letter"), [(1, "a"), (2, "b"), (3, "a")])
def test_the_revision_of_the_passwords_chooses_the_login(revision: int, letter: str) -> None:
    found = declared("own", revision)
    used = secrets(found, "promptsvc-task")["DATABASE_URL"]
    assert used == secrets(found, "logins-task")["LOGIN_PROMPTSVC"]
    password = found.one(types.RANDOM_PASSWORD, f"promptsvc-password-{letter}")
    other = found.one(types.RANDOM_PASSWORD, f"promptsvc-password-{'b' if letter == 'a' else 'a'}")
    assert password.inputs["keepers"] == {"revision": str(revision)}
    assert [list(each.options.ignoreChanges) for each in (password, other)] == [[], ["keepers"]]


def test_nothing_of_a_service_changes_before_the_job() -> None:
    found = declared("own")
    applied = found.one(types.PARAMETER, "logins-applied").urn
    for service in SERVICES:
        definition = found.one(types.TASK_DEFINITION, f"{service}-task-definition")
        policy = found.one(types.ROLE_POLICY, f"{service}-task-execution-policy")
        assert [applied in each.options.dependencies for each in (definition, policy)] == [True, True]


def test_the_outputs_say_of_the_job_what_they_say_of_others() -> None:
    jobs = declare_program("dev", services=WITH_JOBS, build=BUILD, database={"logins": "own"}).exports()["jobs"]
    assert {tuple(sorted(each)) for each in jobs.values()} == {tuple(sorted(jobs["logins"]))}
    assert len(jobs) > 1


def test_the_url_keeps_its_form() -> None:
    value = declared("own").one(types.SECRET_VERSION, "database-url-promptsvc-a-version").inputs["secretString"]
    form = r"postgres://promptsvc_a:[A-Za-z0-9]{40}@mrgnl\.\w+\.us-east-1\.rds\.amazonaws\.com:5432/marginalia\?sslmode=require"
    assert re.fullmatch(form, value)


def test_rds_manages_the_master_users_password_once_the_services_have_logins() -> None:
    modes: tuple[LoginMode, ...] = ("shared", "moving", "own")
    found = {mode: declared(mode).one(types.DB_INSTANCE, "database-instance").inputs for mode in modes}
    assert {mode: ("password" in each, each.get("manageMasterUserPassword")) for mode, each in found.items()} == {
        "shared": (True, None),
        "moving": (True, None),
        "own": (False, True),
    }


def test_a_rotation_while_the_services_move_keeps_the_master_users_password() -> None:
    modes: tuple[LoginMode, ...] = ("shared", "moving")
    password = {mode: declared(mode).one(types.RANDOM_PASSWORD, "database-password") for mode in modes}
    assert {mode: list(each.options.ignoreChanges) for mode, each in password.items()} == {
        "shared": [],
        "moving": ["keepers"],
    }
