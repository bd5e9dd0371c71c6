"""Removes work of Pulumi's Python SDK whose result nothing here reads. Each saves time for every resource.

Importing this module changes the SDK of this process. tests/unit/simulator/test_sdk_speed.py compares the results.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

from pulumi import _types as sdk_types  # pyright: ignore[reportPrivateUsage] - this file is for it
from pulumi import log, output
from pulumi.runtime import resource, rpc
from pulumi.runtime.proto import source_pb2


def _nothing(msg: str, *_: Any, **__: Any) -> None:
    pass


# The SDK sends five debug messages for each resource and waits for them; and one at the end of a program, without which
# it leaves the event loop of a program whose engine has ended open, with 32 threads.
log.debug = _nothing

# The source position of the declarations is more than half of the state, which is written at every step.
cast(Any, resource)._get_stack_trace = source_pb2.StackTrace


class _NoUrn:
    async def future(self) -> None:
        """There is none: the engine assigns it."""


# The SDK composes a URN from outputs for each resource, in case that there is no engine; and for each alias, in case
# that the engine knows no alias specifications.
def _create_urn(*_: Any) -> _NoUrn:
    return _NoUrn()


cast(Any, resource).create_urn = _create_urn


def contains_unknowns(value: Any) -> bool:
    """As the SDK's own, which tests the members of each value by their identity, also of texts and numbers."""
    if isinstance(value, dict):  # an output type is one, and may have a property with the name `values`
        mapping = cast(dict[Any, Any], value)
        return any(contains_unknowns(mapping[key]) for key in mapping)
    if isinstance(value, list):
        return any(map(contains_unknowns, cast(list[Any], value)))
    return isinstance(value, output.Unknown)


cast(Any, rpc).contains_unknowns = contains_unknowns


GENERAL = re.compile(r"(pulumi\.(Output|Input)|Optional|Sequence|Mapping|_builtins\.\w+|[\[\], ])+")
"""An annotation that means the same in each module."""


class TypeHints:
    """Evaluates the annotation of a property once for all properties with the same text.

    The SDK does so for each property of each class that is used; most are one of a dozen.
    """

    def __init__(self, evaluate: Callable[..., dict[str, Any]]) -> None:
        self._evaluate = evaluate
        self._known: dict[str, dict[str, Any]] = {}

    def __call__(self, owner: Any, *, globalns: dict[str, Any], localns: dict[str, Any]) -> dict[str, Any]:
        annotations = getattr(owner, "__annotations__", {})
        text = annotations.get("return") if isinstance(owner, FunctionType) and len(annotations) == 1 else None
        if not isinstance(text, str) or not GENERAL.fullmatch(text):
            return self._evaluate(owner, globalns=globalns, localns=localns)
        if text not in self._known:
            self._known[text] = self._evaluate(owner, globalns=globalns, localns=localns)
        return self._known[text]


cast(Any, sdk_types).get_type_hints = TypeHints(cast(Any, sdk_types).get_type_hints)
