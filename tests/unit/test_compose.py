"""What `make generate` writes into image/compose.yaml for each entry of a catalogue."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from config.catalogue import Catalogue, Entry
from tests.declared import CATALOGUE, MIGRATING, WITH_JOBS
from tools.generate import generated

COMPOSE: dict[str, Any] = yaml.safe_load(generated(CATALOGUE)["image/compose.yaml"])["services"]
STORES = {"postgres", "s3"}
LOGINS = "logins"
URL = "postgres://{}_a:local@postgres:5432/marginalia?sslmode=disable"
STORED = {"DATABASE_URL", "S3_BUCKET", "AWS_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""Variables of a service with a database or a bucket. The last four exist only on a laptop."""

COMPLETED = {"condition": "service_completed_successfully"}

each_service = pytest.mark.parametrize("entry", list(CATALOGUE), ids=lambda entry: entry.name)


def test_only_the_services_of_the_catalogue_their_logins_and_the_two_stores_run() -> None:
    assert set(COMPOSE) == {*CATALOGUE.names, LOGINS, *STORES}


def test_without_a_database_there_are_no_logins() -> None:
    found = yaml.safe_load(generated(Catalogue([]))["image/compose.yaml"])
    assert set(found["services"]) == STORES


@each_service
def test_a_service_has_the_environment_of_its_entry(entry: Entry) -> None:
    environment = dict(COMPOSE[entry.name]["environment"])
    assert environment.get("DATABASE_URL") == (URL.format(entry.name) if entry.database else None)
    assert ("S3_BUCKET" in environment) == entry.bucket
    assert {key: value for key, value in environment.items() if key not in STORED} == {
        entry.port_variable: str(entry.port),
        **entry.environment,
        **{CATALOGUE[callee].address_variable: CATALOGUE[callee].address for callee in entry.calls},
    }


@each_service
def test_a_service_is_published_on_its_own_port_of_localhost(entry: Entry) -> None:
    assert COMPOSE[entry.name]["ports"] == [f"127.0.0.1:{entry.port}:{entry.port}"]


@each_service
def test_a_service_starts_after_its_login_exists_and_its_callees_and_stores_are_healthy(entry: Entry) -> None:
    waits = COMPOSE[entry.name]["depends_on"]
    healthy = {"condition": "service_healthy"}
    assert waits == {
        **({"logins": COMPLETED} if entry.database else {}),
        **({"s3": healthy} if entry.bucket else {}),
        **dict.fromkeys(entry.calls, healthy),
    }


@each_service
def test_a_service_is_built_and_restricted_as_on_aws(entry: Entry) -> None:
    service = COMPOSE[entry.name]
    assert service["build"] == {
        "context": f"${{{entry.name.replace('-', '_').upper()}_SOURCE:-image/sample}}",
        "dockerfile": "${PWD}/image/Dockerfile",
        "args": ["GO_IMAGE", "BASE_IMAGE"],
    }
    assert (service["read_only"], service["tmpfs"]) == (True, ["/tmp:mode=1777"])
    assert (service["cap_drop"], service["stop_grace_period"]) == (["ALL"], "35s")
    assert service["healthcheck"]["test"] == ["CMD", "/service", "-healthcheck"]


def test_a_migration_runs_with_the_database_to_its_end_before_its_service_starts() -> None:
    found: dict[str, Any] = yaml.safe_load(generated(MIGRATING)["image/compose.yaml"])["services"]
    names = {f"{entry.name}_migrate" for entry in MIGRATING if entry.migrate}
    assert {*found} == {*COMPOSE, *names} != {*COMPOSE}
    migration, service = found["promptsvc_migrate"], found["promptsvc"]
    kept = ("cap_drop", "environment", "image", "init", "read_only", "security_opt", "tmpfs", "stop_grace_period")
    assert migration == {
        **{key: service[key] for key in kept},
        "command": ["-migrate"],
        "restart": "no",
        "healthcheck": {"disable": True},
        "depends_on": {"logins": COMPLETED},
    }
    assert service["depends_on"] == {**COMPOSE["promptsvc"]["depends_on"], "promptsvc_migrate": COMPLETED}


def test_a_job_creates_a_login_for_each_service_and_job_with_a_database_and_ends() -> None:
    """As on AWS: the job alone is the master user, which is no superuser."""
    found: dict[str, Any] = yaml.safe_load(generated(WITH_JOBS)["image/compose.yaml"])
    logins, services = found["services"][LOGINS], found["services"]
    kept = ("cap_drop", "init", "read_only", "security_opt", "tmpfs", "stop_grace_period")
    users = ("authsvc", "chatsvc", "cleanup", "promptsvc", "scrapsvc")
    assert logins == {
        **{key: services["promptsvc"][key] for key in kept},
        "image": "mrgnl-logins:local",
        "build": {**services["promptsvc"]["build"], "context": "image/logins"},
        "restart": "no",
        "healthcheck": {"disable": True},
        "environment": {
            "DATABASE_URL": "postgres://marginalia:local@postgres:5432/marginalia?sslmode=disable",
            "OWNER": "marginalia_owner",
            **{f"LOGIN_{name.upper()}": URL.format(name) for name in users},
        },
        "depends_on": {"postgres": {"condition": "service_healthy"}},
    }
    assert services["cleanup"]["environment"]["DATABASE_URL"] == URL.format("cleanup")
    [config] = services["postgres"]["configs"]
    assert config["target"].startswith("/docker-entrypoint-initdb.d/")
    assert found["configs"][config["source"]]["content"].splitlines() == [
        "CREATE ROLE marginalia LOGIN CREATEROLE CREATEDB PASSWORD 'local';",
        "CREATE DATABASE marginalia OWNER marginalia;",
    ]


def test_only_the_job_of_the_logins_is_the_master_user() -> None:
    services: dict[str, Any] = yaml.safe_load(generated(WITH_JOBS)["image/compose.yaml"])["services"]
    masters = [name for name, each in services.items() if "//marginalia:" in str(each)]
    assert masters == [LOGINS]
