"""The verbs that change what runs, on the simulator's clients."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest

from config.problems import UserError
from ops import restart, rollback, rollback_now, scale, stop_rollout
from tests.unit.ops.operated import Operated

VERBS = {
    "restart": ["restart", "prod", "promptsvc"],
    "scale": ["scale", "prod", "promptsvc", "1"],
    "stop-rollout": ["stop-rollout", "prod", "promptsvc"],
    "rollback": ["rollback", "prod", "promptsvc"],
    "rollback --now": ["rollback", "prod", "promptsvc", "--now"],
}
each_verb = pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)


def prepared(operated: Operated, words: Sequence[str]) -> None:
    """`stop-rollout` needs a rollout in progress."""
    if words[0] == "stop-rollout":
        operated.release("c", fault="in-progress")


def everything(operated: Operated) -> object:
    """The cloud and the stack file."""
    return operated.service.properties, operated.file.read_text()


@each_verb
@pytest.mark.parametrize("answer", ["\n", "n\n", "no\n", "yy\n", ""])
def test_nothing_changes_unless_the_answer_is_yes(
    operated: Operated,
    words: list[str],
    answer: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepared(operated, words)
    before = everything(operated)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert operated.run(*words) == 1
    assert everything(operated) == before
    assert capsys.readouterr().out.endswith("Nothing was changed.\n")


class Terminal:
    def __init__(self, answer: str) -> None:
        self.answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.answer


@each_verb
def test_a_yes_on_the_terminal_makes_the_change(
    operated: Operated, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(operated, words)
    before = everything(operated)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert operated.run(*words) == 0
    assert everything(operated) != before
    assert capsys.readouterr().err.endswith("? [y/N] ")


@each_verb
def test_without_a_terminal_a_verb_needs_yes(
    operated: Operated, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(operated, words)
    before = everything(operated)
    assert operated.run(*words) == 1
    assert everything(operated) == before
    assert capsys.readouterr().err == (
        "prod/promptsvc: nothing was changed, because no terminal answers the question."
        " Add --yes to make the change, or --dry-run to see it only.\n"
    )
    assert operated.run(*words, "--yes") == 0
    assert everything(operated) != before


@each_verb
def test_a_dry_run_changes_nothing_and_asks_nothing(
    operated: Operated, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(operated, words)
    before = everything(operated)
    assert operated.run(*words, "--dry-run") == 0
    assert everything(operated) == before
    assert capsys.readouterr().out.endswith("Dry run: nothing was changed.\n")


@each_verb
def test_json_is_one_object_on_standard_output(
    operated: Operated, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(operated, words)
    assert operated.run(*words, "--yes", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["verb"], printed["subject"], printed["changed"]) == (words[0], "prod/promptsvc", True)


PERMISSIONS = {
    "restart": restart.PERMISSIONS,
    "scale": scale.PERMISSIONS,
    "stop-rollout": stop_rollout.PERMISSIONS,
    "rollback": rollback.PERMISSIONS,
    "rollback --now": rollback_now.PERMISSIONS,
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_needs_exactly_the_permissions_that_it_names(operated: Operated, verb: str) -> None:
    prepared(operated, VERBS[verb])
    operated.actions.clear()
    assert operated.run(*VERBS[verb], "--yes") == 0
    assert operated.actions == set(PERMISSIONS[verb])


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_names_its_permissions_and_exit_codes(
    operated: Operated, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        operated.run(VERBS[verb][0], "--help")
    text = capsys.readouterr().out
    assert set(PERMISSIONS[verb]) <= set(re.findall(r"[a-z]+:[A-Z]\w+", text))
    assert "exit codes:" in text


@each_verb
def test_a_service_that_the_stack_does_not_run_is_named_with_those_that_it_runs(
    operated: Operated, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert operated.run(words[0], "prod", "promptsv", *words[3:]) == 1
    assert capsys.readouterr().err == "prod: no service promptsv. Did you mean promptsvc? It runs promptsvc.\n"


def test_a_stack_without_services_says_how_to_deploy_them(operated: Operated) -> None:
    operated.outputs.update(images={}, services={})
    with pytest.raises(UserError, match=r"^prod: runs no services\. Deploy them first: update prod$"):
        restart.prepare(operated.cloud, "prod", "promptsvc", operated.root)


def test_a_running_update_is_a_warning(operated: Operated) -> None:
    operated.outputs.update(pending=("promptsvc-service",))
    plan = restart.prepare(operated.cloud, "prod", "promptsvc", operated.root).plan
    assert plan[-1] == "An update of prod is in progress or was interrupted: it may change promptsvc again."


def test_a_restart_deploys_the_same_revision_again(operated: Operated) -> None:
    count = len(operated.service.properties["serviceDeployments"])
    assert operated.run("restart", "prod", "promptsvc", "--yes") == 0
    assert len(operated.service.properties["serviceDeployments"]) == count + 1
    assert operated.running == "mrgnl-promptsvc:2"


def test_a_restart_waits_for_the_rollout_in_progress(operated: Operated) -> None:
    operated.release("c", fault="in-progress")
    with pytest.raises(UserError, match=r"rollout in progress .* python -m ops stop-rollout prod promptsvc$"):
        restart.prepare(operated.cloud, "prod", "promptsvc", operated.root)


@pytest.mark.parametrize("tasks", ["0", "3"])
def test_the_bounds_of_the_stack_file_bound_the_number_of_tasks(
    operated: Operated, tasks: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operated.run("scale", "prod", "promptsvc", tasks, "--yes") == 1
    assert capsys.readouterr().err == (
        f"prod/promptsvc: {tasks} tasks are outside of the bounds of Pulumi.prod.yaml, 1 to 2."
        " Change marginalia:stack.sizes.promptsvc there, then deploy it: update prod\n"
    )


def test_scale_starts_no_deployment(operated: Operated) -> None:
    before = operated.service.properties
    assert operated.run("scale", "prod", "promptsvc", "1", "--yes") == 0
    assert operated.service.properties == {**before, "desiredCount": 1}


def test_scale_to_the_same_number_asks_nothing(operated: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    assert operated.run("scale", "prod", "promptsvc", "2") == 0
    assert "The desired count is 2 already: nothing to do." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("size", "line"),
    [
        (
            {"min": 1, "max": 2},
            "The next update keeps the number; Application Auto Scaling may change it at any time, between 1 and 2, by"
            " load.",
        ),
        (
            {"min": 1, "max": 1},
            "The service does not scale by load: the next update with a refresh sets 1, as the stack file does.",
        ),
    ],
)
def test_scale_says_whether_the_next_update_keeps_the_number(
    operated: Operated, size: dict[str, int], line: str
) -> None:
    operated.pin("b", sizes={"default": size})
    assert line in scale.prepare(operated.cloud, "prod", "promptsvc", 1, operated.root).plan


def test_a_stopped_rollout_goes_back_to_the_revision_before_it(operated: Operated) -> None:
    operated.release("c", fault="in-progress")
    plan = stop_rollout.prepare(operated.cloud, "prod", "promptsvc", operated.root).plan
    assert plan[1] == (
        "ECS would stop the deployment of mrgnl-promptsvc:3 and go back to mrgnl-promptsvc:2, whose deployment"
        " succeeded last."
    )
    assert operated.run("stop-rollout", "prod", "promptsvc", "--yes") == 0
    assert operated.running == "mrgnl-promptsvc:2"
    with pytest.raises(
        UserError, match=r"^prod/promptsvc: no rollout is in progress \(mrgnl-promptsvc:2, 2 of 2 tasks"
    ):
        stop_rollout.prepare(operated.cloud, "prod", "promptsvc", operated.root)
