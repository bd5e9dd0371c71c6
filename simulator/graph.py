"""What depends on what, as the program tells the engine: the only order that a deployment guarantees."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, cast

from google.protobuf import empty_pb2
from pulumi.runtime import settings
from pulumi.runtime.proto import engine_pb2

STACK = "pulumi:pulumi:Stack"


class Graph:
    """Listens to the resources that the running program registers."""

    def __init__(self) -> None:
        self._direct: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def listening(self, program: Callable[[], None]) -> Callable[[], Awaitable[None]]:
        """The program, with this graph between it and the engine."""

        async def run() -> None:
            current = cast(Any, settings.SETTINGS)
            current.monitor = _Listener(current.monitor, self)
            current.engine = _Quiet(current.engine)
            program()
            await _settle()

        return run

    def ancestors(self, urn: str) -> frozenset[str]:
        """All that surely exists before the resource with this URN is created."""
        seen: set[str] = set()
        waiting = [urn]
        with self._lock:
            while waiting:
                for dependency in self._direct.get(waiting.pop(), frozenset()) - seen:
                    seen.add(dependency)
                    waiting.append(dependency)
        return frozenset(seen)

    def add(self, request: Any) -> None:
        urn = _urn(request.parent, request.type, request.name)
        per_property = (urn for each in request.propertyDependencies.values() for urn in each.urns)
        with self._lock:
            self._direct[urn] = frozenset([*request.dependencies, *per_property])


class _Listener:
    """The engine's monitor, overheard."""

    def __init__(self, monitor: Any, graph: Graph) -> None:
        self._monitor = monitor
        self._graph = graph

    def RegisterResource(self, request: Any) -> Any:
        self._graph.add(request)
        # Where in the code it was declared: more than half of a state that is written anew at every step.
        request.ClearField("stackTrace")
        return self._monitor.RegisterResource(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)


class _Quiet:
    """The engine, spared the five debug messages that the SDK sends it, and waits for, with every resource."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def Log(self, request: Any) -> Any:
        return empty_pb2.Empty() if request.severity == engine_pb2.DEBUG else self._engine.Log(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


async def _settle() -> None:
    """Waits until all is registered. The SDK does so next, but in a time that grows with the square of their number."""
    current = cast(Any, settings.SETTINGS)
    while waiting := {task for task in (*current.outputs, *current.rpc_manager.rpcs) if not task.done()}:
        await asyncio.wait(waiting)


def _urn(parent: str, type: str, name: str) -> str:
    """The URN that the engine will give. https://www.pulumi.com/docs/iac/concepts/resources/names/#urns"""
    prefix = f"urn:pulumi:{settings.get_stack()}::{settings.get_project()}::"
    parent_type = parent.removeprefix(prefix).split("::")[0] if parent else STACK
    return f"{prefix}{type if parent_type == STACK else f'{parent_type}${type}'}::{name}"
