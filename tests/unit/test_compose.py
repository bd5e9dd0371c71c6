"""compose.yaml says of each service what the catalogue says of it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from services import CATALOGUE, Entry
from tests.declared import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
STORES = {"postgres", "s3"}
STORED = {"DATABASE_URL", "S3_BUCKET", "AWS_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""What a service with a database or a bucket gets, the last four on a laptop only."""

each_service = pytest.mark.parametrize("entry", list(CATALOGUE), ids=lambda entry: entry.name)


def test_the_catalogues_services_and_their_two_stores_run_and_nothing_else() -> None:
    assert set(COMPOSE) == {*CATALOGUE.names, *STORES}


@each_service
def test_a_service_has_the_environment_that_its_entry_gives_it(entry: Entry) -> None:
    environment = dict(COMPOSE[entry.name]["environment"])
    assert ("DATABASE_URL" in environment) == entry.database
    assert ("S3_BUCKET" in environment) == entry.bucket
    assert {key: value for key, value in environment.items() if key not in STORED} == {
        entry.port_variable: str(entry.port),
        **entry.environment,
        **{CATALOGUE[callee].address_variable: CATALOGUE[callee].address for callee in entry.calls},
    }


@each_service
def test_a_service_is_published_on_its_own_port_to_this_machine_alone(entry: Entry) -> None:
    assert COMPOSE[entry.name]["ports"] == [f"127.0.0.1:{entry.port}:{entry.port}"]


@each_service
def test_a_service_waits_until_what_it_needs_is_healthy(entry: Entry) -> None:
    waits = COMPOSE[entry.name]["depends_on"]
    stores = {store for store, needed in (("postgres", entry.database), ("s3", entry.bucket)) if needed}
    assert set(waits) == {*entry.calls, *stores}
    assert {each["condition"] for each in waits.values()} == {"service_healthy"}


@each_service
def test_a_service_is_built_and_kept_as_on_aws(entry: Entry) -> None:
    said = COMPOSE[entry.name]
    assert said["build"] == {
        "context": f"${{{entry.name.replace('-', '_').upper()}_SOURCE:-image/sample}}",
        "dockerfile": "${PWD}/image/Dockerfile",
        "args": ["GO_IMAGE", "BASE_IMAGE"],
    }
    assert (said["read_only"], said["cap_drop"], said["stop_grace_period"]) == (True, ["ALL"], "35s")
    assert said["healthcheck"]["test"] == ["CMD", "/service", "-healthcheck"]
