"""A stack's state in a state directory: Pulumi's checkpoint file, the journal of an update, and Pulumi's lock."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator import journal
from simulator.journal import Deployment
from simulator.locks import Holder

EMPTY: Deployment = {"manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""}}
"""The state of a stack that was never deployed."""


@dataclass(frozen=True)
class State:
    """Every method may raise OSError, and those that read ValueError, KeyError, TypeError or AttributeError."""

    folder: Path
    """Of the state directory."""
    stack: str

    @property
    def journal(self) -> Path:
        """The steps of an update, a line for each request of the engine, until they are in the checkpoint."""
        return self.folder / f"{self.stack}.journal"

    @property
    def checkpoint(self) -> Path | None:
        """The file of Pulumi's file backend; None if the stack does not exist."""
        return next((self.folder / "state").glob(f".pulumi/stacks/*/{self.stack}.json"), None)

    def deployment(self) -> Deployment:
        """The latest state, with the steps of an update that runs or was killed."""
        latest = self._checkpoint()["checkpoint"].get("latest") if self.checkpoint else None
        return journal.applied(latest or EMPTY, self._entries())

    def export(self) -> dict[str, Any]:
        """The latest state as UntypedDeployment in sdk/go/common/apitype/core.go."""
        latest = self.deployment()
        return {**journal.versions(latest), "deployment": latest}

    def begin(self, engine: Holder) -> None:
        """Begins the journal of an update and records its engine, as the file backend does."""
        # With the state before it, so that the journal may be applied twice: in `settle` and by a reader meanwhile.
        before = {"kind": journal.Kind.WRITE, "operationID": 0, "newSnapshot": self.deployment()}
        self.journal.write_text(f"{json.dumps({'entries': [before]})}\n", encoding="utf-8")
        assert self.checkpoint  # noqa: S101 - the engine asked for the stack before
        lock = self._locks / self.checkpoint.parent.name / self.stack / f"{engine.pid}.json"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(json.dumps(asdict(engine)))

    def append(self, entries: bytes) -> None:
        """Appends the steps of one request: JournalEntries in sdk/go/common/apitype/journal.go, as JSON."""
        with self.journal.open("ab") as file:
            file.write(entries + b"\n")

    def complete(self) -> None:
        """The engine sent all steps."""
        for lock in self.locks():
            lock.unlink()

    def settle(self) -> None:
        """Writes the steps in the journal, if any, into the checkpoint."""
        if not self.journal.exists() or not (file := self.checkpoint):
            return
        latest = self.deployment()
        latest["manifest"] = {**latest["manifest"], "time": datetime.now(UTC).isoformat()}
        checkpoint = {**self._checkpoint()["checkpoint"], "latest": latest}
        temporary = file.with_suffix(".new")
        temporary.write_text(json.dumps({**journal.versions(latest), "checkpoint": checkpoint}), encoding="utf-8")
        temporary.replace(file)
        self.journal.unlink()

    @property
    def _locks(self) -> Path:
        return self.folder / "state/.pulumi/locks/organization"

    def locks(self) -> list[Path]:
        """The locks of the stack in Pulumi's backend."""
        return list(self._locks.glob(f"*/{self.stack}/*"))

    def engine(self) -> Holder | None:
        """The engine that holds Pulumi's lock, or held it when it was killed."""
        for file in self.locks():
            with suppress(FileNotFoundError):  # the engine ends at this moment
                return Holder.parse(file.read_text(errors="replace"))
        return None

    def _checkpoint(self) -> dict[str, Any]:
        assert self.checkpoint  # noqa: S101 - the callers looked
        return json.loads(self.checkpoint.read_text(encoding="utf-8"))

    def _entries(self) -> Generator[journal.Entry]:
        if not self.journal.exists():
            return
        # The last line is empty, or incomplete, and the engine was not told that it is recorded.
        for line in self.journal.read_bytes().split(b"\n")[:-1]:
            yield from json.loads(line)["entries"]
