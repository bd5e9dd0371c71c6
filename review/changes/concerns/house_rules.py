"""Compares the house rules of two checkouts by their syntax trees: neither is imported. No I/O.

A rule is a function with a decorator that names its `id`; it has an effect if `RULES` in rules.py lists it. It changed
if its code, the resource types that it checks, or a function or constant that it uses changed; its words do not count.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from review.changes.concerns.concern import Concern

PACK = "__main__.py"
"""Starts the rules; sets whether a violation stops an update."""
LIST, BASIS = "rules.py", "rule.py"
WORDS = ("id", "description", "fix", "source")
"""Keywords of a decorator that do not change what a rule forbids."""
PAGE = "https://www.pulumi.com/docs/iac/packages-and-automation/crossguard/"

Files = Mapping[str, str]
"""The text of each file of policy/, by name."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    listed: bool
    code: str


def rules(before: Files, after: Files) -> tuple[Concern, ...]:
    """The rules that are removed or changed, the worst first. A new rule is no concern."""
    if not before:
        return ()
    if not after:
        return (_concern("caution", "the house rules are removed"),)
    old, new = _rules(before), _rules(after)
    return (*_removed(old, new), *_pack(before, after), *_changed(old, new))


def _removed(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[Concern]:
    renamed = {rule.code for name, rule in new.items() if rule.listed and name not in old}
    for name, rule in sorted(old.items()):
        if rule.listed and name not in new and rule.code not in renamed:
            yield _concern("caution", f"rule {name} is removed")
        elif rule.listed and name in new and not new[name].listed:
            yield _concern("caution", f"rule {name} is switched off: {LIST} no longer lists it")


def _changed(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[Concern]:
    for name, rule in sorted(old.items()):
        if name in new and rule.listed and new[name].listed and rule.code != new[name].code:
            yield _concern("warning", f"rule {name} changes")


def _pack(before: Files, after: Files) -> Iterator[Concern]:
    """Files that all rules depend on."""
    for name in (PACK, BASIS, "PulumiPolicy.yaml"):
        old, new = before.get(name), after.get(name)
        if old is not None and (new is None or _meaning(name, old) != _meaning(name, new)):
            changed = f"policy/{name}, on which every rule depends, {'changes' if new else 'is removed'}"
            yield _concern("caution" if name == PACK else "warning", changed)


def _concern(severity: str, text: str) -> Concern:
    return Concern(severity="caution" if severity == "caution" else "warning", topic="rules", text=text, source=PAGE)


def _meaning(name: str, text: str) -> str:
    """The code without comments and formatting."""
    tree = _parsed(text) if name.endswith(".py") else None
    return ast.dump(tree) if tree else "\n".join(line.split("#")[0].strip() for line in text.splitlines())


def _rules(files: Files) -> dict[str, Rule]:
    """By id. A file with a syntax error has none: the update fails and says so."""
    trees = {name: tree for name, text in files.items() if name.endswith(".py") and (tree := _parsed(text))}
    named = {
        (name.removesuffix(".py"), each): node for name, tree in trees.items() for each, node in _definitions(tree)
    }
    listed = set(re.findall(r"\w+", _listing(trees.get(LIST))))
    found: dict[str, Rule] = {}
    for (module, function), node in named.items():
        if isinstance(node, ast.FunctionDef) and (name := _id(node)):
            uses = _used(module, node, named)
            code = "\n".join(_code(named[each]) for each in sorted(uses | {(module, function)}))
            found[name] = Rule(listed=function in listed, code=code)
    return found


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield target.id, node


def _listing(tree: ast.Module | None) -> str:
    return " ".join(ast.unparse(node) for name, node in _definitions(tree) if name == "RULES") if tree else ""


def _id(node: ast.FunctionDef) -> str:
    keywords = [each for call in node.decorator_list if isinstance(call, ast.Call) for each in call.keywords]
    values = [each.value for each in keywords if each.arg == "id"]
    return str(values[0].value) if values and isinstance(values[0], ast.Constant) else ""


def _used(module: str, node: ast.stmt, named: Mapping[tuple[str, str], ast.stmt]) -> set[tuple[str, str]]:
    """The definitions that a rule uses, its own module's first; also by way of others."""
    found: set[tuple[str, str]] = set()
    pending = [(module, node)]
    while pending:
        own, current = pending.pop()
        for name in {each.id for each in ast.walk(current) if isinstance(each, ast.Name)}:
            keys = [(own, name)] if (own, name) in named else [key for key in named if key[1] == name]
            for key in keys:
                if key not in found and f"{key[0]}.py" != BASIS:
                    found.add(key)
                    pending.append((key[0], named[key]))
    return found


def _code(node: ast.stmt) -> str:
    """Without the words of decorators and without docstrings."""
    copy = ast.parse(ast.unparse(node)).body[0]
    for each in ast.walk(copy):
        if isinstance(each, ast.Call):
            each.keywords = [keyword for keyword in each.keywords if keyword.arg not in WORDS]
        if isinstance(each, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(each) is not None:
            each.body = each.body[1:] or [ast.Pass()]
    return ast.dump(copy)
