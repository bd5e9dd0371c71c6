"""The stack files in the folder of the program: their names, their key and how to read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import yaml
from yaml.reader import ReaderError

from config import go_yaml
from config.problems import Locations, UserError, did_you_mean, nearest, step

KEY = "marginalia:stack"
"""The configuration key with all settings of the program."""
TOP_LEVEL = frozenset({"config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider"})
"""https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/"""


class StackFileError(UserError):
    """A stack file does not exist or cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A stack file that was read."""

    name: str
    """The file's name, for messages."""
    config: dict[str, Any]
    """The mapping under `config`."""
    locations: Locations = field(default_factory=Locations)
    """The locations below `config`."""


def name(stack: str) -> str:
    """The name of a stack's file."""
    return f"Pulumi.{stack}.yaml"


def stacks(root: Path) -> list[str]:
    """The names of the stacks that have a file, sorted."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in root.glob("Pulumi.*.yaml"))


def text(file: Path) -> str:
    """The content of a stack file. Raises StackFileError."""
    if not file.is_file():
        names = stacks(file.parent)
        close = nearest(file.name.removeprefix("Pulumi.").removesuffix(".yaml"), names)
        hint = f" Did you mean {close}?" if close else ""
        raise StackFileError(f"{file.name}: does not exist.{hint} There are stack files for {_listed(names)}.")
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        raise StackFileError(f"{file.name}: cannot be read as UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise StackFileError(f"{file.name}: cannot be read ({error.strerror}).") from None


def config(file: Path) -> dict[str, Any]:
    """The mapping under `config`. Raises StackFileError."""
    return read(file).config


def builds(config: Mapping[str, Any]) -> bool:
    """Whether a stack with this configuration builds its images; one that does not runs the images of another stack."""
    section = config.get(KEY)
    return isinstance(section, dict) and "build" in section


def read(file: Path) -> Document:
    """A stack file with the locations of its keys. Raises StackFileError."""
    return parse(file, text(file))


@lru_cache(maxsize=16)  # a command needs a file several times, and reading YAML is slow
def parse(file: Path, content: str) -> Document:
    """The stack file with this text; not to be changed. Raises StackFileError."""
    try:
        root = go_yaml.compose(content)
        parsed = None if root is None else go_yaml.value(root)
    except yaml.YAMLError as error:
        raise StackFileError(_invalid(file.name, error, content)) from None
    found = cast(dict[str, Any], parsed).get("config") if isinstance(parsed, dict) else None
    if root is None or not isinstance(found, dict):
        keys = list(cast(dict[str, Any], parsed)) if isinstance(parsed, dict) else []
        close = nearest("config", keys)
        hint = f" Did you mean config in place of {close}?" if close and close != "config" else ""
        state = "must be a mapping" if "config" in keys else "missing"
        raise StackFileError(f"{file.name}: config: {state}.{hint} Its keys are aws:region and {KEY}.")
    _check_top_level(file, root)
    return Document(name=file.name, config=cast(dict[str, Any], found), locations=_locations(root))


def _check_top_level(file: Path, root: yaml.Node) -> None:
    """Pulumi ignores other keys beside `config`: a section without its indentation would have no effect."""
    wrong = [
        f"{file.name}:{key.start_mark.line + 1}: {path[0]}: no such key beside config.{_meant(path[0])}"
        for path, key, _ in go_yaml.locations(root)
        if len(path) == 1 and path[0] not in TOP_LEVEL and not path[0].startswith("x-")
    ]
    if wrong:
        raise StackFileError("\n".join(wrong))


def _meant(key: str) -> str:
    """A sentence on what to do with a key beside `config`, with a space before it."""
    if ":" in key:
        return " Indent it, so that it is under config."
    return did_you_mean(key, TOP_LEVEL) or f" Indent it, so that it is under {KEY}."


def _locations(root: yaml.Node) -> Locations:
    lines: dict[str, int] = {}
    scalars: dict[str, str] = {}
    for path, key, value in go_yaml.locations(root):
        if path[0] != "config" or len(path) == 1:
            continue
        # The key of a namespace is not quoted in a message.
        shown = ".".join([path[1], *map(step, path[2:])])
        lines.setdefault(shown, key.start_mark.line + 1)
        if isinstance(value, yaml.ScalarNode) and value.style is None:
            scalars.setdefault(shown, value.value)
    return Locations(lines=lines, scalars=scalars)


def _invalid(file: str, error: yaml.YAMLError, content: str) -> str:
    """The messages for a text that is not YAML, without its values: PyYAML's message quotes the line."""
    if isinstance(error, go_yaml.DuplicateKeysError):
        return "\n".join(
            f"{file}:{second}: {'.'.join([*path[1:2], *map(step, path[2:])] or path)}: given twice, first in line"
            f" {first}. Remove one of the two."
            for path, first, second in error.duplicates
        )
    if isinstance(error, ReaderError):
        line = content.count("\n", 0, error.position) + 1
        return f"{file}:{line}: is not YAML: a control character is not allowed. Remove it."
    mark = getattr(error, "problem_mark", None)
    # A quoted name may be of the file: the name of an anchor or of a tag, such as a password that begins with * or !.
    problem = getattr(error, "problem", None) or str(error)
    what = re.sub(r"(?: for the tag|(?<=alias)|(?<=anchor)|(?<=handle)) (['\"]).*\1", "", problem, flags=re.DOTALL)
    what = what.partition("\n")[0]
    if not mark:
        return f"{file}: is not YAML: {what}."
    lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", content)
    line = lines[mark.line] if mark.line < len(lines) else ""
    return f"{file}:{mark.line + 1}: is not YAML: {what} (column {mark.column + 1}).{_cure(problem, line)}"


def _cure(problem: str, line: str) -> str:
    """A sentence for the usual causes, with a space before it."""
    if re.search(r"[^\s{\[,:\"']\{\w+\}", line):
        return ' Put a text with braces in quotes, such as "../mrgnl-{service}".'
    if "'\\t'" in problem:
        return " Indent with spaces, not tabs."
    if "mapping values are not allowed" in problem:
        return " Put a text with a colon in quotes, or correct the indentation."
    if "cannot start any token" in problem or "alias" in problem or "tag" in problem or "is no " in problem:
        return " Put the text in quotes."
    if "block" in problem or "<block" in problem:
        return " Check the indentation of the lines around it."
    return ""


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "no stack"
