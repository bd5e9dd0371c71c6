"""Imports the provider SDKs in a fifth of the time: without the parts of them that no program here runs.

pulumi-aws declares 10,000 classes. It evaluates the annotation of each of their properties, declares each input a
second time as a TypedDict, and a module of it imports all of its resources at once: one second, a third of a preview.
Here annotations stay text (https://peps.python.org/pep-0563/), which the SDK evaluates for the classes that are used;
a TypedDict has no fields; a package imports a name when it is read (https://peps.python.org/pep-0562/).
"""

from __future__ import annotations
import __future__

import ast
import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, cast

from pulumi import _utils

PACKAGES = frozenset({"pulumi_aws", "pulumi_docker", "pulumi_random"})
SUFFIX = "lazy1"
"""Part of the name of the compiled files, beside Python's own in `__pycache__`. Increment when `compiled` changes."""
WITHOUT_DOCSTRINGS = 2
"""A third of the bytes. https://docs.python.org/3/library/functions.html#compile"""
GETTER = ast.parse(
    """
def __getattr__(name):
    from importlib import import_module
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_LAZY[name]}")
    # An import binds a module to its name, which a function of it may have too.
    own = [each for each in getattr(module, "__all__", ()) if _LAZY.get(each) == _LAZY[name]]
    globals().update({each: getattr(module, each) for each in own})
    return globals().get(name, module)
"""
).body
"""The function of a package that imports the module of a name, with the names in `_LAZY`."""


def install() -> None:
    """Makes later imports of PACKAGES lazy. Modules that are imported already stay as they are."""
    if not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


class Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """The compiled module; from the cache, unless the source is newer."""
        path = self.get_filename(fullname)
        cache = cache_from_source(path, optimization=SUFFIX)
        stamp = b"%s %r " % (MAGIC_NUMBER, self.path_stats(path)["mtime"])
        try:
            cached = self.get_data(cache)
            if cached.startswith(stamp):
                return cast(CodeType, marshal.loads(cached[len(stamp) :]))  # noqa: S302, as Python's own cache
        except (OSError, EOFError, ValueError, TypeError):  # none, or of a process that was killed
            pass
        if not os.access(Path(path).parent, os.W_OK):  # to compile takes longer than the import saves
            return cast(CodeType, super().get_code(fullname))
        code = compiled(self.get_data(path).decode(), Path(path))
        self.set_data(cache, stamp + marshal.dumps(code))
        return code


def compiled(source: str, path: Path) -> CodeType:
    tree = ast.parse(source)
    tree.body = [_without_fields(each) for each in tree.body]
    if path.name == "__init__.py":
        tree.body = _lazy(tree.body, path.parent)
    annotations = __future__.annotations.compiler_flag
    return compile(tree, path, "exec", flags=annotations, dont_inherit=True, optimize=WITHOUT_DOCSTRINGS)


def _without_fields(statement: ast.stmt) -> ast.stmt:
    if isinstance(statement, ast.ClassDef) and any(ast.unparse(base) == "TypedDict" for base in statement.bases):
        statement.body = [ast.copy_location(ast.Pass(), statement)]
    return statement


def _lazy(body: Sequence[ast.stmt], folder: Path) -> list[ast.stmt]:
    """The statements of a package, with a function in place of the imports of its modules."""
    modules: dict[str, str] = {}
    rest: list[ast.stmt] = []
    for statement in body:
        match statement:
            case ast.ImportFrom(level=1, module=str(module), names=[ast.alias(name="*")]):
                modules |= dict.fromkeys(_names(folder / f"{module}.py"), module)
            case ast.ImportFrom(level=1, module=None, names=[ast.alias(name="outputs")]):
                modules["outputs"] = "outputs"
            case ast.If(test=ast.Attribute(attr="TYPE_CHECKING")):
                names = [ast.unparse(cast(ast.Assign, each).targets[0]) for each in statement.orelse]
                modules |= {name: name for name in names}
            case _:
                rest.append(statement)
    return [*rest, *ast.parse(f"_LAZY = {modules!r}").body, *GETTER]


def _names(file: Path) -> list[str]:
    """The names that a generated module exports. To parse all of it would take ten times as long."""
    return cast("list[str]", ast.literal_eval(file.read_text().partition("\n__all__ = ")[2].partition("]")[0] + "]"))


_functions = cast(Any, _utils)
_LONGEST = max(
    len(each.__code__.co_code)
    for each in (_functions._empty, _functions._empty_doc, _functions._empty_lambda, _functions._empty_lambda_doc)
)
_is_empty = _functions.is_empty_function


def _is_empty_function(fn: Any) -> bool:
    """As the SDK's own, which compares each of 30,000 functions with four others."""
    return len(fn.__code__.co_code) <= _LONGEST and _is_empty(fn)


_functions.is_empty_function = _is_empty_function
