"""The docstrings below the fields of a class, for reference pages."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise


def of_fields(of: type) -> Mapping[str, str]:
    """On one line each, by the field's name."""
    [body] = [node.body for node in ast.parse(inspect.getsource(of)).body if isinstance(node, ast.ClassDef)]
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }
