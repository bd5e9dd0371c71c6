"""Loads the catalogue and the settings of a stack, and validates them as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pydantic import ValidationError

from config import catalogue, rules, stackfile
from config.catalogue import Catalogue, Entry
from config.fields import REGION
from config.problems import Problem, UserError, from_pydantic
from config.settings import Section, Settings, json_schema
from config.stackfile import KEY
from ecs.image import Build, Reference


class SettingsError(UserError):
    """A stack file is invalid. The message names every problem, one a line."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The validated configuration of one stack."""

    catalogue: Catalogue
    settings: Settings
    region: str

    @property
    def services(self) -> Catalogue:
        """The services that the stack runs: all of them if it builds, those with a pinned image otherwise."""
        images = self.settings.images
        return self.catalogue if images is None else self.catalogue.only(images)

    @property
    def public_service(self) -> Entry | None:
        return next((entry for entry in self.services if entry.public), None)

    def image(self, entry: Entry) -> Build | Reference:
        if self.settings.build:
            return Build(context=self.settings.build.context_of(entry), consumers=self.settings.build.consumers)
        return Reference.parse((self.settings.images or {})[entry.name])


def running_stack(root: Path) -> Configuration:
    """The configuration of the stack that Pulumi runs. Raises CatalogueError and SettingsError."""
    namespace, key = KEY.split(":")
    text = pulumi.Config(namespace).get(key)
    return _configuration(root, pulumi.get_stack(), text, pulumi.Config("aws").get("region") or "")


def stack_file(root: Path, stack: str) -> Configuration:
    """The configuration of a stack's file. Raises CatalogueError, StackFileError and SettingsError."""
    config = stackfile.config(root / stackfile.name(stack))
    if others := sorted(set(config) - {"aws:region", KEY}):
        found = f"{stackfile.name(stack)}: {', '.join(others)}"
        raise SettingsError(f"{found}: no such key; the keys are aws:region and {KEY}")
    return _configuration(root, stack, json.dumps(config.get(KEY), default=str), str(config.get("aws:region", "")))


def _configuration(root: Path, stack: str, text: str | None, region: str) -> Configuration:
    services = catalogue.load(root)
    settings = parse(text, region=region, file=stackfile.name(stack), catalogue=services, root=root)
    return Configuration(catalogue=services, settings=settings, region=region)


def parse(text: str | None, *, region: str, file: str, catalogue: Catalogue, root: Path) -> Settings:
    """Parses and validates the JSON value of `marginalia:stack`. Raises SettingsError, which names every problem.

    `root` is the folder of the program, to which build contexts are relative; messages name `file`.
    """
    problems: list[Problem] = []
    if not re.fullmatch(REGION, region):
        valid = "a region of the partition aws, such as us-east-1"
        problems.append(Problem(path="aws:region", value=region or None, valid=valid))
    valid_values: dict[type[Section], Mapping[str, Any]] = {}
    settings = None
    try:
        settings = Settings.model_validate_json(text or "{}", context=valid_values)
    except ValidationError as error:
        problems += [from_pydantic(detail, json_schema()).below(KEY) for detail in error.errors()]
    context = rules.Context(catalogue=catalogue, region=region, root=root)
    problems += [each.below(KEY) for each in rules.problems(valid_values, context)]
    if settings is None or problems:
        raise SettingsError("\n".join(sorted(each.line(file) for each in problems)))
    return settings
