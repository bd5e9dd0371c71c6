"""The generated files are up to date and follow the catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from config.catalogue import Catalogue, Entry, load
from config.settings import Settings
from tests.declared import CATALOGUE, ROOT
from tools import stack_file_page
from tools.generate import generated


@pytest.mark.parametrize("path", generated(CATALOGUE))
def test_a_generated_file_is_committed_as_make_generate_writes_it(path: str) -> None:
    assert (ROOT / path).read_text() == generated(load(ROOT))[path], "run `make generate`"


def test_every_key_and_every_egress_mode_of_the_stack_file_is_described() -> None:
    assert stack_file_page.MISSING not in stack_file_page.page()


def test_the_examples_of_the_stack_file_reference_are_valid() -> None:
    examples: dict[str, Any] = {}
    for key in (key for keys in stack_file_page.sections().values() for key in keys):
        *path, name = key.path.replace("<service>", "promptsvc").split(".")
        section = examples
        for each in path:
            section = section.setdefault(each, {})
        if key.example is not None:
            section[name] = key.example
    Settings.model_validate_json(json.dumps(examples))


def test_an_entry_added_to_the_catalogue_adds_a_service_to_compose() -> None:
    entry = Entry(name="mail-svc", port=9999, environment={"FROM": 'me: "you"'}, secrets=("SMTP_PASSWORD",))
    added = generated(Catalogue([*CATALOGUE, entry]))["image/compose.yaml"]
    services: dict[str, Any] = yaml.safe_load(added)["services"]
    others: dict[str, Any] = yaml.safe_load(generated(CATALOGUE)["image/compose.yaml"])["services"]
    assert services.pop("mail-svc") == {
        **yaml.safe_load(added)["x-service"],
        "image": "mrgnl-mail-svc:local",
        "build": {**yaml.safe_load(added)["x-build"], "context": "${MAIL_SVC_SOURCE:-image/sample}"},
        "ports": ["127.0.0.1:9999:9999"],
        "environment": {"FROM": 'me: "you"', "SMTP_PASSWORD": "${SMTP_PASSWORD:-local}", "GRPC_PORT": "9999"},
    }
    assert services == others
