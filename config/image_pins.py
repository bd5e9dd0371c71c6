"""Edits the `images` mapping of a stack file in place; every other byte stays unchanged.

PyYAML reports the position of the mapping, and only that part of the text is replaced. Loading and dumping the file,
even with a library that preserves comments, would change line endings, indentation or quotes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from config import go_yaml, stackfile
from config.problems import UserError
from config.stackfile import KEY

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""https://yaml.org/spec/1.1/#id871136"""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    path: Path
    text: str
    region: str
    settings: Mapping[str, Any]
    """The mapping under marginalia:stack."""
    images: Mapping[str, str]
    """The mapping `images` of the settings; empty without that key."""

    @property
    def builds(self) -> bool:
        """Whether the stack builds its images, and pins none."""
        return self.settings.get("build") is not None


def read(path: Path) -> StackFile:
    """Reads a stack file. Raises UserError if its settings or images are not mappings of strings."""
    text = stackfile.text(path)
    config = stackfile.parse(path, text).config
    settings = _mapping(config, KEY, f"{path.name}: {KEY}: must be a mapping. docs/stack-file.md lists its keys.")
    valid = f"{path.name}: {KEY}.images: must be a mapping of service names to images by digest."
    images = _mapping(settings, "images", valid) if settings.get("images") is not None else {}
    if not all(isinstance(each, str) for pair in images.items() for each in pair):
        raise UserError(valid)
    return StackFile(path=path, text=text, region=str(config.get("aws:region", "")), settings=settings, images=images)


def save(file: StackFile, text: str) -> None:
    """Writes the file atomically. Raises UserError if it cannot be written or has changed since it was read."""
    path = file.path.resolve()
    try:
        if path.read_bytes() != file.text.encode():
            raise UserError(f"{file.path.name}: changed since it was read. Run the command again.")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode())
            shutil.copymode(path, temporary)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(f"{file.path.name}: cannot be written ({error.strerror}). Run the command again.") from None


def edited(file: StackFile, images: Mapping[str, str], notes: Mapping[str, str]) -> str:
    """The file's text with these images, sorted by name. Each changed image has its note as its comment.

    Unchanged images return the unchanged text, whatever their order and comments. Raises UserError for a mapping that
    cannot be edited in place, such as one inside braces or with anchors.
    """
    if images == file.images:
        return file.text
    refusal = UserError(
        f"{file.path.name}: {KEY}.images: cannot be edited in place. Write it as a block, one service per line."
    )
    location = _location(file.text)
    if location is None:
        raise refusal
    entries = {} if location.is_inline else _entries(file.text, location)
    written: list[str] = []
    for name in sorted(images):
        comments, line = entries.get(name, ("", None))
        if line is None or images[name] != file.images.get(name):
            line = f"{location.indentation}{_key(name)}: {images[name]} # {notes[name]}"
        written.append(comments + line)
    text = _replaced(file.text, location, written)
    # Verify the edit: parsed again, the file must differ in its images alone. With braces or anchors it may not.
    expected = {**cast(dict[str, Any], go_yaml.load(file.text))}
    expected["config"] = {**expected["config"], KEY: {**file.settings, "images": dict(images)}}
    try:
        if go_yaml.load(text) == expected:
            return text
    except yaml.YAMLError:
        pass
    raise refusal


@dataclass(frozen=True, kw_only=True)
class _Location:
    """The location of the `images` mapping, as offsets in the text."""

    key_end: int
    """The offset after the colon of `images:`."""
    value_end: int
    is_inline: bool
    """Whether the value begins on the key's line: `{}`, or nothing."""
    indentation: str
    """The indentation of an entry."""
    node: yaml.Node


def _location(text: str) -> _Location | None:
    """None without such a key."""
    node = cast(yaml.Node, go_yaml.compose(text))
    column = 0
    for name in ("config", KEY, "images"):
        found = next((pair for pair in _pairs(node) if pair[0].value == name), None)
        if found is None:
            return None
        key, node = found
        step, column = key.start_mark.column - column, key.start_mark.column
    is_inline = not isinstance(node, yaml.MappingNode) or bool(node.flow_style)
    depth = column + step if is_inline else node.start_mark.column
    return _Location(
        key_end=text.index(":", key.end_mark.index) + 1,
        value_end=node.end_mark.index if is_inline else _end_of_last(text, node),
        is_inline=is_inline,
        indentation=" " * depth,
        node=node,
    )


def _entries(text: str, location: _Location) -> dict[str, tuple[str, str]]:
    """By service: the comments and blank lines above its entry, and the entry without its line ending."""
    entries: dict[str, tuple[str, str]] = {}
    start = _after_line(text, location.key_end)
    for key, value in _pairs(location.node):
        line = key.start_mark.index - key.start_mark.column
        end = _end_of_line(text, _end(text, value))
        entries[key.value] = (text[start:line], text[line:end])
        start = _after_line(text, end)
    return entries


def _replaced(text: str, location: _Location, written: list[str]) -> str:
    """The text with these lines as the mapping's entries. A missing last line ending stays missing."""
    line_end = _end_of_line(text, location.value_end)
    found = LINE_BREAK.search(text, location.key_end) or LINE_BREAK.search(text)
    line_break = found[0] if found else "\n"
    if location.is_inline:
        head = text[: location.key_end] + text[location.value_end : line_end] + line_break
    else:
        head = text[: _after_line(text, location.key_end)]
    return head + line_break.join(written) + text[line_end:]


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    return cast(list[tuple[yaml.Node, yaml.Node]], node.value)


def _end_of_last(text: str, node: yaml.Node) -> int:
    return _end(text, _pairs(node)[-1][1])


def _end(text: str, value: yaml.Node) -> int:
    """The offset after a value. The end mark of a block scalar is at the next token, so white space is removed."""
    return len(text[: value.end_mark.index].rstrip())


def _end_of_line(text: str, position: int) -> int:
    found = LINE_BREAK.search(text, position)
    return found.start() if found else len(text)


def _after_line(text: str, position: int) -> int:
    found = LINE_BREAK.search(text, position)
    return found.end() if found else len(text)


def _key(name: str) -> str:
    """The name as a YAML key, quoted if YAML would not parse it as a string."""
    return name if go_yaml.load(name) == name and yaml.safe_load(name) == name else json.dumps(name)


def _mapping(within: object, key: str, valid: str) -> dict[str, Any]:
    value = cast(dict[str, Any], within).get(key) if isinstance(within, dict) else None
    if not isinstance(value, dict):
        raise UserError(valid)
    return cast(dict[str, Any], value)
