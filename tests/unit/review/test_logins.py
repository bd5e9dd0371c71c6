"""What a page says of the logins of the database, for each step of a move and of a rotation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from review.changes.stack import Changes
from review.deployment.state import states
from review.deployment.summary import summary
from tests.unit.review.deployments import ENCRYPTED, STACK, Raw, compared, component, resource

USERS = ("authsvc", "export-job")


def deployed(mode: str, letter: str = "a", revision: str = "1") -> list[Raw]:
    """A database, and the job with its parameter unless everybody shares the master user."""
    database = component("database", "marginalia:database:Database")
    instance: dict[str, Any] = {"manageMasterUserPassword": True} if mode == "own" else {"password": ENCRYPTED}
    found = [database, resource(types.DB_INSTANCE, "database-instance", database, instance)]
    if mode != "own":
        keepers = {"keepers": {"revision": revision}}
        found.append(resource(types.RANDOM_PASSWORD, "database-password", database, keepers))
    if mode == "shared":
        return found
    logins = component("logins", "marginalia:database:Logins")
    secrets = [
        {"name": f"LOGIN_{each.upper().replace('-', '_')}", "valueFrom": f"database-url-{each}-{letter}:::version"}
        for each in USERS
    ]
    container = {"name": "logins", "image": "mrgnl-logins@sha256:a", "secrets": secrets}
    definition = {"cpu": "256", "memory": "512", "containerDefinitions": json.dumps([container])}
    return [
        *found,
        logins,
        resource(types.TASK_DEFINITION, "logins-task-definition", logins, definition),
        resource(types.PARAMETER, "logins-applied", logins, {"insecureValue": f"{mode} {letter}"}),
    ]


CHANGES: dict[str, tuple[list[Raw], list[Raw], list[str], list[str]]] = {
    "shared to moving": (
        deployed("shared"),
        deployed("moving"),
        [
            "database.logins: shared → moving",
            "each service gets a login of its own: authsvc_a, export_job_a",
            "the job logins creates these logins once, before any service is deployed, and gives the tables to one"
            " role; for a moment it locks each of them",
            "tasks of before stay connected as the master user, and their revisions can start again",
            "next: when every service is steady, set database.logins to own; until then the former URL is valid",
        ],
        [],
    ),
    "moving to own": (
        deployed("moving"),
        deployed("own"),
        [
            "database.logins: moving → own",
            "RDS gives the master user another password and keeps it: only the job logins reads it",
            "refused while ECS runs a revision that is the master user: deploy moving first, and wait until it is"
            " steady",
        ],
        ["a revision that is the master user of the database cannot start again: no rollback to it"],
    ),
    "own to moving": (
        deployed("own"),
        deployed("moving"),
        [
            "database.logins: own → moving",
            "the program gives the master user a password again; the services keep their logins, and none is deployed",
        ],
        [],
    ),
    "moving to shared": (
        deployed("moving"),
        deployed("shared"),
        [
            "database.logins: moving → shared",
            "every service is the master user again, one rollout after the other; the logins stay in the database",
        ],
        [
            "every service is the master user of the database; until its rollout ends, tasks of a former revision"
            " cannot open connections, nor can ECS roll back to it"
        ],
    ),
    "a rotation of own logins": (
        deployed("own"),
        deployed("own", "b"),
        [
            "each service changes to its other login, which gets a new password: authsvc_a → authsvc_b, export_job_a →"
            " export_job_b",
            "the former logins keep their passwords: running tasks and a rollback can connect",
            "rotate again only when every service has been deployed: an earlier rotation is refused",
        ],
        [],
    ),
    "a rotation of the shared password": (
        deployed("shared"),
        deployed("shared", revision="2"),
        ["the password of the master user, as whom every service logs in, changes"],
        [
            "until the rollout of each service ends, tasks of a former revision cannot open connections, nor can ECS"
            " roll back to it"
        ],
    ),
    "nothing": (deployed("own"), deployed("own"), [], []),
}


@pytest.mark.parametrize(("before", "after", "lines", "warnings"), CHANGES.values(), ids=CHANGES)
def test_a_page_says_who_logs_in_as_whom_and_what_comes_next(
    before: list[Raw], after: list[Raw], lines: list[str], warnings: list[str]
) -> None:
    found = compared(before, after)
    assert list(found.logins) == lines
    assert [each.text for each in found.concerns if each.topic == "logins"] == warnings


def job(changes: Changes) -> list[str]:
    return [each.text for each in changes.jobs]


def test_the_job_of_the_logins_runs_once_for_each_change_of_what_it_applies() -> None:
    own, rotated = deployed("own"), deployed("own", "b")
    once = "runs once in this update, before any service is deployed"
    assert job(compared(deployed("shared"), deployed("moving"))) == [
        f"new; {once}, then its runs start by hand",
    ]
    assert job(compared(own, rotated)) == [f"secret LOGIN_AUTHSVC, LOGIN_EXPORT_JOB, {once}"]
    assert job(compared(own, own)) == []


def test_the_summary_of_a_first_deployment_names_the_job_of_the_logins() -> None:
    _, state = states([STACK], [STACK, *deployed("own")])
    assert [each.text for each in summary(state) if each.topic == "jobs"] == ["logins"]
