"""The dependency graph of a program. The engine guarantees no other order."""

from __future__ import annotations

import threading
from typing import Any

from simulator import sdk


class Graph:
    """Collects the dependencies of the resources that the running program registers."""

    def __init__(self) -> None:
        self._direct: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def ancestors(self, urn: str) -> frozenset[str]:
        """The URNs of all resources that exist before the engine creates the one with this URN."""
        seen: set[str] = set()
        pending = [urn]
        with self._lock:
            while pending:
                for dependency in self._direct.get(pending.pop(), frozenset()) - seen:
                    seen.add(dependency)
                    pending.append(dependency)
        return frozenset(seen)

    def urn(self, name: str) -> str:
        """The URN of the resource with this logical name; empty if there is none."""
        with self._lock:
            return next((urn for urn in self._direct if urn.endswith(f"::{name}")), "")

    def add(self, request: Any) -> None:
        """Adds the dependencies in a RegisterResourceRequest."""
        urn = sdk.urn(request.parent, request.type, request.name)
        per_property = (urn for each in request.propertyDependencies.values() for urn in each.urns)
        with self._lock:
            self._direct[urn] = frozenset([*request.dependencies, *per_property])
