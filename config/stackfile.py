"""The stack files in the folder of the program: their names, their key and how to read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import yaml

from config.problems import UserError

KEY = "marginalia:stack"
"""The configuration key with all settings of the program."""


class StackFileError(UserError):
    """A stack file does not exist or cannot be read."""


def name(stack: str) -> str:
    """The name of a stack's file."""
    return f"Pulumi.{stack}.yaml"


def stacks(root: Path) -> list[str]:
    """The names of the stacks that have a file, sorted."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in root.glob("Pulumi.*.yaml"))


def text(file: Path) -> str:
    """The content of a stack file. Raises StackFileError."""
    if not file.is_file():
        existing = ", ".join(stacks(file.parent)) or "none"
        raise StackFileError(f"{file.name} does not exist; there are stack files for {existing}")
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise StackFileError(f"{file.name} cannot be read as UTF-8 text") from None


def config(file: Path) -> dict[str, Any]:
    """The mapping under `config`. Raises StackFileError."""
    return parse(file, text(file))


def parse(file: Path, content: str) -> dict[str, Any]:
    """The mapping under `config` in this text of the file. Raises StackFileError."""
    try:
        parsed = yaml.safe_load(content)
    except yaml.YAMLError as error:
        # The problem and its position only: PyYAML's message quotes the line, which may have a secret.
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise StackFileError(f"{file.name} is not YAML: {what}{where}") from None
    found = cast(dict[str, Any], parsed).get("config") if isinstance(parsed, dict) else None
    if not isinstance(found, dict):
        raise StackFileError(f"{file.name}: config: a mapping of configuration keys")
    return cast(dict[str, Any], found)
