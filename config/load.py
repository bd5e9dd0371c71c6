"""Loads the catalogue and the settings of a stack, and validates them as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pydantic import ValidationError

from config import catalogue, rules, siblings, stackfile
from config.catalogue import Catalogue, Entry, Job
from config.fields import regions
from config.job import LOGINS
from config.problems import Problem, UserError, did_you_mean, from_pydantic, nearest
from config.settings import Section, Settings, inner_section, json_schema
from config.siblings import Sibling
from config.stackfile import KEY, Document, StackFileError
from ecs.image import Build, Reference
from ecs.rollout import Strategy

LOGINS_CONTEXT = "image/logins"
"""The folder of the program's own job."""
KEYS = ("aws:region", KEY)
"""The configuration keys of a stack file."""


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
        return self.catalogue if images is None else self.catalogue.only(set(images) & set(self.catalogue.names))

    @property
    def jobs(self) -> list[Job]:
        """The jobs that the stack runs: all of them if it builds, those whose image is pinned otherwise."""
        images, jobs = self.settings.images, self.catalogue.jobs.values()
        return [job for job in jobs if images is None or job.pin in images]

    @property
    def running(self) -> Mapping[str, Entry | Job]:
        """The services and the jobs that the stack runs, by name."""
        return {each.name: each for each in (*self.services, *self.jobs)}

    @property
    def logins(self) -> Job | None:
        """The job that creates the services' logins; None if they have none."""
        return LOGINS if self.settings.database.logins != "shared" else None

    @property
    def database_users(self) -> list[str]:
        """The services and jobs that use the database."""
        return sorted(name for name, each in self.running.items() if each.database)

    @property
    def owners(self) -> list[Entry | Job]:
        """Those of them with an image of their own, and the job of the program."""
        return [*(each for name, each in self.running.items() if each.pin == name), *filter(None, [self.logins])]

    @property
    def public_service(self) -> Entry | None:
        return next((entry for entry in self.services if entry.public), None)

    @property
    def public_strategy(self) -> Strategy | None:
        """The deployment strategy of the public service; None without one."""
        return self.settings.strategy(self.public_service) if self.public_service else None

    def image(self, entry: Entry | Job) -> Build | Reference:
        """The image of a service, or the own image of a job."""
        if self.settings.build:
            context = LOGINS_CONTEXT if entry is LOGINS else self.settings.build.context_of(entry)
            return Build(context=context, consumers=self.settings.build.consumers)
        return Reference.parse((self.settings.images or {})[entry.name])


def running_stack(root: Path) -> Configuration:
    """The configuration of the stack that Pulumi runs. Raises CatalogueError and SettingsError."""
    namespace, key = KEY.split(":")
    text = pulumi.Config(namespace).get(key)
    region = pulumi.Config("aws").get("region") or ""
    stack = pulumi.get_stack()
    return _configuration(root, stack, text, region, _file_of(root, stack, text, region))


def stack_file(root: Path, stack: str) -> Configuration:
    """The configuration of a stack's file. Raises CatalogueError, StackFileError and SettingsError."""
    file = stackfile.read(root / stackfile.name(stack))
    text = json.dumps(file.config[KEY]) if KEY in file.config else None
    return _configuration(root, stack, text, _region(file), file)


def _configuration(root: Path, stack: str, text: str | None, region: str, file: Document | None) -> Configuration:
    services = catalogue.load(root)
    name = stackfile.name(stack)
    others = siblings.read(root, stack) if file else []
    settings = parse(text, region=region, file=file or name, catalogue=services, root=root, others=others)
    return Configuration(catalogue=services, settings=settings, region=region)


def _file_of(root: Path, stack: str, text: str | None, region: str) -> Document | None:
    """The stack's file in the program's folder, unless Pulumi has another configuration than this file's.

    It has with `--config-file`, with `--config`, and if a value is encrypted.
    """
    try:
        file = stackfile.read(root / stackfile.name(stack))
    except StackFileError:
        return None
    is_same = file.config.get(KEY) == (None if text is None else json.loads(text)) and _region(file) == region
    return file if is_same else None


def _region(file: Document) -> str:
    region = file.config.get("aws:region")
    return "" if region is None else region if isinstance(region, str) else json.dumps(region)


def parse(
    text: str | None,
    *,
    region: str,
    file: Document | str,
    catalogue: Catalogue,
    root: Path,
    others: Iterable[Sibling] = (),
) -> Settings:
    """Parses and validates the JSON value of `marginalia:stack`. Raises SettingsError, which names every problem.

    `root` is the folder of the program, to which build contexts are relative; messages name `file`, and the lines of a
    file that was read. `others` are the other stacks of the folder.
    """
    document = file if isinstance(file, Document) else Document(name=file, config={})
    problems = list(_unknown_keys(document.config))
    misspelt = {nearest(each.path, KEYS) for each in problems}
    if region not in regions() and not (not region and "aws:region" in misspelt):
        problems.append(_unknown_region(region))
    settings = None
    if text is not None:
        found, settings = _settings(text, rules.Context(catalogue=catalogue, region=region, root=root))
        problems += found
    elif KEY not in misspelt:
        problems.append(Problem(path=KEY, valid="missing. docs/stack-file.md lists its keys."))
    if settings and region in regions():
        problems += siblings.problems(siblings.of(document.name, settings, region), others, catalogue)
    if settings is None or problems:
        located = sorted(problems, key=lambda each: (document.locations.line(each.path), each.path, each.valid))
        raise SettingsError("\n".join(each.line(document.name, document.locations) for each in located))
    return settings


def _unknown_keys(config: Mapping[str, Any]) -> Iterator[Problem]:
    for key in sorted(set(config) - set(KEYS)):
        yield Problem(path=key, valid=f"no such key.{did_you_mean(key, KEYS)} The keys are {' and '.join(KEYS)}.")


def _unknown_region(region: str) -> Problem:
    valid = "a region of the partition aws, such as us-east-1."
    if not region:
        return Problem(path="aws:region", valid=f"missing. It must be {valid}")
    return Problem(path="aws:region", value=region, valid=f"must be {valid}{did_you_mean(region, regions())}")


def _settings(text: str, context: rules.Context) -> tuple[list[Problem], Settings | None]:
    problems: list[Problem] = []
    valid_values: dict[type[Section], dict[str, Any]] = {}
    misspelt: set[str] = set()
    settings = None
    try:
        settings = Settings.model_validate_json(text, context=valid_values)
    except ValidationError as error:
        problems, misspelt = from_pydantic(error.errors(), json_schema())
    for path in misspelt:
        # The key is there under another name: a rule must not take it for missing.
        _forget(path, valid_values)
    problems += rules.problems(valid_values, context)
    return [each.below(KEY) for each in problems], settings


def _forget(path: str, valid: Mapping[type[Section], dict[str, Any]]) -> None:
    """Removes the value of a key that has this path."""
    section: type[Section] = Settings
    *above, key = path.split(".")
    for each in above:
        section = inner_section(section, each) or section
    for name, info in section.model_fields.items():
        if info.alias == key:
            valid.get(section, {}).pop(name, None)
