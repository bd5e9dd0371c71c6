"""What a preview refuses: the reasons that follow from what it knows of one resource.

A preview knows no output of what the update will create, and not which of the existing objects the update will leave.
So a check passes as soon as it reads an unknown input or looks at another object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from simulator.cloud import Change, Request, ResourceType, reject, taken
from simulator.failure import UndecidedError
from simulator.sdk import UNKNOWN
from simulator.store import Object, Properties, Store


def create(request: Request) -> None:
    """Raises RejectedError for what the create is known to be refused for."""
    reject([*_taken_names(request), *_decided(_resource_type(request).validate(_blind(request)))])


def update(request: Request, before: Properties) -> None:
    """Raises RejectedError for what the update of an object with these properties is known to be refused for."""
    resource_type, blind = _resource_type(request), _blind(request)
    change = Change(request=blind, before=before)
    reject([*_decided(resource_type.validate(blind)), *_decided(resource_type.validate_update(change))])


def _resource_type(request: Request) -> ResourceType:
    return request.cloud.types[request.token]


def _taken_names(request: Request) -> Iterator[str]:
    """An object of the same URN is the one that the create replaces, or what an interrupted update left."""
    resource_type = _resource_type(request)
    scope = resource_type.name_scope if resource_type.name_scope != "global" else ()
    if UNKNOWN not in (request.inputs.get(key) for key in (resource_type.name_property or "", *scope)):
        for each in request.cloud.name_holders(resource_type, request):
            if each.urn != request.urn:
                yield taken(resource_type, request, each)


def _decided(reasons: Iterable[str]) -> Iterator[str]:
    """The reasons until one cannot be decided."""
    with suppress(UndecidedError):
        yield from reasons


def _blind(request: Request) -> Request:
    """The request as a preview knows it: without unknown inputs and other objects."""
    return replace(request, inputs=_Known(request.inputs), cloud=replace(request.cloud, store=_Unseen()))


class _Known(dict[str, Any]):
    """Inputs. Reading one that is unknown, or all of them if one is, raises UndecidedError."""

    def __getitem__(self, key: str) -> Any:
        return _known(super().__getitem__(key))

    def get(self, key: str, default: Any = None) -> Any:
        return _known(super().get(key, default))

    def __iter__(self) -> Iterator[str]:
        _known(dict(super().items()))
        return super().__iter__()

    def items(self) -> Any:
        return _known(dict(super().items())).items()

    def values(self) -> Any:
        return self.items().mapping.values()


def _known(value: Any) -> Any:
    if _is_unknown(value):
        raise UndecidedError
    return value


def _is_unknown(value: Any) -> bool:
    """Whether the value is unknown or contains an unknown one."""
    if isinstance(value, dict):
        return any(map(_is_unknown, cast(dict[str, Any], value).values()))
    return any(map(_is_unknown, cast(list[Any], value))) if isinstance(value, list) else value == UNKNOWN


class _Unseen(Store):
    """Every look at an object raises UndecidedError."""

    def __init__(self) -> None:
        """Opens no file."""

    def find(self, kind: str, **properties: object) -> list[Object]:
        raise UndecidedError

    def get(self, kind: str, account: str, region: str, id: str) -> Object | None:
        raise UndecidedError

    def next_number(self) -> int:
        raise UndecidedError
