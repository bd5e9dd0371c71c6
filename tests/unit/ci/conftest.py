from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows import Runner


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(folder=tmp_path)
