"""Resource types that accept every request: their deployment shows what a program declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from simulator.aws.ecs_rollout import STOPPED
from simulator.cloud import ResourceType
from simulator.store import Properties


def accepting(types: Mapping[str, ResourceType]) -> dict[str, ResourceType]:
    """The same types without validation. Tasks always start."""
    return {
        token: replace(
            kind,
            references={},
            validate=_nothing,
            validate_update=_nothing,
            validate_delete=_nothing,
            init_errors=_nothing,
            internal={key: _nothing if key == STOPPED else compute for key, compute in kind.internal.items()},
        )
        for token, kind in types.items()
    }


def _nothing(_: object, __: Properties | None = None) -> Iterable[str]:
    return ()
