"""The objects of the simulated cloud, in one SQLite file for all stacks. Pulumi's state is stored separately."""

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
_FIELDS = ("kind", "id", "account", "region", "urn", "run")


@dataclass(frozen=True, kw_only=True)
class Object:
    """An object in the cloud. `properties` are the inputs, the outputs and the internal properties of its type."""

    kind: str
    """The type token; another name for objects that are not Pulumi resources, such as pushed images."""
    id: str
    account: str
    region: str
    urn: str
    """The URN of the resource in Pulumi's state."""
    run: str
    """The ID of the update that created it."""
    properties: Properties

    @property
    def stack(self) -> str:
        """The name of the stack that the resource belongs to."""
        return self.urn.removeprefix("urn:pulumi:").partition("::")[0]

    @property
    def project(self) -> str:
        """The name of the project that the resource belongs to; empty without a URN, like the stack."""
        return self.urn.partition("::")[2].partition("::")[0]


class Store:
    """Objects by kind and ID. Safe for several threads and processes. The path `:memory:` creates a temporary store."""

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=60)
        # The file must survive a killed process, not a power failure; without fsync a write is faster.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(_SCHEMA)
        # Fails at once if an older version of this repository created the table.
        self._connection.execute("SELECT number, kind, id, account, region, urn, run, properties FROM object LIMIT 1")
        self._lock = threading.RLock()

    def close(self) -> None:
        """Afterwards each use raises sqlite3.ProgrammingError. SQLite itself would crash in a thread that reads now."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Commits all changes, or none if an exception is raised. Transactions of other threads and processes wait."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def next_number(self) -> int:
        """The number of the object that is added next. Numbers of removed objects are not reused."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'object'").fetchone()
        return (row[0] if row else 0) + 1

    def number(self, object: Object) -> int:
        """The number that the object was added with."""
        found = self._connection.execute(
            "SELECT number FROM object WHERE kind = ? AND account = ? AND region = ? AND id = ?",
            (object.kind, object.account, object.region, object.id),
        ).fetchone()
        return found[0]

    def put(self, object: Object) -> None:
        """Adds the object, or updates the properties of the existing one with this kind, account, region and ID."""
        self._connection.execute(
            "INSERT INTO object (kind, id, account, region, urn, run, properties) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, account, region, id) DO UPDATE SET properties = excluded.properties",
            (*(getattr(object, field) for field in _FIELDS), json.dumps(object.properties)),
        )

    def remove(self, object: Object) -> None:
        self._connection.execute(
            "DELETE FROM object WHERE kind = ? AND account = ? AND region = ? AND id = ?",
            (object.kind, object.account, object.region, object.id),
        )

    def find(self, kind: str, **properties: object) -> list[Object]:
        """The objects of this kind with these properties, oldest first. None matches a property that is missing."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT kind, id, account, region, urn, run, properties FROM object WHERE kind = ? ORDER BY number",
                (kind,),
            ).fetchall()
        objects = map(_object, rows)
        return [each for each in objects if all(each.properties.get(key) == value for key, value in properties.items())]

    def located(self, kind: str, account: str, region: str, **properties: object) -> list[Object]:
        """Those of `find` in this account and region."""
        return [each for each in self.find(kind, **properties) if (each.account, each.region) == (account, region)]

    def get(self, kind: str, account: str, region: str, id: str) -> Object | None:
        """The object with this ID. Reads no other."""
        with self._lock:
            row = self._connection.execute(
                "SELECT kind, id, account, region, urn, run, properties FROM object"
                " WHERE kind = ? AND account = ? AND region = ? AND id = ?",
                (kind, account, region, id),
            ).fetchone()
        return _object(row) if row else None


def _object(row: tuple[Any, ...]) -> Object:
    return Object(**dict(zip(_FIELDS, row, strict=False)), properties=json.loads(row[-1]))
