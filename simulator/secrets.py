"""Simulated secrets, outside of Pulumi as on AWS: `make destroy` keeps them. The simulator stores no value."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from config import load, stackfile
from config.catalogue import Catalogue
from config.catalogue import load as load_catalogue
from config.fields import is_simulated
from config.problems import UserError
from config.stackfile import KEY
from ecs import types
from ecs.iam import SECRET_REFERENCE, secret_arn
from simulator.aws import secretsmanager
from simulator.cloud import REDACTED
from simulator.home import Home
from simulator.program import Program
from simulator.store import Object, Store

NAME = "[A-Za-z0-9/_+=.@-]{1,255}"
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""


def name(text: str) -> str:
    """An argument that is the name of a secret."""
    if not re.fullmatch(NAME, text):
        valid = "1 to 255 letters, digits and /_+=.@-, such as smtp-password"
        raise argparse.ArgumentTypeError(f"{text!r}: not a name of a secret. Use {valid}.")
    return text


def create(store: Store, name: str, *, account: str, region: str) -> str:
    """Creates the secret if it does not exist and returns its ARN.

    The ARN follows from the name, so that a stack file stays valid when the state directory is removed and the secret
    is created again. Raises UserError if another secret has the name.
    """
    suffix = hashlib.sha256(f"{account} {region} {name}".encode()).hexdigest()[:6]
    arn = f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}"
    with store.transaction():
        for other in store.located(types.SECRET, account, region, name=name):
            if other.id != arn:
                raise UserError(f"secret {name}: the name is taken by {other.urn or other.id}. Choose another name.")
        _put(store, arn)
    return arn


def take_as_created(store: Store, references: Iterable[str]) -> None:
    """Creates the secrets of simulated accounts that these `valueFrom` references name, with their versions."""
    with store.transaction():
        for reference in references:
            if is_simulated(reference.split(":")[4]):
                _put(store, secret_arn(reference), reference.split(":")[9:])


def configured(section: Any) -> list[str]:
    """The `valueFrom` references in the mapping under `marginalia:stack`; none if the mapping is invalid."""
    try:
        references: list[Any] = [each for variables in section["secrets"].values() for each in variables.values()]
    except (KeyError, TypeError, AttributeError):
        return []
    return [each for each in references if re.fullmatch(SECRET_REFERENCE, str(each))]


def problems(store: Store, configuration: load.Configuration, stack: str) -> Iterator[str]:
    """One line for each secret in the stack file that the stack's tasks could not read.

    A secret of a real account is taken as named, unless a stack here created it or another one with its name.
    """
    account, region = configuration.settings.account, configuration.region
    for service, variables in configuration.settings.secrets.items():
        for variable, reference in variables.items():
            arn = secret_arn(reference)
            if service not in configuration.running:
                continue
            where = f"{stackfile.name(stack)}: {KEY}.secrets.{service}.{variable}"
            existing = store.find(types.SECRET, arn=arn)
            if not is_simulated(arn.split(":")[4]) and not existing:
                if real := secretsmanager.arn_of_name(store, arn):
                    yield f"{where}: no secret has the ARN {arn}. The ARN of the secret with this name is {real}."
            elif is_simulated(arn.split(":")[4]) and not any(
                (each.account, each.region) == (account, region) for each in existing
            ):
                name = arn.split(":")[6][:-7]
                yield (
                    f"{where}: the simulated account {account} has no secret {arn} in {region}."
                    f" Create it and use the ARN that is printed: make secret NAME={name} STACK={stack}"
                )
            elif (version := "".join(reference.split(":")[9:])) and version not in _versions(store, arn):
                yield f"{where}: the secret has no version {version}. Remove the version from the ARN."


def lines(home: Home, program: Program, stack: str, name: str) -> Iterator[str]:
    """Creates the secret and describes it: its ARN and the lines for the stack file. Raises UserError."""
    config, file = program.config(stack), stackfile.name(stack)
    account, region = program.account(stack), str(config.get("aws:region"))
    if not is_simulated(account):
        raise UserError(
            f"{file}: account {account} is not simulated, and the simulator takes its secrets as given."
            f" Create the secret on AWS, which reads the value from standard input:"
            f" aws secretsmanager create-secret --name {name} --secret-string file:///dev/stdin --region {region}"
        )
    with home.store() as store:
        arn = create(store, name, account=account, region=region)
    yield f"Secret {name} of the simulated account {account}; it has no value, as no task runs:"
    yield f"    {arn}"
    yield f"Lines for {file}, below {KEY}:"
    variable = re.sub("[^A-Z0-9]+", "_", name.upper()).strip("_")
    yield from (f"    {line}" for line in _yaml(load_catalogue(program.root), variable, arn))


def _yaml(catalogue: Catalogue, variable: str, arn: str) -> Iterator[str]:
    """The section `secrets` with the variable of each service and job that declares it."""
    services = [name for name, each in catalogue.declared.items() if variable in each.secrets]
    yield "secrets:"
    for service in services or ["SERVICE"]:
        yield f"  {service}:"
        yield f"    {variable if services else 'VARIABLE'}: {arn}"


def listed(home: Home) -> Iterator[str]:
    """The ARNs of the simulated secrets that Pulumi does not manage."""
    with home.store() as store:
        yield from (each.id for each in store.find(types.SECRET) if not each.urn)


def _put(store: Store, arn: str, versions: Iterable[str] = ()) -> None:
    _, _, _, region, account, _, name = arn.split(":")
    first = hashlib.sha256(arn.encode()).hexdigest()[:32]
    given = {"account": account, "region": region, "urn": "", "run": ""}
    store.put(
        Object(kind=types.SECRET, id=arn, properties={"arn": arn, "name": name[:-7], "secretString": REDACTED}, **given)
    )
    for version in {first, *filter(None, versions)}:
        properties = {"arn": arn, "secretId": arn, "versionId": version, "secretString": REDACTED}
        store.put(Object(kind=types.SECRET_VERSION, id=f"{arn}|{version}", properties=properties, **given))


def _versions(store: Store, arn: str) -> set[str]:
    return {each.properties["versionId"] for each in store.find(types.SECRET_VERSION, secretId=arn)}
