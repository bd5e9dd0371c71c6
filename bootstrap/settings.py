"""The keys of bootstrap/Pulumi.<stack>.yaml. Account, region and names are those of Pulumi.<stack>.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pulumi
from pydantic import Field, ValidationError

from bootstrap import scope
from bootstrap.scope import Scope
from config import load, siblings, stackfile
from config.fields import BucketName, text
from config.load import SettingsError
from config.problems import Problem, UserError, did_you_mean, from_pydantic
from config.settings import Section
from config.stackfile import Document

KEY = "marginalia:bootstrap"
ROLE_NAME = 64
"""Characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

# https://docs.github.com/en/actions/concepts/security/openid-connect
Owner = Annotated[str, text("[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?", "a user or an organisation of GitHub")]
RepositoryName = Annotated[str, text("[A-Za-z0-9._-]{1,100}", "a repository's name, without its owner")]


class GitHub(Section):
    """The repository whose workflows deploy the stack: `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'`."""

    owner: Owner
    owner_id: int = Field(ge=1)
    repository: RepositoryName
    repository_id: int = Field(ge=1)


class Settings(Section):
    """The keys under `marginalia:bootstrap`."""

    state_bucket: BucketName
    """The bucket of the stack's state. S3 names are global."""
    github: GitHub
    create_oidc_provider: bool = True
    """False if the account has GitHub's OIDC provider: it has one for all stacks and repositories."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    settings: Settings
    scope: Scope


def running_stack(root: Path) -> Configuration:
    """The configuration of the stack that Pulumi runs. `root` is the folder of the repository. Raises UserError."""
    namespace, key = KEY.split(":")
    text = pulumi.Config(namespace).get(key)
    return _configuration(root, pulumi.get_stack(), text, Document(name=file_name(pulumi.get_stack()), config={}))


def stack_file(root: Path, stack: str) -> Configuration:
    """The configuration of a stack's files. Raises UserError, with one line for each problem."""
    file = stackfile.read(root / file_name(stack))
    text = json.dumps(file.config[KEY]) if KEY in file.config else None
    return _configuration(root, stack, text, file)


def file_name(stack: str) -> str:
    return f"bootstrap/{stackfile.name(stack)}"


def _configuration(root: Path, stack: str, text: str | None, file: Document) -> Configuration:
    lines: list[str] = []
    problems, settings = _parse(text, file)
    found: Scope | None = None
    try:
        configured = load.stack_file(root, stack)
        found = scope.of(stack, configured, siblings.read(root, stack))
        if settings:
            problems += _rules(settings, found)
        lines += [
            each.line(stackfile.name(stack)) for each in _boundary(configured.settings.permissions_boundary, found)
        ]
    except UserError as error:
        lines.append(str(error))
    lines += [each.line(file_name(stack), file.locations) for each in problems]
    if lines or not settings or not found:
        raise SettingsError("\n".join(lines))
    return Configuration(settings=settings, scope=found)


def _parse(text: str | None, file: Document) -> tuple[list[Problem], Settings | None]:
    problems = [
        Problem(path=key, valid=f"no such key.{did_you_mean(key, [KEY])} The key is {KEY}.")
        for key in sorted(set(file.config) - {KEY})
    ]
    if text is None:
        keys = ", ".join(sorted(Settings.model_json_schema()["properties"]))
        return [*problems, Problem(path=KEY, valid=f"missing. Its keys are {keys}.")], None
    try:
        return problems, Settings.model_validate_json(text)
    except ValidationError as error:
        found, _ = from_pydantic(error.errors(), Settings.model_json_schema())
        return problems + [each.below(KEY) for each in found], None


def _rules(settings: Settings, found: Scope) -> Iterator[Problem]:
    if settings.state_bucket == found.bucket:
        valid = "must differ from marginalia:stack.bucket.name, which is for content."
        yield Problem(path=f"{KEY}.state-bucket", value=settings.state_bucket, valid=valid)
    if len(longest := found.name("preview")) > ROLE_NAME:
        yield Problem(
            path=KEY, valid=f"the role {longest} would have more than {ROLE_NAME} characters. Rename the stack."
        )


def _boundary(configured: str | None, found: Scope) -> Iterator[Problem]:
    if configured not in (None, found.boundary_arn):
        valid = f"must be {found.boundary_arn}, which bootstrap creates."
        yield Problem(path="marginalia:stack.permissions-boundary", value=configured, valid=valid)
