"""YAML as Pulumi's CLI reads it: gopkg.in/yaml.v3 decides what a scalar is, not PyYAML.

The two differ where it surprises: `yes` and `2:00` are texts, `0o17` and `017` are the number 15, `120.0` is the
integer 120, and a mapping that has one key twice is an error. Some rare YAML that the CLI accepts is refused here, such
as a second document or a tag like `!set`; nothing that it refuses is accepted.
https://github.com/go-yaml/yaml/tree/v3.0.1#compatibility
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator
from typing import Any, ClassVar, cast

import yaml
from yaml.constructor import ConstructorError
from yaml.error import Mark, MarkedYAMLError

from config.go_scalars import INT_64, scalar

_TAG = "tag:yaml.org,2002:"
_SCALARS = ("null", "bool", "int", "float", "timestamp", "merge")
_EXACT = 1e21
"""From here on, Go writes a float with an exponent."""

_LARGEST = 100_000
"""Nodes of a document, with aliases expanded: yaml.v3 has such a limit, too."""


class DuplicateKeysError(MarkedYAMLError):
    """Mappings have keys twice. `duplicates` has each key's path, and the lines of its first and second location."""

    def __init__(self, duplicates: list[tuple[tuple[str, ...], int, int]], mark: Mark) -> None:
        super().__init__(None, None, "a key is given twice", mark)
        self.duplicates = duplicates


class Loader(yaml.SafeLoader):
    """Reads one document."""

    yaml_constructors: ClassVar[dict[str, Any]] = {**yaml.SafeLoader.yaml_constructors}  # pyright: ignore[reportIncompatibleVariableOverride]

    def scan_to_next_token(self) -> None:
        """Skips tabs between tokens, too: PyYAML refuses those after a colon."""
        scanner: Any = super()
        scanner.scan_to_next_token()
        while scanner.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            scanner.forward()
            scanner.scan_to_next_token()

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode and implicit[0]:
            return f"{_TAG}{scalar(value)[0]}"
        return cast(Any, super()).resolve(kind, value, implicit)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """With every key as a text: in Python 1 and true would be one key."""
        self.flatten_mapping(node)
        constructor: Any = self
        return {
            _key(constructor.construct_object(key, deep=True)): constructor.construct_object(inner, deep=deep)
            for key, inner in _pairs(node)
        }


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    return cast(Any, dumper).represent_scalar(f"{_TAG}str", text, style='"')


_Dumper.add_representer(str, _text)


def load(text: str) -> Any:
    """The value of the one document, which JSON can represent. Raises yaml.YAMLError."""
    node = compose(text)
    return None if node is None else value(node)


def dump(value: Any) -> str:
    """A YAML document of a value that JSON can represent. Every text is in quotes, so that every reader sees a text."""
    dumper: Any = yaml.dump
    text: str = dumper(value, Dumper=_Dumper, sort_keys=False, width=math.inf)
    return text


def compose(text: str) -> yaml.Node | None:
    """The one document as nodes with their marks. Raises yaml.YAMLError, which names all duplicate keys at once."""
    loader: Any = Loader(text)
    try:
        node = cast("yaml.Node | None", loader.get_single_node())
        if loader.yaml_version not in (None, (1, 1)):
            raise yaml.YAMLError("the only version of YAML is 1.1")
        if node is not None:
            _check(node)
        return node
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None
    finally:
        loader.dispose()


def value(node: yaml.Node) -> Any:
    """The value of a node that `compose` returned. Raises yaml.YAMLError."""
    loader: Any = Loader("")
    try:
        return loader.construct_document(node)
    except RecursionError:
        raise yaml.YAMLError("nested too deeply") from None
    finally:
        loader.dispose()


def locations(node: yaml.Node, *path: str) -> Iterator[tuple[tuple[str, ...], yaml.Node, yaml.Node]]:
    """Each key and item below the node: its path, the node at whose line it begins, and its value.

    A merged key follows the mapping's own keys.
    """
    if isinstance(node, yaml.MappingNode):
        pairs = _pairs(node)
        for key, inner in pairs:
            if not _is_merge(key):
                below = (*path, str(key.value))
                yield below, key, inner
                yield from locations(inner, *below)
        for merged in (inner for key, inner in pairs if _is_merge(key)):
            for each in _items(merged) if isinstance(merged, yaml.SequenceNode) else [merged]:
                yield from locations(each, *path)
    elif isinstance(node, yaml.SequenceNode):
        for index, inner in enumerate(_items(node)):
            below = (*path, str(index))
            yield below, inner, inner
            yield from locations(inner, *below)


def _check(root: yaml.Node) -> None:
    """Refuses what yaml.v3 refuses in a well-formed document: duplicate keys, and anchors that contain themselves."""
    duplicates: list[tuple[tuple[str, ...], int, int]] = []
    mark: Mark = root.start_mark
    sizes: dict[int, int] = {}

    def visit(node: yaml.Node, path: tuple[str, ...], above: tuple[int, ...]) -> int:
        """The number of nodes below the node, with aliases expanded."""
        nonlocal mark
        if id(node) in above:
            raise MarkedYAMLError(None, None, "an anchor contains itself", node.start_mark)
        if id(node) in sizes:
            return sizes[id(node)]
        size = 1
        if isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, inner in _pairs(node):
                name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
                line = key.start_mark.line + 1
                same = {name, _key(value(key)) if isinstance(key, yaml.ScalarNode) and not _is_merge(key) else name}
                if earlier := same & set(first):
                    duplicates.append(((*path, name), min(first[each] for each in earlier), line))
                    mark = key.start_mark
                for each in same:
                    first.setdefault(each, line)
                size += visit(inner, (*path, name), (*above, id(node)))
        elif isinstance(node, yaml.ScalarNode) and re.search("[\ud800-\udfff]", node.value):
            raise MarkedYAMLError(None, None, "an escape is no Unicode character", node.start_mark)
        elif isinstance(node, yaml.SequenceNode):
            for index, inner in enumerate(_items(node)):
                size += visit(inner, (*path, str(index)), (*above, id(node)))
        if size > _LARGEST:
            raise MarkedYAMLError(None, None, "anchors are used too often", node.start_mark)
        sizes[id(node)] = size
        return size

    visit(root, (), ())
    if duplicates:
        raise DuplicateKeysError(duplicates, mark)


def _pairs(node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
    return cast(list[tuple[yaml.Node, yaml.Node]], node.value)


def _items(node: yaml.SequenceNode) -> list[yaml.Node]:
    return cast(list[yaml.Node], node.value)


def _is_merge(key: yaml.Node) -> bool:
    return key.tag == f"{_TAG}merge"


def _key(key: Hashable) -> str:
    """A key as Go prints it: Pulumi's CLI makes a text of every key."""
    match key:
        case str():
            return key
        case None:
            return "<nil>"
        case bool():
            return str(key).lower()
        case int():
            return str(key)
        case float():
            return re.sub(r"e([-+])(\d)$", r"e\g<1>0\2", f"{key:g}")
        case _:
            raise yaml.YAMLError("a key is a list or a mapping")


def _construct(_: Loader, node: yaml.ScalarNode) -> object:
    """A scalar by its tag. `!!float 1` is a float; any other tag must be that of the text."""
    text = str(node.value)
    kind, found = scalar(text)
    wanted = node.tag.removeprefix(_TAG)
    if wanted != kind and (wanted, kind) != ("float", "int"):
        raise ConstructorError(None, None, f"this is no {wanted}", node.start_mark)
    if isinstance(found, int) and not isinstance(found, bool) and found not in INT_64:
        found = float(found)
    if isinstance(found, float):
        if not math.isfinite(found):
            raise ConstructorError(None, None, "a number must be finite", node.start_mark)
        if found.is_integer() and abs(found) < _EXACT:
            return int(found)
    return found


for _kind in _SCALARS:
    Loader.add_constructor(f"{_TAG}{_kind}", _construct)
for _kind in ("binary", "omap", "pairs", "set"):
    Loader.yaml_constructors.pop(f"{_TAG}{_kind}", None)
