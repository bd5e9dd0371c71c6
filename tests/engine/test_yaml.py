"""Pulumi's CLI and config/go_yaml.py read the same values, from a stack file and from the copy that the engine gets."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from config import go_yaml
from config.stackfile import KEY, name
from simulator.home import Home
from tests.unit.config.test_go_yaml import SCALARS

MAPPINGS = "anchor: &anchor {b: 1}\n    merged: {<<: *anchor, b: 2, c: 3}\n    keys: {1: a, 2.0: b, true: c, ~: d}"
TEXT = f"config:\n  {KEY}:\n    " + "\n    ".join(
    [*(f"k{index}: {each}" for index, each in enumerate(SCALARS)), MAPPINGS]
)


def read_by_the_cli(cli: auto.PulumiCommand, folder: Path) -> Any:
    """The value of the one key, as JSON, of Pulumi.x.yaml in this folder."""
    (folder / "state").mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text("name: marginalia\nruntime: python\n")
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "x",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def run(*words: str) -> str:
        command = [str(cli.command), *words]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    text = (folder / name("x")).read_text()
    run("stack", "init", "x")
    (folder / name("x")).write_text(text)
    return json.loads(json.loads(run("config", "--json", "--stack", "x", "--show-secrets"))[KEY]["value"])


def test_a_stack_file_and_its_copy_have_the_values_that_the_cli_reads(
    tmp_path: Path, cli: auto.PulumiCommand, checkout: Any
) -> None:
    (tmp_path / name("x")).write_text(TEXT)
    ours = go_yaml.load(TEXT)["config"]
    assert read_by_the_cli(cli, tmp_path) == ours[KEY]
    copy = Home(tmp_path / "copied").workspace("x", checkout.root, ours)
    assert read_by_the_cli(cli, copy) == ours[KEY]


@pytest.mark.parametrize("account", ["052812345678", "012345670123", "000000000010"])
def test_the_copy_keeps_an_account_that_begins_with_0_and_the_salt(tmp_path: Path, checkout: Any, account: str) -> None:
    home = Home(tmp_path)
    config = {"aws:region": "us-east-1", KEY: {"account": account}}
    file = home.workspace("x", checkout.root, config) / name("x")
    file.write_text(f"encryptionsalt: v1:abc\n{file.read_text()}")
    home.workspace("x", checkout.root, {**config, "aws:region": "eu-west-1"})
    assert go_yaml.load(file.read_text()) == {
        "encryptionsalt": "v1:abc",
        "config": {"aws:region": "eu-west-1", KEY: {"account": account}},
    }
