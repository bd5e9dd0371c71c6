"""The problems of one entry or job: fields of another type, invalid values and variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from config.declarations import Declaration
from config.entry_fields import kind, shown
from config.services_file import Found, Source

RESERVED = frozenset({"GRPC_PORT", "HTTP_PORT", "DATABASE_URL", "S3_BUCKET"})
"""Environment variables that the program sets from other fields."""
RESERVED_NAMES = frozenset({"database", "default", "endpoints", "https", "ingress", "logins", "postgres", "s3"})
"""Names of ingress and egress peers that are not services, of the default size in a stack file, and of the other
services in image/compose.yaml."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An entry or a job, and where it is declared."""

    index: int
    value: Any
    declaration: Declaration
    source: Source

    @property
    def label(self) -> str:
        """Its name, or its position if it has none."""
        has_name = self._has_type("name") and self.value.name.isprintable()
        return self.value.name if has_name else f"{self.declaration.listed}[{self.index}]"

    @property
    def invalid(self) -> set[str]:
        """The fields that are missing or have another type."""
        return {name for name in self.declaration.fields if self._is_missing(name) or not self._has_type(name)}

    def line(self, name: str | None = None) -> int:
        return self.source.line(self.index, name)

    def found(self, name: str, text: str) -> Found:
        """A problem of a field."""
        return Found(self.line(name), f"{self.label}.{name} {text}")

    def fields(self) -> Iterator[Found]:
        """The problems that each field has by itself. Of a wrong type, no other one is reported."""
        for name, rule in self.declaration.fields.items():
            if self._is_missing(name):
                continue  # the source's own problems say it
            value = getattr(self.value, name)
            if not rule.has_type(value):
                yield self._wrong_type(name)
            elif not rule.is_valid(value):
                yield self.found(name, f"is {shown(value)}: must be {rule.valid}.{rule.hint(value)}")
            elif name == "name" and value in RESERVED_NAMES:
                yield self.found(name, f"is {shown(value)}: must be another name, as this one is reserved.")

    def variables(self) -> Iterator[Found]:
        """The problems of the environment variables, if their types are valid."""
        if {"environment", "secrets"} & self.invalid:
            return
        own = [*self.value.environment, *self.value.secrets]
        for name in sorted(set(own)):
            line = self.line("secrets" if name in self.value.secrets else "environment")
            where = f"{self.label}: variable {shown(name.partition('=')[0])}"
            if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
                yield Found(line, f"{where}: must be upper-case letters, digits and underscores, a letter first.")
            elif own.count(name) > 1:
                yield Found(line, f"{where}: must be set once.")
            elif name.endswith("_SERVICE") or name in RESERVED:
                yield Found(line, f"{where}: must have another name, as the program sets this one.")

        for name, value in self.value.environment.items():
            if value == "":
                # The task definition that ECS returns lacks it and would be replaced in each preview.
                text = "must not be empty, as ECS drops empty variables. Leave it out."
                yield Found(self.line("environment"), f"{self.label}: variable {shown(name)}: {text}")

    def _wrong_type(self, name: str) -> Found:
        """A value of another type. Not shown for variables: it may be a secret."""
        value: object = getattr(self.value, name)
        if name == "environment" and isinstance(value, dict):
            for variable, each in cast(dict[object, object], value).items():
                if not (isinstance(variable, str) and isinstance(each, str)):
                    text = f"environment[{shown(variable)}] is {kind(each)}"
                    return Found(self.line(name), f'{self.label}.{text}: must be a text, such as "5".')
        value = getattr(self.value, name)
        text = kind(value) if name in ("environment", "secrets") else shown(value)
        return self.found(name, f"is {text}: must be {self.declaration.fields[name].valid}.")

    def _is_missing(self, name: str) -> bool:
        return getattr(self.value, name) is ...

    def _has_type(self, name: str) -> bool:
        return self.declaration.fields[name].has_type(getattr(self.value, name))
