"""What follows from the catalogue and the settings is committed as it follows."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from services import CATALOGUE, Catalogue, Entry
from tests.declared import ROOT
from tools.generate import generated


@pytest.mark.parametrize("path", generated())
def test_what_is_committed_is_what_make_generate_writes(path: str) -> None:
    assert (ROOT / path).read_text() == generated()[path], "`make generate` writes it anew"


def test_a_service_that_is_added_to_the_catalogue_is_added_to_compose() -> None:
    entry = Entry(name="mail-svc", port=9999, environment={"FROM": 'me: "you"'}, secrets=("SMTP_PASSWORD",))
    added = generated(Catalogue([*CATALOGUE, entry]))["compose.yaml"]
    services: dict[str, Any] = yaml.safe_load(added)["services"]
    committed: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert services.pop("mail-svc") == {
        **yaml.safe_load(added)["x-service"],
        "image": "mrgnl-mail-svc:local",
        "build": {**yaml.safe_load(added)["x-build"], "context": "${MAIL_SVC_SOURCE:-image/sample}"},
        "ports": ["127.0.0.1:9999:9999"],
        "environment": {"FROM": 'me: "you"', "SMTP_PASSWORD": "${SMTP_PASSWORD:-local}", "GRPC_PORT": "9999"},
    }
    assert services == committed
