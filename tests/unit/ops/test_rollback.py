"""`rollback`, by the stack file and by ECS alone, on the simulator's clients."""

from __future__ import annotations

import re

import pytest

from config.problems import UserError
from ops import rollback, rollback_now
from tests.unit.ops.operated import Operated, digest


def test_now_ecs_runs_the_former_revision(operated: Operated) -> None:
    assert operated.run("rollback", "prod", "promptsvc", "--now", "--yes") == 0
    assert operated.running == "mrgnl-promptsvc:1"
    assert operated.pinned() == {"promptsvc": operated.image("b")}


def test_a_second_rollback_now_is_refused_as_ecs_went_back_already(operated: Operated) -> None:
    assert operated.run("rollback", "prod", "promptsvc", "--now", "--yes") == 0
    with pytest.raises(UserError, match=r"^prod/promptsvc: ECS runs sha256:aaaaaaaaaaaa \(mrgnl-promptsvc:1\) already"):
        rollback_now.prepare(operated.cloud, "prod", "promptsvc", to=None, root=operated.root)


def test_a_rollback_now_says_that_the_stack_file_must_follow(operated: Operated) -> None:
    action = rollback_now.prepare(operated.cloud, "prod", "promptsvc", to=None, root=operated.root)
    assert action.follow_up[1] == (
        "The next update with a refresh deploys the image of mrgnl-promptsvc:2 again. To keep the rollback: pin the"
        " former image, python -m ops rollback prod promptsvc, and commit it. Then deploy: update prod"
    )


@pytest.mark.parametrize("to", ["1", "mrgnl-promptsvc:1", f"sha256:{'a' * 7}", f"sha256:{'a' * 64}"])
@pytest.mark.parametrize("options", [[], ["--now"]])
def test_a_digest_or_a_revision_may_be_named(operated: Operated, to: str, options: list[str]) -> None:
    operated.release("c")
    assert operated.run("rollback", "prod", "promptsvc", "--to", to, "--yes", *options) == 0
    found = operated.running if options else digest(operated.pinned()["promptsvc"])
    assert found == ("mrgnl-promptsvc:1" if options else f"sha256:{'a' * 64}")


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("latest", "'latest' is neither a digest, such as sha256:0123456, nor a revision, such as 41 or"),
        ("9", "mrgnl-promptsvc:9 does not exist or was deregistered"),
        ("mrgnl-mcp:1", "mrgnl-mcp is not the service's task definition, which is mrgnl-promptsvc"),
        ("sha256:9999999", "the digest sha256:9999999"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--now"]])
def test_what_cannot_be_gone_back_to_is_refused(
    operated: Operated, to: str, message: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert operated.run("rollback", "prod", "promptsvc", "--to", to, "--yes", *options) == 1
    error = capsys.readouterr().err
    assert error.startswith("prod/promptsvc: ")
    assert message in error


def test_a_former_revision_that_reads_another_secret_version_is_a_warning(operated: Operated) -> None:
    secret = f"{operated.promptsvc.secret}:::{operated.promptsvc.version}"
    operated.release("c", secrets=[{"name": "DATABASE_URL", "valueFrom": secret}])
    action = rollback_now.prepare(operated.cloud, "prod", "promptsvc", to="1", root=operated.root)
    assert (
        "mrgnl-promptsvc:1 reads another secret or version for DATABASE_URL: if it was rotated since, the former value"
        " may be refused."
    ) in action.plan


def test_a_rollback_pins_the_image_before_with_the_commit_of_its_source(operated: Operated) -> None:
    assert operated.run("rollback", "prod", "promptsvc", "--yes") == 0
    [line] = [each for each in operated.file.read_text().splitlines() if "@sha256" in each]
    assert re.fullmatch(
        rf" +promptsvc: {re.escape(operated.image('a'))} # rolled back, \d{{4}}-\d\d-\d\d, commit a{{12}}", line
    )


def test_a_rollback_does_not_go_forward_again(operated: Operated) -> None:
    operated.pin("a")
    with pytest.raises(
        UserError, match=r"have an image from before sha256:aaaaaaaaaaaa\. If another change is at fault"
    ):
        rollback.prepare(operated.cloud, "prod", "promptsvc", to=None, root=operated.root, today="2026-01-03")


def test_an_image_that_ecs_rolled_back_is_never_gone_back_to(operated: Operated) -> None:
    operated.release("c", fault="rollback")
    operated.pin("c")
    assert operated.run("rollback", "prod", "promptsvc", "--yes") == 0
    assert operated.pinned() == {"promptsvc": operated.image("b")}
    operated.release("d")
    operated.pin("d")
    assert operated.run("rollback", "prod", "promptsvc", "--yes") == 0
    assert operated.pinned() == {"promptsvc": operated.image("b")}


def test_without_deployments_in_ecs_the_commits_of_the_file_are_used(operated: Operated) -> None:
    operated.promptsvc.world.change(operated.service, serviceDeployments=[])
    action = rollback.prepare(operated.cloud, "prod", "promptsvc", to=None, root=operated.root, today="2026-01-03")
    assert action.details["after"] == operated.image("a")
    assert action.plan[1].endswith("for promptsvc, which an earlier commit of the file pinned.")


def test_an_image_that_ecr_does_not_have_is_refused(operated: Operated) -> None:
    operated.promptsvc.remove("ecr image")
    for options in ([], ["--now"]):
        assert operated.run("rollback", "prod", "promptsvc", "--yes", *options) == 1
    assert operated.running == "mrgnl-promptsvc:2"


def test_a_stack_file_with_uncommitted_changes_is_refused_as_by_a_promotion(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    operated.file.write_text(operated.file.read_text() + "# edited\n")
    assert operated.run("rollback", "prod", "promptsvc", "--yes") == 1
    assert capsys.readouterr().err == ("Pulumi.prod.yaml: has uncommitted changes. Commit or discard them first.\n")


def test_a_stack_that_builds_is_told_to_revert_the_source(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    operated.write()
    operated.outputs.update(commits={"promptsvc": "bbbbbbbbbbbb"})
    assert operated.run("rollback", "prod", "promptsvc", "--yes") == 1
    assert capsys.readouterr().err == (
        "prod/promptsvc: prod builds its images. Run `git revert` in the source of promptsvc (it runs commit"
        " bbbbbbbbbbbb), then deploy: update prod. To go back at once, by ECS alone: python -m ops rollback prod"
        " promptsvc --now\n"
    )
