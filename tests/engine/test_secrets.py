"""Promise 7: no secret value in a stack file, a diff, a log or a container definition; nor in store or state."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from services import CATALOGUE
from simulator.aws.ecr import token
from simulator.engine import Operation
from tests.engine.conftest import Checkout

TOKEN = token("000000000000")
"""The registry's."""


def resources(home: Path) -> list[dict[str, Any]]:
    [state] = (home / "state").rglob("stacks/**/dev.json")
    return json.loads(state.read_text())["checkpoint"]["latest"]["resources"]


def decrypted(checkout: Checkout) -> list[dict[str, Any]]:
    """The same as Pulumi shows it to whoever has the passphrase."""
    with checkout.simulator.session("dev") as stack:
        return (stack.export_stack().deployment or {})["resources"]


def password(decrypted: list[dict[str, Any]]) -> str:
    [generated] = [each for each in decrypted if each["type"] == "random:index/randomPassword:RandomPassword"]
    return json.loads(generated["outputs"]["result"]["plaintext"])


def holders(resources: list[dict[str, Any]], secret: str) -> set[str]:
    """The logical names of the resources, the stack's outputs among them, in which the secret can be read."""
    return {each["urn"].rpartition("::")[2] for each in resources if secret in json.dumps(each)}


def test_a_secret_is_encrypted_and_only_in_the_resources_that_need_it(dev: Checkout) -> None:
    state = decrypted(dev)
    assert holders(state, password(state)) == {"database-password", "database-instance", "database-url-version"}
    assert holders(state, TOKEN) == {f"{name}-image-build" for name in CATALOGUE.names}
    for secret in (password(state), TOKEN):
        assert holders(resources(dev.home), secret) == set()


def test_no_secret_is_plain_in_any_file_that_the_simulator_keeps(dev: Checkout) -> None:
    """The store, the state, its backups and its history."""
    content = {path: path.read_bytes() for path in dev.home.rglob("*") if path.is_file()}
    assert dev.home / "cloud.sqlite" in content
    secrets = [each.encode() for each in (password(decrypted(dev)), TOKEN)]
    assert [path for path, held in content.items() if any(secret in held for secret in secrets)] == []


def test_no_secret_is_in_what_the_engine_says_property_by_property_when_one_is_rotated(dev: Checkout) -> None:
    passwords = [password(decrypted(dev))]
    dev.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    said: list[str] = []
    operations: tuple[Operation, ...] = ("preview", "up", "refresh")
    for operation in operations:
        assert replace(dev.simulator, say=said.append, diff=True).run(operation, "dev").succeeded
    passwords.append(password(decrypted(dev)))
    assert passwords[0] != passwords[1]
    told = "\n".join(said)
    assert "keepers" in told  # the properties are told indeed
    assert [secret for secret in (*passwords, TOKEN, "postgres://") if secret in told] == []


def test_containers_name_secrets_by_arn_and_version(dev: Checkout) -> None:
    definitions = [
        json.loads(each["inputs"]["containerDefinitions"])[0]
        for each in resources(dev.home)
        if each["type"] == "aws:ecs/taskDefinition:TaskDefinition"
    ]
    named = {secret["valueFrom"].rsplit("-", 2)[0] for each in definitions for secret in each["secrets"]}
    assert named == {"arn:aws:secretsmanager:us-east-1:000000000000:secret:database-url"}
    assert all(":::" in secret["valueFrom"] for each in definitions for secret in each["secrets"])
