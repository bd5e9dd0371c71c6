"""Promise 7: no secret value in a stack file, a diff, a log or a container definition; nor in store or state."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.aws.ecr import token
from tests.engine.conftest import Checkout

PLAIN = ("postgres://", token("000000000000"))
"""What the database's URL begins with, and the registry's token."""


def resources(home: Path) -> list[dict[str, Any]]:
    [state] = (home / "state").rglob("stacks/**/dev.json")
    return json.loads(state.read_text())["checkpoint"]["latest"]["resources"]


def test_no_secret_is_in_the_store_and_none_is_plain_in_the_state(dev: Checkout) -> None:
    cloud = (dev.home / "cloud.sqlite").read_bytes().decode(errors="replace")
    state = json.dumps(resources(dev.home))
    assert [secret for secret in PLAIN if secret in cloud or secret in state] == []
    [password] = [each for each in resources(dev.home) if each["type"] == "random:index/randomPassword:RandomPassword"]
    assert set(password["outputs"]["result"]) == {"4dabf18193072939515e22adb298388d", "ciphertext"}


def test_no_secret_is_in_what_the_engine_says_when_one_is_rotated(dev: Checkout) -> None:
    dev.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    said: list[str] = []
    for operation in ("preview", "up"):
        assert replace(dev.simulator, say=said.append).run(operation, "dev").succeeded
    assert any("database-password" in line for line in said)
    assert [line for line in said if any(secret in line for secret in PLAIN)] == []


def test_containers_name_secrets_by_arn_and_version(dev: Checkout) -> None:
    definitions = [
        json.loads(each["inputs"]["containerDefinitions"])[0]
        for each in resources(dev.home)
        if each["type"] == "aws:ecs/taskDefinition:TaskDefinition"
    ]
    named = {secret["valueFrom"].rsplit("-", 2)[0] for each in definitions for secret in each["secrets"]}
    assert named == {"arn:aws:secretsmanager:us-east-1:000000000000:secret:database-url"}
    assert all(":::" in secret["valueFrom"] for each in definitions for secret in each["secrets"])
