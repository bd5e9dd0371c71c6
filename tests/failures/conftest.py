"""The fixtures of the engine tests."""

from __future__ import annotations

from tests.engine.conftest import as_committed, checkout, cli, dev, dev_home, pinned, pinned_home, registering

__all__ = ["as_committed", "checkout", "cli", "dev", "dev_home", "pinned", "pinned_home", "registering"]
