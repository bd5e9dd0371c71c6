"""`tag-sources`: the commits of the sources as tags in ECR, on the simulator's clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs.image import Reference
from ops import ecr, tag_sources
from tests.unit.ops.operated import Operated

COMMIT = "0123456789ab"
RUN = ("tag-sources", "prod", "--yes")


@pytest.fixture(autouse=True)
def built(operated: Operated) -> None:
    """The stack built the image `b` from a commit."""
    operated.outputs.update(commits={"promptsvc": COMMIT})


def commits(operated: Operated, digit: str) -> list[str]:
    client = operated.cloud.client("ecr", operated.promptsvc.world.account, "us-east-1")
    return ecr.source_commits(client, Reference.parse(operated.image(digit)))


def test_each_built_image_gets_the_tag_of_its_commit_once(operated: Operated) -> None:
    for _ in range(2):
        assert operated.run(*RUN) == 0
        assert (commits(operated, "a"), commits(operated, "b")) == ([], [COMMIT])


def test_a_commit_with_the_same_result_adds_a_tag(operated: Operated) -> None:
    assert operated.run(*RUN) == 0
    operated.outputs.update(commits={"promptsvc": "ba9876543210"})
    assert operated.run(*RUN) == 0
    assert commits(operated, "b") == [COMMIT, "ba9876543210"]


def test_a_tag_of_another_image_is_a_message_and_no_error(
    operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operated.run(*RUN) == 0
    operated.outputs.update(images={"promptsvc": operated.image("a")})
    capsys.readouterr()
    assert operated.run(*RUN, "--json") == 0
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert printed["messages"] == [
        f"promptsvc: src-{COMMIT} was not set: another image has this tag: the commit was built before, with another"
        " result."
    ]
    assert (commits(operated, "a"), commits(operated, "b")) == ([], [COMMIT])


def test_an_image_of_an_edited_source_gets_no_tag(operated: Operated) -> None:
    operated.outputs.update(commits={"mcp": COMMIT})
    action = tag_sources.prepare(operated.cloud, "prod")
    assert action.plan == ("promptsvc: the commit is not known: its source was edited when it was built.",)
    assert action.question == ""


def test_a_stack_that_knows_no_commit_has_nothing_to_tag(operated: Operated) -> None:
    operated.outputs.update(commits={})
    assert operated.run("tag-sources", "prod") == 0


def test_an_image_that_ecr_does_not_have_is_named(operated: Operated) -> None:
    operated.promptsvc.remove("ecr image")
    [line] = tag_sources.prepare(operated.cloud, "prod").plan
    assert line == "promptsvc: sha256:bbbbbbbbbbbb does not exist in ECR. Build it again: update prod"


def test_it_needs_exactly_the_permissions_that_it_names(operated: Operated) -> None:
    operated.actions.clear()
    assert operated.run(*RUN) == 0
    assert operated.actions == set(tag_sources.PERMISSIONS)
