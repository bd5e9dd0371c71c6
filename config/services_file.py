"""services.py as source: the lines of its entries and jobs, calls that cannot work, and messages for its errors."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from config.declarations import DECLARATIONS, Declaration
from config.problems import did_you_mean, nearest

FILE = "services.py"


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
    """Where the objects of one declaration are. Empty for a catalogue that comes from no file."""

    listed: int = 0
    """The line of the tuple."""
    items: Mapping[int, ast.expr] = field(default_factory=dict[int, ast.expr])
    """The expression of each object by position, if the tuple lists them."""
    problems: tuple[Found, ...] = ()
    """The problems of the calls' arguments."""

    def line(self, index: int, name: str | None = None) -> int:
        """The line of a field, or of its object; 0 when it is unknown."""
        item = self.items.get(index)
        if item is None:
            return 0
        keywords = item.keywords if isinstance(item, ast.Call) else []
        return next((each.value.lineno for each in keywords if each.arg == name), item.lineno)


def at(line: int) -> str:
    return f"{FILE}:{line}" if line else FILE


def read(tree: ast.Module, declaration: Declaration) -> Source:
    """Reads the calls of a class, and repairs those that cannot work, so that the values of all can be checked.

    A field that is missing, or that has no valid name, gets the value `...`.
    """
    problems: list[Found] = []
    names = {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
        if each.name == declaration.kind
    }
    line, items = 0, dict[int, ast.expr]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_call(node, names, declaration):
            problems += _repaired(node, declaration)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id == declaration.listed for each in targets):
                line = node.lineno
                listed = node.value.elts if isinstance(node.value, ast.Tuple | ast.List) else []
                if not any(isinstance(each, ast.Starred) for each in listed):
                    items = dict(enumerate(listed))
    ast.fix_missing_locations(tree)
    return Source(listed=line, items=items, problems=tuple(problems))


def _is_call(call: ast.Call, names: Collection[str], declaration: Declaration) -> bool:
    is_attribute = isinstance(call.func, ast.Attribute) and call.func.attr == declaration.kind
    return is_attribute or (isinstance(call.func, ast.Name) and call.func.id in names)


def _repaired(call: ast.Call, declaration: Declaration) -> Iterator[Found]:
    valid = declaration.fields
    given = [each.arg for each in call.keywords if each.arg]
    named = next((each.value for each in call.keywords if each.arg == "name"), None)
    label = named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else declaration.kind
    unknown = [each for each in call.keywords if each.arg and each.arg not in valid]
    for each in unknown:
        fields = ", ".join(valid)
        hint = did_you_mean(str(each.arg), valid)
        yield Found(each.lineno, f"{label}.{each.arg}: no such field.{hint} The fields are {fields}.")
    missing = [name for name in declaration.required if name not in given]
    meant = {nearest(str(each.arg), valid) for each in unknown}
    if call.args:
        text = f"each value must have the name of its field, such as {declaration.example}."
        yield Found(call.args[0].lineno, f"{label}: {text}")
    elif all(each.arg for each in call.keywords):
        for name in missing:
            if name not in meant:
                yield Found(call.lineno, f"{label}.{name}: missing. It must be {valid[name].valid}.")
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
    kinds = [each.kind for each in DECLARATIONS]
    match error:
        case SystemExit():
            return f"{where}: ends the program. Remove the line: {FILE} has entries and jobs, and nothing else."
        case NameError():
            hint = did_you_mean(str(error.name), ["True", "False", "None", *kinds])
            return f"{where}: {error.name} is not defined.{hint}"
        case TypeError() if called := [each for each in DECLARATIONS if f"{each.kind}.__init__()" in detail]:
            [each] = called
            verb = "is" if len(each.required) == 1 else "are"
            required = f"{' and '.join(each.required)} {verb} required"
            return f"{where}: {each.kind} must be called with its fields, of which {required}."
        case ImportError() if imported := re.search("cannot import name '(.+?)' from '(.+?)'", detail):
            hint = did_you_mean(imported[1], kinds)
            return f"{where}: {imported[2]} has no {imported[1]}.{hint}"
        case ImportError():
            name = error.name or "a module"
            return f"{where}: cannot import from {name}. {FILE} needs only config.catalogue."
        case ArithmeticError() | LookupError() | OSError() | ValueError() | AssertionError() if detail:
            return f"{where}: cannot be run ({detail}). {FILE} has entries and jobs, and nothing else."
        case _:
            return f"{where}: cannot be run. Look for a missing comma or bracket near this line."
