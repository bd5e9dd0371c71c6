"""The generated files are up to date and follow the catalogue."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.catalogue import Catalogue, Entry, load
from config.settings import Settings
from tests.declared import CATALOGUE, ROOT, STACKS
from tools import generate, stack_file_page
from tools.generate import generated, write


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


def test_files_are_written_all_or_none(tmp_path: Path) -> None:
    one, two, missing = tmp_path / "one", tmp_path / "two", tmp_path / "no-folder" / "three"
    one.write_text("old")
    one.chmod(0o640)
    with pytest.raises(OSError, match="no-folder"):
        write({one: "new", two: "new", missing: "new"})
    assert (one.read_text(), sorted(each.name for each in tmp_path.iterdir())) == ("old", ["one"])
    assert write({one: "new", two: "new"}) == [one, two]
    assert write({one: "new", two: "new"}) == []
    assert one.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("services.py", "SERVICES = (", "services.py"),
        ("Pulumi.dev.yaml", "config: [", "Pulumi.dev.yaml"),
        ("Pulumi.dev.yaml", 'config: {"aws:region": us-east-1, "marginalia:stack": {sizes: 5}}', "sizes"),
        ("Pulumi.dev.yaml", None, "Pulumi.dev.yaml"),
    ],
)
def test_an_invalid_file_is_one_message_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: str,
    text: str | None,
    message: str,
) -> None:
    for stack in ("services.py", "Pulumi.dev.yaml", "Pulumi.prod.yaml"):
        shutil.copy(STACKS / stack, tmp_path)
    (tmp_path / file).write_text(text) if text is not None else (tmp_path / file).unlink()
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main() == 1
    reported = capsys.readouterr().err
    assert message in reported
    assert reported.endswith("\nNothing is written.\n")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
