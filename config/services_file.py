"""services.py as source: the lines of its entries, the calls of Entry that cannot work, and messages for its errors."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from config.problems import did_you_mean, nearest

FILE = "services.py"
ENTRY = "Entry"


@dataclass(frozen=True, order=True)
class Found:
    """One problem, and the line to sort it by; 0 when it is unknown."""

    line: int
    text: str
    """The message, without the file and the line."""

    def __str__(self) -> str:
        return f"{at(self.line)}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the entries are. Empty for a catalogue that comes from no file."""

    services: int = 0
    """The line of SERVICES."""
    entries: Mapping[int, ast.expr] = field(default_factory=dict[int, ast.expr])
    """The expression of each entry by position, if SERVICES lists them."""
    problems: tuple[Found, ...] = ()
    """The problems of the calls' arguments."""

    def line(self, index: int, name: str | None = None) -> int:
        """The line of a field, or of its entry; 0 when it is unknown."""
        entry = self.entries.get(index)
        if entry is None:
            return 0
        keywords = entry.keywords if isinstance(entry, ast.Call) else []
        return next((each.value.lineno for each in keywords if each.arg == name), entry.lineno)


def at(line: int) -> str:
    return f"{FILE}:{line}" if line else FILE


def read(tree: ast.Module, valid: Mapping[str, str], required: Collection[str]) -> Source:
    """Reads the calls of Entry, and repairs those that cannot work, so that the values of all entries can be checked.

    A field that is missing, or that has no valid name, gets the value `...`. `valid` has the valid values by field.
    """
    problems: list[Found] = []
    names = {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
        if each.name == ENTRY
    }
    services, entries = 0, dict[int, ast.expr]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_entry(node, names):
            problems += _repaired(node, valid, required)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id == "SERVICES" for each in targets):
                services = node.lineno
                listed = node.value.elts if isinstance(node.value, ast.Tuple | ast.List) else []
                if not any(isinstance(each, ast.Starred) for each in listed):
                    entries = dict(enumerate(listed))
    ast.fix_missing_locations(tree)
    return Source(services=services, entries=entries, problems=tuple(problems))


def _is_entry(call: ast.Call, names: Collection[str]) -> bool:
    is_attribute = isinstance(call.func, ast.Attribute) and call.func.attr == ENTRY
    return is_attribute or (isinstance(call.func, ast.Name) and call.func.id in names)


def _repaired(call: ast.Call, valid: Mapping[str, str], required: Collection[str]) -> Iterator[Found]:
    given = [each.arg for each in call.keywords if each.arg]
    named = next((each.value for each in call.keywords if each.arg == "name"), None)
    label = named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else ENTRY
    unknown = [each for each in call.keywords if each.arg and each.arg not in valid]
    for each in unknown:
        fields = ", ".join(valid)
        hint = did_you_mean(str(each.arg), valid)
        yield Found(each.lineno, f"{label}.{each.arg}: no such field.{hint} The fields are {fields}.")
    missing = [name for name in required if name not in given]
    meant = {nearest(str(each.arg), valid) for each in unknown}
    if call.args:
        example = 'name="authsvc", port=9001'
        yield Found(call.args[0].lineno, f"{label}: each value must have the name of its field, such as {example}.")
    elif all(each.arg for each in call.keywords):
        for name in missing:
            if name not in meant:
                yield Found(call.lineno, f"{label}.{name}: missing. It must be {valid[name]}.")
    if call.args or unknown or all(each.arg for each in call.keywords):
        call.args = []
        call.keywords = [each for each in call.keywords if each not in unknown]
        if all(each.arg for each in call.keywords):
            call.keywords += [ast.keyword(arg=name, value=ast.Constant(value=...)) for name in missing]


def not_python(error: BaseException) -> str:
    """The message for a text that Python cannot parse."""
    line = getattr(error, "lineno", None) or 0
    text = str(getattr(error, "msg", error))
    if text.startswith("keyword argument repeated: "):
        return f"{at(line)}: {text.rpartition(' ')[2]}: given twice. Remove one of the two."
    if isinstance(error, IndentationError):
        return f"{at(line)}: the indentation is wrong. Indent with four spaces."
    if "codec" in text or "null bytes" in text or "encoding" in text:
        return f"{FILE}: cannot be read as UTF-8 text. Save it as UTF-8."
    return f"{at(line)}: cannot be read. Look for a comma, a bracket or a quote that is missing near this line."


def failure(error: BaseException, file: str) -> str:
    """The message for an exception that the code of services.py raised."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return not_python(error)
    frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = at(frames[-1] or 0) if frames else FILE
    detail = " ".join(str(error).splitlines()[:1])
    match error:
        case SystemExit():
            return f"{where}: ends the program. Remove the line: {FILE} has entries and nothing else."
        case NameError():
            hint = did_you_mean(str(error.name), ["True", "False", "None", ENTRY])
            return f"{where}: {error.name} is not defined.{hint}"
        case TypeError() if f"{ENTRY}.__init__()" in detail:
            return f"{where}: {ENTRY} must be called with its fields, of which name and port are required."
        case ImportError() if imported := re.search("cannot import name '(.+?)' from '(.+?)'", detail):
            hint = did_you_mean(imported[1], [ENTRY])
            return f"{where}: {imported[2]} has no {imported[1]}.{hint}"
        case ImportError():
            name = error.name or "a module"
            return f"{where}: cannot import from {name}. {FILE} needs only config.catalogue."
        case ArithmeticError() | LookupError() | OSError() | ValueError() | AssertionError() if detail:
            return f"{where}: cannot be run ({detail}). {FILE} has entries and nothing else."
        case _:
            return f"{where}: cannot be run. Look for a missing comma or bracket near this line."
