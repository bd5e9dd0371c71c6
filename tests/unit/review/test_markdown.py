from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ecs import types
from review.changes.differences import Change
from review.changes.rollouts import Reason, Rollout
from review.changes.stack import Changes, Detail, Edit
from review.render.limits import COMMENT, SUMMARY
from review.render.markdown import code, page, prose
from review.render.terminal import as_json, show

HOSTILE = "a|b `c` <img src=x> [l](http://x) @octocat **d**\n# e"
"""Markup of every kind: a cell's end, code, HTML, a link, a mention, emphasis, a heading."""


def rolling(value: str) -> Changes:
    change = Change(property="environment X", before=None, after=value)
    rollout = Rollout(
        service="authsvc", kind="rolls out", reasons=(Reason(summary="environment X", changes=(change,)),)
    )
    step = Detail(operation="update", type=types.SERVICE, name="authsvc-service", changes=(change,))
    return Changes(stack="dev", rollouts=(rollout,), steps=(step,))


def long(stack: str, steps: int) -> Changes:
    detail = Detail(operation="create", type=types.SUBNET, name="é" * 90, changes=())
    return Changes(stack=stack, errors=("no",), steps=(detail,) * steps)


def test_a_page_without_changes_is_one_line() -> None:
    assert page([Changes(stack="dev"), Changes(stack="prod")]) == "Changes: none in `dev`, `prod`.\n"


def test_a_page_without_changes_has_the_notes() -> None:
    text = page([Changes(stack="dev")], notes=["*not* here"])
    assert text == "Changes: none in `dev`.\n\n> [!NOTE]\n> \\*not\\* here\n"


def test_a_value_cannot_end_its_table_cell_or_its_code() -> None:
    [row] = [line for line in page([rolling(HOSTILE)]).splitlines() if line.startswith("| authsvc")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 4
    assert row.endswith(r"| — → ``a\|b `c` <img src=x> [l](http://x) @octocat **d** # e`` |")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("see #1", r"see \#1"),
        ("GH-1", r"GH\-1"),
        ("https://example.com", r"https\://example.com"),
        ("$x$", r"\$x\$"),
        ("\x1b[31mred", r"\\x1b\[31mred"),
        ("a#b, c-1", "a#b, c-1"),
    ],
)
def test_what_github_links_or_a_terminal_obeys_is_text(text: str, escaped: str) -> None:
    assert prose(text) == escaped


def test_prose_escapes_all_markup() -> None:
    assert prose(HOSTILE) == ("a|b \\`c\\` &lt;img src=x&gt; \\[l\\](http\\://x) @\u200boctocat \\*\\*d\\*\\* # e")


@given(st.text(alphabet="`a ", min_size=1, max_size=8))
def test_the_fence_of_inline_code_is_longer_than_any_in_it(text: str) -> None:
    inside = code(text)
    fence = re.match("`+", inside)
    assert fence
    assert fence[0] not in inside[len(fence[0]) : -len(fence[0])]


def test_an_error_is_text_that_wraps_and_none_of_it_is_markup() -> None:
    text = page([Changes(stack="prod", errors=("first\n\n  * <b>second</b>", "- [third](http://x)", "1. # x"))])
    assert (
        "> **prod: the deployment fails**\n>\n> first<br>\n> \\* &lt;b&gt;second&lt;/b&gt;<br>\n"
        "> \\- \\[third\\](http\\://x)<br>\n> 1\\. # x\n"
    ) in text


def test_a_change_without_values_has_an_empty_cell() -> None:
    change = Change(property="replaced: 2 subnets", before=None, after=None)
    rollout = Rollout(service="mcp", kind="rolls out", reasons=(Reason(summary="x", changes=(change,)),))
    assert "| mcp | replaced: 2 subnets |  |" in page([Changes(stack="dev", rollouts=(rollout,))])


def test_a_value_cannot_close_the_list_of_engine_steps() -> None:
    text = page([rolling("```\n</details>")])
    assert "````\nupdate authsvc-service" in text
    assert text.index("</details>\n\n_From") > text.rindex("````\n")


def test_a_page_that_is_too_long_omits_the_longest_list_of_engine_steps_and_names_it() -> None:
    text = page([long("dev", 500), long("prod", 200)])
    assert len(text.encode()) < COMMENT
    assert text.count("<details>") == text.count("</details>") == 1
    assert "200 engine steps" in text
    assert "_Omitted, because the page is too long: the engine steps of dev._" in text


def test_a_page_is_measured_in_bytes() -> None:
    text = page([long("dev", 400)])
    assert len(text.encode()) < COMMENT
    assert "the engine steps of dev" in text


def test_a_page_for_a_summary_keeps_what_a_comment_omits() -> None:
    text = page([long("dev", 500), long("prod", 200)], longest=SUMMARY)
    assert "500 engine steps" in text
    assert "_Omitted" not in text


def test_a_page_that_is_too_long_without_engine_steps_is_cut_with_a_note() -> None:
    text = page([Changes(stack="dev", errors=("é line\n" * COMMENT,))])
    assert COMMENT - 100 < len(text.encode()) <= COMMENT
    assert text.endswith("_The rest is omitted, because the page is too long._\n")


@pytest.mark.parametrize("color", [True, False])
def test_the_terminal_shows_brackets_literally(color: bool) -> None:
    console = Console(record=True, width=120, force_terminal=color, file=io.StringIO())
    show(console, [rolling("[red]x[/red]")])
    assert "[red]x[/red]" in console.export_text()


def test_the_terminal_wraps_a_line_between_words_and_breaks_no_word() -> None:
    console = Console(width=20, file=(output := io.StringIO()))
    show(console, [], notes=[f"word word word {'x' * 30}"])
    assert output.getvalue().splitlines() == ["", "Note: word word word", f"  {'x' * 30}"]


def test_the_terminal_shows_a_change_without_values() -> None:
    change = Change(property="a referenced resource is replaced", before=None, after=None)
    edit = Edit(component="x", type=types.BUCKET, name="content", is_new=False, changes=(change,))
    console = Console(record=True, width=120, file=io.StringIO())
    show(console, [Changes(stack="dev", edits=(edit,))])
    assert "    x: S3 bucket content: a referenced resource is replaced" in console.export_text().splitlines()


def test_json_has_the_headline_and_the_fields() -> None:
    [stack] = json.loads(as_json([rolling("x")]))["stacks"]
    assert stack["headline"] == "1 service rolls out (authsvc: environment X)"
    assert stack["rollouts"][0]["reasons"][0]["changes"] == [
        {"property": "environment X", "before": None, "after": "x"}
    ]
