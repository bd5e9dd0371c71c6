from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import pytest

from simulator.store import Store
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import World


@pytest.fixture
def world() -> Generator[World]:
    with closing(Store(":memory:")) as store:
        yield World(store=store)


@pytest.fixture
def promptsvc(world: World) -> Promptsvc:
    return Promptsvc(world)
