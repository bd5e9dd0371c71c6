from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from config.problems import UserError
from ecs import types
from review import trial
from simulator.aws import ecr
from simulator.engine import Simulator
from simulator.home import Home
from simulator.program import Program
from simulator.store import Object

REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-authsvc"
PINNED = f"{REPOSITORY}@sha256:{'a' * 64}"


@pytest.fixture
def simulator(tmp_path: Path) -> Simulator:
    """With a state directory that has one repository, in the account 000000000000."""
    home = Home(tmp_path / "home")
    repository = Object(
        kind=types.REPOSITORY,
        id="mrgnl-authsvc",
        account="000000000000",
        region="us-east-1",
        urn="urn",
        run="run",
        properties={"name": "mrgnl-authsvc", "repositoryUrl": REPOSITORY},
    )
    with home.store() as store:
        store.put(repository)
    return Simulator(program=Program(tmp_path), home=home, cli=PulumiCommand.__new__(PulumiCommand))


def pushed(simulator: Simulator, images: str) -> list[tuple[str, str]]:
    """The images in the registry and their platforms, for a stack file with these pins."""
    file = simulator.program.root / "Pulumi.prod.yaml"
    file.write_text(f'config: {{"marginalia:stack": {{architecture: arm64, images: {images}}}}}')
    trial.mark_pins_pushed(simulator, "prod")
    with simulator.home.store() as store:
        return [(each.id, each.properties["platform"]) for each in store.find(ecr.IMAGE)]


def test_a_pinned_digest_is_marked_as_pushed_once_if_its_repository_exists(simulator: Simulator) -> None:
    pins = f'{{authsvc: "{PINNED}", other: "{PINNED.replace("authsvc", "other")}"}}'
    assert pushed(simulator, pins) == [(PINNED, "linux/arm64")]
    assert pushed(simulator, pins) == [(PINNED, "linux/arm64")]


@pytest.mark.parametrize(
    ("section", "builds"),
    [("{build: {context: image/sample}}", True), ("{images: {}}", False), ("[]", False), ("null", False)],
)
def test_a_stack_builds_its_images_if_its_file_has_a_build_section(
    simulator: Simulator, section: str, builds: bool
) -> None:
    (simulator.program.root / "Pulumi.prod.yaml").write_text(f'config: {{"marginalia:stack": {section}}}')
    assert trial.builds(simulator, "prod") is builds


def test_a_stack_without_a_file_does_not_build_its_images(simulator: Simulator) -> None:
    assert not trial.builds(simulator, "prod"), "one of two compared commits may lack the file"


def test_a_state_directory_is_not_copied_while_another_simulator_uses_it(simulator: Simulator) -> None:
    with simulator.home.lock("prod.eu"), pytest.raises(UserError) as error, trial.copied_home(simulator):
        pass
    assert str(error.value).startswith("prod.eu: locked since ")
    with trial.copied_home(simulator) as there:
        assert [path.name for path in there.home.path.iterdir()] == ["cloud.sqlite"]


@pytest.mark.parametrize("images", ["{authsvc: latest}", "[]", "null", "{"])
def test_an_invalid_stack_file_pins_no_images(simulator: Simulator, images: str) -> None:
    assert pushed(simulator, images) == []
