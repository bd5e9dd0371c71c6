"""Promotions of the job that creates logins, from a stack that builds it to one that pins it."""

from __future__ import annotations

import pytest

from ecs import types
from simulator.logins import LOGINS
from tests.engine.conftest import Checkout
from tests.git import commit_all, git
from tests.review.test_promotion import promotion, unused_images


def set_logins(checkout: Checkout, stack: str, mode: str) -> None:
    checkout.edit(stack, lambda settings: settings.setdefault("database", {}).update(logins=mode))


def image(checkout: Checkout, stack: str) -> str:
    return checkout.simulator.outputs(stack)["jobs"]["logins"]["image"]


@pytest.fixture
def moved(checkout: Checkout) -> Checkout:
    """A deployed dev whose services have own logins, with every file committed; prod is shared."""
    set_logins(checkout, "dev", "own")
    commit_all(checkout.root)
    checkout.run("up")
    return checkout


def test_a_pinned_stack_gets_the_job_by_a_promotion_and_then_moves(
    moved: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert promotion(moved, "dev", "prod") == 0, capsys.readouterr().err
    git(moved.root, "commit", "-am", "promotion")
    moved.run("up", "prod")
    assert "jobs" not in moved.simulator.outputs("prod"), "a pinned image alone declares nothing"
    capsys.readouterr()
    assert unused_images(moved) == 0
    assert "No unused images" in capsys.readouterr().out, "prod's file pins the job's image"
    for mode in ("moving", "own"):
        set_logins(moved, "prod", mode)
        moved.run("up", "prod")
        assert moved.changed(stack="prod") == set()
    assert image(moved, "prod") == image(moved, "dev"), "prod runs the bytes that dev ran"
    with moved.home.store() as store:
        logins = [sorted(each.properties[LOGINS]) for each in store.find(types.DB_INSTANCE)]
    assert logins == [["authsvc_a", "chatsvc_a", "promptsvc_a", "scrapsvc_a"]] * 2


def test_the_pin_of_the_job_names_the_commit_of_its_own_folder(moved: Checkout) -> None:
    main_go = moved.root / "image" / "sample" / "cmd" / "server" / "main.go"
    main_go.write_text(main_go.read_text() + "\n// edited\n")
    moved.run("up")
    commits = moved.simulator.outputs("dev")["commits"]
    assert commits == {"logins": git(moved.root, "rev-parse", "HEAD")[:12]}, "the sample has no commit"


def test_a_new_image_of_the_job_alone_runs_it_once_and_rolls_nothing_out(
    moved: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    set_logins(moved, "prod", "own")
    git(moved.root, "commit", "-am", "own logins")
    assert promotion(moved, "dev", "prod") == 0, capsys.readouterr().err
    git(moved.root, "commit", "-am", "promotion")
    moved.run("up", "prod")
    first = image(moved, "prod")
    job = moved.root / "image" / "logins" / "go.mod"
    job.write_text(job.read_text() + "\n// edited\n")
    moved.run("up")
    assert promotion(moved, "dev", "prod", "--service", "logins") == 0, capsys.readouterr().err
    changed = moved.changed(stack="prod")
    assert changed == {("replace", "logins-task-definition"), ("update", "logins-applied")}
    assert image(moved, "prod") == image(moved, "dev") != first
