"""What the simulated cloud holds: one SQLite file, apart from Pulumi's state and one for all stacks."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Properties = dict[str, Any]

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS object (
        number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL,
        region TEXT NOT NULL, urn TEXT NOT NULL, run TEXT NOT NULL, properties TEXT NOT NULL,
        UNIQUE (kind, account, region, id))
"""


@dataclass(frozen=True, kw_only=True)
class Object:
    """Something in the cloud. Properties are the inputs that made it and the outputs that it answers."""

    kind: str
    """The type token, or a kind of our own for what no resource stands for, such as a pushed image."""
    id: str
    account: str
    region: str
    urn: str
    """Whose it is in Pulumi's state."""
    run: str
    """The update that made it."""
    properties: Properties


class Store:
    """Objects by kind and id. Safe for several threads and processes. `:memory:` keeps nothing."""

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=60)
        # The file outlives a killed process, which is all that is promised; a power failure may lose it.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(_SCHEMA)
        self._lock = threading.RLock()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing, and nobody else in between."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def next_number(self) -> int:
        """Of the object to be added next; never used twice."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'object'").fetchone()
        return (row[0] if row else 0) + 1

    def put(self, made: Object) -> None:
        """Adds the object, or changes the properties of the one that is there."""
        self._connection.execute(
            "INSERT INTO object (kind, id, account, region, urn, run, properties) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, account, region, id) DO UPDATE SET properties = excluded.properties",
            (made.kind, made.id, made.account, made.region, made.urn, made.run, json.dumps(made.properties)),
        )

    def remove(self, made: Object) -> None:
        self._connection.execute(
            "DELETE FROM object WHERE kind = ? AND account = ? AND region = ? AND id = ?",
            (made.kind, made.account, made.region, made.id),
        )

    def find(self, kind: str, **properties: object) -> list[Object]:
        """The objects of this kind with these properties, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT kind, id, account, region, urn, run, properties FROM object WHERE kind = ? ORDER BY number",
                (kind,),
            ).fetchall()
        fields = ("kind", "id", "account", "region", "urn", "run")
        found = [Object(**dict(zip(fields, row, strict=False)), properties=json.loads(row[-1])) for row in rows]
        return [each for each in found if all(each.properties.get(key) == value for key, value in properties.items())]
