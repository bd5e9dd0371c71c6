"""From dev's tasks to prod's file, by the command line, against the simulator."""

from __future__ import annotations

import fcntl
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from promotion import promote
from promotion.cli import main
from services import CATALOGUE
from simulator.aws import ecr
from simulator.engine import CLOUD
from simulator.store import Store
from tests.engine.conftest import Checkout


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    done = subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True)  # noqa: S607
    return done.stdout


@pytest.fixture
def committed(dev: Checkout) -> Checkout:
    """Dev up, and every file committed."""
    git(dev.root, "init")
    git(dev.root, "add", ".")
    git(dev.root, "commit", "-m", "as it was")
    return dev


def promotion(checkout: Checkout, *arguments: str) -> int:
    return main([*arguments, "--simulator", "--home", str(checkout.home)], root=checkout.root)


def prod_file(checkout: Checkout) -> bytes:
    return (checkout.root / "Pulumi.prod.yaml").read_bytes()


def promoted(checkout: Checkout) -> set[str]:
    """The tags of promotions in the cloud."""
    with closing(Store(checkout.home / CLOUD)) as store:
        tags = {tag for image in store.find(ecr.IMAGE) for tag in image.properties["tags"]}
    return {tag for tag in tags if tag.startswith("promoted-")}


def edit_and_bring_up(checkout: Checkout, service: str, **faults: str) -> bool:
    main_go = checkout.sources / f"mrgnl-{service}" / "cmd" / "server" / "main.go"
    main_go.write_text(main_go.read_text() + "\n// edited\n")
    return replace(checkout.simulator, faults=faults).run("up", "dev").succeeded


def digest(checkout: Checkout, service: str) -> str:
    return checkout.simulator.outputs("dev")["images"][service].rpartition(":")[2]


def test_a_promotion_is_a_line_a_service_and_its_revert_is_the_former_file(committed: Checkout) -> None:
    before = prod_file(committed)
    assert promotion(committed, "dev", "prod") == 0
    assert git(committed.root, "diff", "--name-only").split() == ["Pulumi.prod.yaml"]
    added, removed, _ = git(committed.root, "diff", "--numstat").split()
    assert (int(added), int(removed)) == (1 + len(CATALOGUE.names), 1)
    git(committed.root, "commit", "-am", "promotion")
    git(committed.root, "revert", "--no-edit", "HEAD")
    assert prod_file(committed) == before


def test_a_second_promotion_changes_nothing(committed: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    assert promotion(committed, "dev", "prod") == 0
    file = committed.root / "Pulumi.prod.yaml"
    once = file.read_bytes(), file.stat().st_ino, committed.held()
    capsys.readouterr()
    assert promotion(committed, "dev", "prod") == 0
    assert (file.read_bytes(), file.stat().st_ino, committed.held()) == once
    assert capsys.readouterr().out.endswith("\nPulumi.prod.yaml says so already.\n")


def test_a_promotion_that_was_cut_off_is_completed_by_the_next(
    committed: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    before = prod_file(committed)
    with monkeypatch.context() as patched:
        patched.setattr(promote.stackfile, "save", cut)
        assert promotion(committed, "dev", "prod") == 130
    tags = promoted(committed)
    assert (len(tags), prod_file(committed)) == (1, before)  # the sources are all one, so are the digests
    assert promotion(committed, "dev", "prod") == 0
    assert promoted(committed) == tags
    assert prod_file(committed) != before


def test_a_chain_takes_the_same_bytes_on_and_tags_them_where_they_lie(committed: Checkout) -> None:
    staging = (
        prod_file(committed).replace(b"000000000001", b"000000000002").replace(b"content-prod", b"content-staging")
    )
    (committed.root / "Pulumi.staging.yaml").write_bytes(staging)
    committed.edit("dev", lambda stack: stack["build"]["consumers"].append("000000000002"))
    git(committed.root, "add", ".")
    git(committed.root, "commit", "-m", "staging")
    committed.run("up", "dev")
    assert promotion(committed, "dev", "staging") == 0
    committed.run("up", "staging")
    assert promotion(committed, "staging", "prod") == 0
    pinned = yaml.safe_load(prod_file(committed))["config"]["marginalia:stack"]["images"]
    assert pinned == committed.simulator.outputs("dev")["images"]
    assert {tag.rsplit("-", 1)[0] for tag in promoted(committed)} == {"promoted-staging", "promoted-prod"}


def test_a_dry_run_changes_nothing(committed: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    before = prod_file(committed)
    assert promotion(committed, "dev", "prod", "--dry-run") == 0
    assert (promoted(committed), prod_file(committed)) == (set(), before)
    assert capsys.readouterr().out.endswith("\nA dry run: nothing is tagged and nothing is written.\n")


@pytest.mark.parametrize("fault", ["rollback", "silent-rollback"])
def test_what_was_rolled_back_is_not_promoted(
    committed: Checkout, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    before = prod_file(committed)
    assert not edit_and_bring_up(committed, "promptsvc", promptsvc=fault)
    assert promotion(committed, "dev", "prod") == 1
    assert (promoted(committed), prod_file(committed)) == (set(), before)
    assert capsys.readouterr().err == "dev: its last update failed: mend what failed and bring it up again\n"


def test_a_stack_that_is_being_updated_is_not_promoted(committed: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    with (committed.home / "dev.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert promotion(committed, "dev", "prod") == 1
    assert capsys.readouterr().err == "another simulator is busy with stack dev; wait for it\n"


def test_an_image_that_is_gone_from_ecr_is_not_promoted(
    committed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = committed.simulator.outputs("dev")["images"]["mcp"]
    committed.forget(ecr.IMAGE, reference)
    assert promotion(committed, "dev", "prod") == 1
    assert capsys.readouterr().err == f"dev: mcp: ECR does not hold {reference}: build it again\n"


def test_a_promoted_image_is_releasable_once_nothing_pins_or_runs_it(
    committed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    former = digest(committed, "promptsvc")[:12]
    assert promotion(committed, "dev", "prod") == 0
    git(committed.root, "commit", "-am", "promotion")
    assert edit_and_bring_up(committed, "promptsvc")
    capsys.readouterr()
    assert promotion(committed, "dev", "--releasable") == 0  # prod's file pins it
    assert capsys.readouterr().out == "Every promoted image is pinned, or runs.\n"
    assert promotion(committed, "dev", "prod", "--service", "promptsvc") == 0
    capsys.readouterr()
    assert promotion(committed, "dev", "--releasable") == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if "promoted-prod-" in line]
    assert [(former in line, "mrgnl-promptsvc" in line) for line in listed] == [(True, True)]
