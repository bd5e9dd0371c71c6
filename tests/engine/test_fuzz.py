"""Random faults in updates to random stack files; `make test-fuzz` runs many seeds."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from config import load
from config.catalogue import Catalogue
from tests.declared import REGION, ROOT
from tests.fuzz import runner, stacks


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


# RDS still changes the database when the update ends; a rollout fails silently; one still bakes; the engine is killed.
@pytest.mark.parametrize("seed", [50, 3, 4, 5, 9, 16])
def test_after_random_faults_the_documented_commands_lead_to_what_the_stack_file_declares(
    folder: Path, seed: int
) -> None:
    report = runner.run(seed, folder)
    assert report.played
    assert not report.problems, str(report)


@pytest.mark.parametrize("seed", range(100))
def test_a_random_stack_file_is_valid(seed: int) -> None:
    random = Random(seed)
    former = stacks.first(random)
    for each in (former, stacks.second(random, former)):
        catalogue = Catalogue(each.entries)
        load.parse(json.dumps(each.stack), region=REGION, file="Pulumi.dev.yaml", catalogue=catalogue, root=ROOT)
