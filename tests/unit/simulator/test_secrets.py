from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from config.load import Configuration
from config.problems import UserError
from ecs import types
from simulator import secrets
from simulator.cloud import REDACTED
from simulator.home import Home
from simulator.program import Program
from tests.unit.config.stack_settings import SIGNED, read
from tests.unit.simulator.world import World

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:smtp-password-40cd6e"
SERVICES = """\
from config.catalogue import Entry
SERVICES = (
    Entry(name="mailsvc", port=9005, secrets=("SMTP_PASSWORD",)),
    Entry(name="newsvc", port=9006, secrets=("SMTP_PASSWORD", "OTHER")),
)
"""
STACK = 'config: {{"aws:region": us-east-1, "marginalia:stack": {{account: "{}"}}}}'


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """With two services that have a secret, and a stack file that is not complete yet."""
    (tmp_path / "services.py").write_text(SERVICES)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK.format("000000000000"))
    return Program(tmp_path)


def lines(program: Program, name: str = "smtp-password") -> list[str]:
    return list(secrets.lines(Home(program.root / "home"), program, "dev", name))


def test_the_printed_lines_are_those_of_each_service_that_declares_the_variable(program: Program) -> None:
    assert lines(program)[1:] == [
        f"    {ARN}",
        "Lines for Pulumi.dev.yaml, below marginalia:stack:",
        "    secrets:",
        "      mailsvc:",
        f"        SMTP_PASSWORD: {ARN}",
        "      newsvc:",
        f"        SMTP_PASSWORD: {ARN}",
    ]


@pytest.mark.parametrize(
    ("name", "variable"),
    [("smtp/password", "SMTP_PASSWORD"), ("Other", "OTHER"), ("none", "VARIABLE"), ("2fa+key", "VARIABLE")],
)
def test_a_name_leads_to_the_variable_that_is_spelt_alike(program: Program, name: str, variable: str) -> None:
    assert [line.split(": arn")[0].strip() for line in lines(program, name) if ": arn" in line][-1] == variable


def test_a_second_time_the_secret_is_the_same_also_in_an_empty_state_directory(program: Program) -> None:
    assert lines(program) == lines(program)
    assert list(secrets.listed(Home(program.root / "home"))) == [ARN]
    assert list(secrets.lines(Home(program.root / "other"), program, "dev", "smtp-password")) == lines(program)


def test_a_stack_on_aws_is_refused_with_the_command_that_creates_a_secret_there(program: Program) -> None:
    (program.root / "Pulumi.dev.yaml").write_text(STACK.format("111122223333"))
    with pytest.raises(UserError, match="aws secretsmanager create-secret --name smtp-password") as refused:
        lines(program)
    assert "\n" not in str(refused.value)
    assert not (program.root / "home").exists()


@pytest.mark.parametrize("name", ["", "a b", "a'b", "a:b", "a" * 256, "$(id)"])
def test_a_name_that_aws_refuses_is_refused(name: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="not a name of a secret"):
        secrets.name(name)


def test_a_secret_has_a_version_and_no_value(world: World) -> None:
    arn = secrets.create(world.store, "smtp-password", account=world.account, region=world.region)
    [secret], [version] = world.all(types.SECRET), world.all(types.SECRET_VERSION)
    assert (secret.properties["arn"], version.properties["secretId"]) == (arn, arn)
    assert {secret.properties["secretString"], version.properties["secretString"]} == {REDACTED}


def test_the_name_of_a_secret_that_pulumi_manages_is_taken(world: World) -> None:
    world.create(types.SECRET, "urn:pulumi:dev::it", name="smtp-password")
    with pytest.raises(UserError, match="the name is taken by urn:pulumi:dev::it"):
        secrets.create(world.store, "smtp-password", account=world.account, region=world.region)
    secrets.create(world.store, "smtp-password", account="000000000001", region=world.region)


def test_pulumi_cannot_take_the_name_of_a_secret_that_it_does_not_manage(world: World) -> None:
    arn = secrets.create(world.store, "smtp-password", account=world.account, region=world.region)
    assert f"name 'smtp-password' is taken by {arn}" in world.rejection(types.SECRET, name="smtp-password")


def test_the_secrets_of_a_stack_file_are_those_of_simulated_accounts_with_their_versions(world: World) -> None:
    section = {"secrets": {"a": {"A": f"{ARN}:::v1", "B": 5, "C": ARN.replace("0" * 12, "111122223333")}, "b": {}}}
    secrets.take_as_created(world.store, secrets.configured(section))
    assert [each.id for each in world.store.find(types.SECRET)] == [ARN]
    assert "v1" in {each.properties["versionId"] for each in world.store.find(types.SECRET_VERSION)}


@pytest.mark.parametrize("section", [None, [], {"secrets": None}, {"secrets": {"a": "b"}}, {"secrets": []}, "text"])
def test_an_invalid_section_names_no_secret(section: object) -> None:
    assert secrets.configured(section) == []


def problems(world: World, reference: str) -> list[str]:
    """The problems of a stack file whose authsvc has this secret, without the place."""
    settings = read(
        f"account: '{world.account}'\nsecrets: {{authsvc: {{SIGNING_KEY: '{reference}'}}}}", catalogue=SIGNED
    )
    configuration = Configuration(catalogue=SIGNED, settings=settings, region=world.region)
    where = "Pulumi.test.yaml: marginalia:stack.secrets.authsvc.SIGNING_KEY: "
    return [each.removeprefix(where) for each in secrets.problems(world.store, configuration, "test")]


@pytest.mark.parametrize("account", ["000000000000", "111122223333"])
def test_a_secret_that_a_stack_created_is_checked_whatever_its_account(world: World, account: str) -> None:
    world = world.replace(account=account)
    arn = world.create(types.SECRET, "key", name="signing-key").id
    version = world.create(types.SECRET_VERSION, secretId=arn, secretString="x").properties["versionId"]
    assert problems(world, arn) == problems(world, f"{arn}:::{version}") == []
    assert problems(world, f"{arn}:::gone") == ["the secret has no version gone. Remove the version from the ARN."]
    [problem] = problems(world, f"{arn[:-6]}AbCdEf")
    assert "has no secret" in problem if account.startswith("0" * 11) else arn in problem


def test_a_secret_that_no_stack_created_is_taken_as_named_unless_its_account_is_simulated(world: World) -> None:
    [problem] = problems(world, ARN)
    assert "the simulated account 000000000000 has no secret" in problem
    assert problems(world.replace(account="111122223333"), ARN.replace("0" * 12, "111122223333")) == []
