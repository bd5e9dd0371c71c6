"""Promise 7: no secret value in a stack file, a diff, a log, a container definition, the store or the state."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ecs import types
from simulator.aws.ecr import token
from simulator.engine import Operation
from simulator.home import Home
from tests.declared import CATALOGUE
from tests.engine.conftest import Checkout

TOKEN = token("000000000000")
"""The password of the registry."""


def resources(home: Home) -> list[dict[str, Any]]:
    [state] = (home.path / "state").rglob("stacks/**/dev.json")
    return json.loads(state.read_text())["checkpoint"]["latest"]["resources"]


def decrypted(checkout: Checkout) -> list[dict[str, Any]]:
    """The resources as Pulumi exports them with the passphrase."""
    with checkout.simulator.session("dev") as stack:
        return (stack.export_stack().deployment or {})["resources"]


def password(decrypted: list[dict[str, Any]]) -> str:
    [generated] = [each for each in decrypted if each["type"] == types.RANDOM_PASSWORD]
    return json.loads(generated["outputs"]["result"]["plaintext"])


def resources_with(resources: list[dict[str, Any]], secret: str) -> set[str]:
    """The logical names of the resources, including the stack, that have the secret in plain text."""
    return {each["urn"].rpartition("::")[2] for each in resources if secret in json.dumps(each)}


def test_a_secret_is_encrypted_and_only_in_the_resources_that_require_it(dev: Checkout) -> None:
    state = decrypted(dev)
    assert resources_with(state, password(state)) == {
        "database-password",
        "database-instance",
        "database-confirmed-password",
        "database-url-version",
    }
    assert resources_with(state, TOKEN) == {f"{name}-image-build" for name in CATALOGUE.names}
    for secret in (password(state), TOKEN):
        assert resources_with(resources(dev.home), secret) == set()


def test_no_file_of_the_state_directory_has_a_secret_in_plain_text(dev: Checkout) -> None:
    """The store, the state, its backups and its history."""
    content = {path: path.read_bytes() for path in dev.home.path.rglob("*") if path.is_file()}
    assert dev.home.path / "cloud.sqlite" in content
    secrets = [each.encode() for each in (password(decrypted(dev)), TOKEN)]
    assert [path for path, data in content.items() if any(secret in data for secret in secrets)] == []


def test_the_diff_of_a_rotated_password_shows_no_secret(dev: Checkout) -> None:
    passwords = [password(decrypted(dev))]
    dev.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    lines: list[str] = []
    operations: tuple[Operation, ...] = ("preview", "up", "refresh")
    for operation in operations:
        assert replace(dev.simulator, report=lines.append, diff=True).run(operation, "dev").succeeded
    passwords.append(password(decrypted(dev)))
    assert passwords[0] != passwords[1]
    output = "\n".join(lines)
    assert "keepers" in output  # so the diff shows properties
    assert [secret for secret in (*passwords, TOKEN, "postgres://") if secret in output] == []


def test_containers_name_secrets_by_arn_and_version(dev: Checkout) -> None:
    definitions = [
        json.loads(each["inputs"]["containerDefinitions"])[0]
        for each in resources(dev.home)
        if each["type"] == types.TASK_DEFINITION
    ]
    references = [secret["valueFrom"] for each in definitions for secret in each["secrets"]]
    named = {each.partition(":::")[0].rsplit("-", 2)[0] for each in references}
    assert named == {"arn:aws:secretsmanager:us-east-1:000000000000:secret:database-url"}
    assert all(":::" in each for each in references)
