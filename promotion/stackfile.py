"""A stack file that takes promoted images: only its mapping of images changes, the rest stays byte for byte.

PyYAML tells where the mapping stands; what is written is cut out of the text and put into it. To load and dump the
file, even by a library that keeps comments, would lose line ends, indentation or quotes that nobody meant to change.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

import stackfiles
from mistakes import KEY
from promotion.errors import PromotionError

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""https://yaml.org/spec/1.1/#id871136"""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    path: Path
    text: str
    region: str
    settings: Mapping[str, Any]
    """What stands under marginalia:stack."""
    images: Mapping[str, str]
    """Of these, the images; empty when there is no such key."""


def read(path: Path) -> StackFile:
    """Raises PromotionError for a file that cannot take images, saying what would be valid."""
    try:
        text = stackfiles.text(path)
        config = stackfiles.parse(path, text)
    except stackfiles.StackFileError as error:
        raise PromotionError(str(error)) from None
    settings = _mapping(config, KEY, f"{path.name}: {KEY}: a mapping; settings.py has the keys")
    valid = f"{path.name}: {KEY}.images: a mapping of each service to its image by digest"
    images = _mapping(settings, "images", valid) if settings.get("images") is not None else {}
    if not all(isinstance(each, str) for pair in images.items() for each in pair):
        raise PromotionError(valid)
    return StackFile(path=path, text=text, region=str(config.get("aws:region", "")), settings=settings, images=images)


def has_changes(path: Path) -> bool:
    """Whether the file differs from what is committed. Raises PromotionError where git cannot say."""
    try:
        status = subprocess.run(
            ["git", "status", "--porcelain", "--", path.name],  # noqa: S607, whichever git is first on PATH is meant
            cwd=path.parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise PromotionError(f"{path.name}: there is no git on PATH to ask whether it is committed") from None
    if status.returncode:
        said = " ".join(status.stderr.split())
        raise PromotionError(f"{path.name}: git cannot say whether it is committed: {said}")
    return bool(status.stdout)


def save(file: StackFile, text: str) -> None:
    """All of it or nothing. Raises PromotionError when it cannot be, or somebody has written since it was read."""
    path = file.path.resolve()
    try:
        if path.read_bytes() != file.text.encode():
            raise PromotionError(f"{file.path.name}: somebody has changed it just now: try again")
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode())
            shutil.copymode(path, unfinished)
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PromotionError(f"{file.path.name} cannot be written: {error.strerror}: try again when it can") from None


def edited(file: StackFile, images: Mapping[str, str], note: str) -> str:
    """The file's text with these images, sorted; each one that is new has the note as its comment.

    The same images give the same text, whatever their order and notes. Raises PromotionError for a way of writing
    the mapping that cannot be edited in place.
    """
    if images == file.images:
        return file.text
    refusal = PromotionError(f"{file.path.name}: {KEY}.images: write it as a block, one service a line")
    place = _place(file.text)
    if place is None:
        raise refusal
    entries = {} if place.is_inline else _entries(file.text, place)
    written: list[str] = []
    for name in sorted(images):
        comments, line = entries.get(name, ("", None))
        if line is None or images[name] != file.images.get(name):
            line = f"{place.indentation}{_key(name)}: {images[name]} # {note}"
        written.append(comments + line)
    text = _replaced(file.text, place, written)
    # The proof: read again, it says what it said, but for the images. Within braces or with anchors it would not.
    expected = {**cast(dict[str, Any], yaml.safe_load(file.text))}
    expected["config"] = {**expected["config"], KEY: {**file.settings, "images": dict(images)}}
    try:
        if yaml.safe_load(text) == expected:
            return text
    except yaml.YAMLError:
        pass
    raise refusal


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where the images stand, as offsets in the text."""

    key_end: int
    """Behind the colon of `images:`."""
    value_end: int
    is_inline: bool
    """Whether the value begins on the key's line: `{}`, or nothing."""
    indentation: str
    """Of an entry."""
    node: yaml.Node


def _place(text: str) -> _Place | None:
    """None when they stand nowhere."""
    node = cast(yaml.Node, yaml.SafeLoader(text).get_single_node())
    column = 0
    for name in ("config", KEY, "images"):
        found = next((pair for pair in _pairs(node) if pair[0].value == name), None)
        if found is None:
            return None
        key, node = found
        step, column = key.start_mark.column - column, key.start_mark.column
    is_inline = not isinstance(node, yaml.MappingNode) or bool(node.flow_style)
    depth = column + step if is_inline else node.start_mark.column
    return _Place(
        key_end=text.index(":", key.end_mark.index) + 1,
        value_end=node.end_mark.index if is_inline else _end_of_last(text, node),
        is_inline=is_inline,
        indentation=" " * depth,
        node=node,
    )


def _entries(text: str, place: _Place) -> dict[str, tuple[str, str]]:
    """By service: the comments and blank lines above its line, and the line itself without its end."""
    entries: dict[str, tuple[str, str]] = {}
    start = _after_line(text, place.key_end)
    for key, value in _pairs(place.node):
        line = key.start_mark.index - key.start_mark.column
        end = _end_of_line(text, _end(text, value))
        entries[key.value] = (text[start:line], text[line:end])
        start = _after_line(text, end)
    return entries


def _replaced(text: str, place: _Place, written: list[str]) -> str:
    """What stands before and behind stays, a missing last line end included."""
    line_end = _end_of_line(text, place.value_end)
    found = LINE_BREAK.search(text, place.key_end) or LINE_BREAK.search(text)
    line_break = found[0] if found else "\n"
    if place.is_inline:
        head = text[: place.key_end] + text[place.value_end : line_end] + line_break
    else:
        head = text[: _after_line(text, place.key_end)]
    return head + line_break.join(written) + text[line_end:]


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    return cast(list[tuple[yaml.Node, yaml.Node]], node.value)


def _end_of_last(text: str, node: yaml.Node) -> int:
    return _end(text, _pairs(node)[-1][1])


def _end(text: str, value: yaml.Node) -> int:
    """Behind the last character of a value; that of a block scalar is marked where the next token begins."""
    return len(text[: value.end_mark.index].rstrip())


def _end_of_line(text: str, position: int) -> int:
    found = LINE_BREAK.search(text, position)
    return found.start() if found else len(text)


def _after_line(text: str, position: int) -> int:
    found = LINE_BREAK.search(text, position)
    return found.end() if found else len(text)


def _key(name: str) -> str:
    """The name as a key: in quotes where YAML would read something else than a text."""
    return name if yaml.safe_load(name) == name else json.dumps(name)


def _mapping(within: object, key: str, valid: str) -> dict[str, Any]:
    value = cast(dict[str, Any], within).get(key) if isinstance(within, dict) else None
    if not isinstance(value, dict):
        raise PromotionError(valid)
    return cast(dict[str, Any], value)
