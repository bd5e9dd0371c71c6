"""The stack files that lie beside the program: which there are, and what one says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import yaml
from pulumi import RunError


class StackFileError(RunError):
    """A stack file is not there, or cannot be read. The message says which, and what would be valid."""


def stacks(root: Path) -> list[str]:
    """The names of the stacks that there are files for."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in root.glob("Pulumi.*.yaml"))


def text(file: Path) -> str:
    """Raises StackFileError."""
    if not file.is_file():
        there = ", ".join(stacks(file.parent)) or "none"
        raise StackFileError(f"{file.name} does not exist; there are stack files for {there}")
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise StackFileError(f"{file.name} cannot be read as text") from None


def config(file: Path) -> dict[str, Any]:
    """What stands under `config`. Raises StackFileError."""
    return parse(file, text(file))


def parse(file: Path, content: str) -> dict[str, Any]:
    """What stands under `config` in this text of the file. Raises StackFileError."""
    try:
        said = yaml.safe_load(content)
    except yaml.YAMLError as error:
        # Only what is wrong, and where: PyYAML would quote the line, and a secret may stand in it.
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise StackFileError(f"{file.name} is not YAML: {what}{where}") from None
    found = cast(dict[str, Any], said).get("config") if isinstance(said, dict) else None
    if not isinstance(found, dict):
        raise StackFileError(f"{file.name}: config: a mapping of configuration keys")
    return cast(dict[str, Any], found)
