"""Promotions from dev to prod by the command line, in the simulator."""

from __future__ import annotations

import fcntl
import json
from dataclasses import replace
from typing import Any

import pytest
import yaml

from image import source_commits
from ops import promote
from ops.cli import main
from simulator.aws import ecr
from simulator.faults import Fault, Faults
from tests.declared import CATALOGUE
from tests.engine.conftest import Checkout
from tests.git import commit_all, git


@pytest.fixture
def committed(dev: Checkout) -> Checkout:
    """A deployed dev, with every file committed."""
    commit_all(dev.root)
    return dev


def promotion(checkout: Checkout, *arguments: str) -> int:
    return main(["promote", *arguments, "--simulator", "--home", str(checkout.home.path)], root=checkout.root)


def up_again(checkout: Checkout) -> str:
    """The command that deploys dev after a refresh."""
    return f".venv/bin/python -m simulator up --refresh --home {checkout.home.path} --stack dev"


def unused_images(checkout: Checkout, *options: str) -> int:
    return main(
        ["unused-images", "dev", *options, "--simulator", "--home", str(checkout.home.path)], root=checkout.root
    )


def prod_file(checkout: Checkout) -> bytes:
    return (checkout.root / "Pulumi.prod.yaml").read_bytes()


def promoted(checkout: Checkout) -> set[str]:
    """The promotion tags in ECR."""
    with checkout.home.store() as store:
        tags = {tag for image in store.find(ecr.IMAGE) for tag in image.properties["tags"]}
    return {tag for tag in tags if tag.startswith("promoted-")}


def edit_and_deploy(checkout: Checkout, service: str, *faults: Fault) -> bool:
    main_go = checkout.sources / f"mrgnl-{service}" / "cmd" / "server" / "main.go"
    main_go.write_text(main_go.read_text() + "\n// edited\n")
    return replace(checkout.simulator, faults=Faults(faults)).run("up", "dev").succeeded


def digest(checkout: Checkout, service: str) -> str:
    return checkout.simulator.outputs("dev")["images"][service].rpartition(":")[2]


def test_a_promotion_changes_one_line_per_service_and_a_revert_restores_the_file(committed: Checkout) -> None:
    before = prod_file(committed)
    assert promotion(committed, "dev", "prod") == 0
    assert git(committed.root, "diff", "--name-only").split() == ["Pulumi.prod.yaml"]
    added, removed, _ = git(committed.root, "diff", "--numstat").split()
    assert (int(added), int(removed)) == (1 + len(CATALOGUE.names), 1)
    git(committed.root, "commit", "-am", "promotion")
    git(committed.root, "revert", "--no-edit", "HEAD")
    assert prod_file(committed) == before


def test_a_pin_names_the_commit_of_its_source_unless_the_source_was_edited(committed: Checkout) -> None:
    for name in ("authsvc", "mcp"):
        commit_all(committed.sources / f"mrgnl-{name}")
    edit_and_deploy(committed, "authsvc")
    assert promotion(committed, "dev", "prod") == 0
    head = git(committed.sources / "mrgnl-mcp", "rev-parse", "HEAD")[: source_commits.DIGITS]
    assert source_commits.pinned(prod_file(committed).decode()) == {"mcp": head}


def test_a_second_promotion_changes_nothing(committed: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    assert promotion(committed, "dev", "prod") == 0
    file = committed.root / "Pulumi.prod.yaml"
    once = file.read_bytes(), file.stat().st_ino, committed.stored()
    capsys.readouterr()
    assert promotion(committed, "dev", "prod") == 0
    assert (file.read_bytes(), file.stat().st_ino, committed.stored()) == once
    assert capsys.readouterr().out.endswith("\nPulumi.prod.yaml: already pins these images.\n")


def test_an_interrupted_promotion_is_completed_by_the_next(
    committed: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = prod_file(committed)
    with monkeypatch.context() as patched:
        patched.setattr(promote.image_pins, "save", interrupt)
        assert promotion(committed, "dev", "prod") == 130
    tags = promoted(committed)
    assert (len(tags), prod_file(committed)) == (1, before)  # identical sources have one digest
    assert promotion(committed, "dev", "prod") == 0
    assert promoted(committed) == tags
    assert prod_file(committed) != before


def test_a_chain_of_promotions_keeps_the_digests_and_tags_them_in_their_repository(committed: Checkout) -> None:
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


def test_a_script_reads_what_a_promotion_changes(committed: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    images = committed.simulator.outputs("dev")["images"]
    expected: dict[str, Any] = {
        "verb": "promote",
        "subject": "dev to prod",
        "file": "Pulumi.prod.yaml",
        "images": {
            name: {"before": None, "after": image, "promoted": True, "commit": None} for name, image in images.items()
        },
        "not-deployed": [],
    }
    for options, changed in ((["--dry-run"], False), ([], True)):
        assert promotion(committed, "dev", "prod", "--json", *options) == 0
        assert json.loads(capsys.readouterr().out) == {**expected, "changed": changed}
    assert len(promoted(committed)) == 1, "with --json the images are tagged, too"


def test_a_dry_run_changes_nothing(committed: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    before = prod_file(committed)
    assert promotion(committed, "dev", "prod", "--dry-run") == 0
    assert (promoted(committed), prod_file(committed)) == (set(), before)
    assert capsys.readouterr().out.endswith("\nDry run: no image was tagged and no file was written.\n")


@pytest.mark.parametrize("fault", ["rollback", "silent-rollback"])
def test_a_stack_with_a_rolled_back_deployment_is_not_promoted(
    committed: Checkout, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    before = prod_file(committed)
    assert not edit_and_deploy(committed, "promptsvc", Fault(fault, "promptsvc"))
    assert promotion(committed, "dev", "prod") == 1
    assert (promoted(committed), prod_file(committed)) == (set(), before)
    assert capsys.readouterr().err == f"dev: the last update failed. Fix the cause, run `{up_again(committed)}`.\n"


def test_an_update_after_a_failed_one_is_promoted_once_the_stack_was_refreshed(
    committed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    main_go = committed.sources / "mrgnl-promptsvc" / "cmd" / "server" / "main.go"
    source = main_go.read_text()
    assert not edit_and_deploy(committed, "promptsvc", Fault("rollback", "promptsvc"))
    main_go.write_text(source)
    committed.run("up", "dev")
    assert promotion(committed, "dev", "prod") == 1
    assert capsys.readouterr().err == (
        "dev: the last update succeeded without a refresh after one that failed, and may have changed nothing."
        f" Run `{up_again(committed)}`.\n"
    )
    committed.run("refresh", "dev")
    assert promotion(committed, "dev", "prod") == 1, "no update has compared the program with what was read"
    committed.run("up", "dev")
    assert promotion(committed, "dev", "prod") == 0


def test_a_stack_with_an_update_in_progress_is_not_promoted(
    committed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    with (committed.home.path / "dev.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert promotion(committed, "dev", "prod") == 1
    assert capsys.readouterr().err == "dev: locked by another simulator. Wait for it to finish.\n"


def test_an_image_that_was_deleted_from_ecr_is_not_promoted(
    committed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = committed.simulator.outputs("dev")["images"]["mcp"]
    committed.forget(ecr.IMAGE, reference)
    assert promotion(committed, "dev", "prod") == 1
    assert capsys.readouterr().err == f"dev/mcp: image {reference} does not exist in ECR. Build it again.\n"


def test_a_promoted_image_is_unused_if_no_stack_pins_or_runs_it(
    committed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    former = digest(committed, "promptsvc")[:12]
    assert promotion(committed, "dev", "prod") == 0
    git(committed.root, "commit", "-am", "promotion")
    assert edit_and_deploy(committed, "promptsvc")
    capsys.readouterr()
    assert unused_images(committed) == 0  # prod's file pins it
    assert capsys.readouterr().out == "No unused images: every promoted image is pinned or running.\n"
    assert promotion(committed, "dev", "prod", "--service", "promptsvc") == 0
    capsys.readouterr()
    assert unused_images(committed) == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if "promoted-prod-" in line]
    assert [(former in line, "mrgnl-promptsvc" in line) for line in listed] == [(True, True)]
    assert unused_images(committed, "--json") == 0
    [image] = json.loads(capsys.readouterr().out)["unused"]
    assert (image["image"].rpartition(":")[2][:12], image["tags"]) == (former, [f"promoted-prod-{former}"])
