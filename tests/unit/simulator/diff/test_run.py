from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from simulator.aws import ecr
from simulator.diff import run
from simulator.engine import CLOUD, Simulator
from simulator.errors import SimulatorError
from simulator.program import Program
from simulator.store import Object, Store

REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-authsvc"
PINNED = f"{REPOSITORY}@sha256:{'a' * 64}"


@pytest.fixture
def simulator(tmp_path: Path) -> Simulator:
    """With a home that holds one repository, in the account 000000000000."""
    home = tmp_path / "home"
    home.mkdir()
    made = Object(
        kind=ecr.REPOSITORY,
        id="mrgnl-authsvc",
        account="000000000000",
        region="us-east-1",
        urn="urn",
        run="run",
        properties={"name": "mrgnl-authsvc", "repositoryUrl": REPOSITORY},
    )
    with closing(Store(home / CLOUD)) as store:
        store.put(made)
    return Simulator(program=Program(tmp_path), home=home, cli=PulumiCommand.__new__(PulumiCommand))


def pushed(simulator: Simulator, images: str) -> list[tuple[str, str]]:
    """What the registry holds, and for which platform, when the stack file says this of its images."""
    file = simulator.program.root / "Pulumi.prod.yaml"
    file.write_text(f'config: {{"marginalia:stack": {{architecture: arm64, images: {images}}}}}')
    run.take_pins_as_pushed(simulator, "prod")
    with closing(Store(simulator.home / CLOUD)) as store:
        return [(each.id, each.properties["platform"]) for each in store.find(ecr.IMAGE)]


def test_a_pinned_digest_is_taken_as_pushed_once_where_its_repository_is(simulator: Simulator) -> None:
    pins = f'{{authsvc: "{PINNED}", other: "{PINNED.replace("authsvc", "other")}"}}'
    assert pushed(simulator, pins) == [(PINNED, "linux/arm64")]
    assert pushed(simulator, pins) == [(PINNED, "linux/arm64")]


def test_a_home_is_not_copied_while_another_simulator_is_at_a_stack_of_it(simulator: Simulator) -> None:
    with simulator.lock("prod.eu"), pytest.raises(SimulatorError) as refused, run.in_a_copy(simulator):
        pass
    assert str(refused.value) == "another simulator is busy with stack prod.eu; wait for it"
    with run.in_a_copy(simulator) as there:
        assert [path.name for path in there.home.iterdir()] == [CLOUD]


@pytest.mark.parametrize("images", ["{authsvc: latest}", "[]", "null", "{"])
def test_a_stack_file_that_is_wrong_is_left_to_whoever_brings_it_up(simulator: Simulator, images: str) -> None:
    assert pushed(simulator, images) == []
