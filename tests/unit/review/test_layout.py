"""The order and the brevity of the page and of the terminal's version."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from ecs import types
from review.changes.concerns.concern import Concern, Severity
from review.changes.differences import Change
from review.changes.rollouts import Reason, Rollout
from review.changes.stack import Changes, Edit, Source
from review.deployment.connectivity import Connection
from review.render.headline import LONGEST, headline, mark
from review.render.markdown import page
from review.render.terminal import as_json, show


def concern(text: str, severity: Severity = "caution", name: str = "", type: str = "") -> Concern:
    return Concern(severity=severity, topic="data", type=type, name=name, component=name.split("-")[0], text=text)


def rolling(*services: str, summary: str = "environment LOG_LEVEL added") -> tuple[Rollout, ...]:
    change = Change(property="environment LOG_LEVEL", before=None, after="debug")
    return tuple(
        Rollout(service=each, kind="rolls out", reasons=(Reason(summary=summary, changes=(change,)),))
        for each in services
    )


def terminal(*stacks: Changes, width: int = 80, rules: tuple[Concern, ...] = ()) -> str:
    console = Console(width=width, file=(output := io.StringIO()), no_color=True, force_terminal=False)
    show(console, stacks, rules=rules)
    return output.getvalue()


PROD = Changes(stack="prod", protected=True, pinned=True, concerns=(concern("b", "warning"), concern("a")))
STAGING = Changes(stack="staging", pinned=True, concerns=(concern("c"),))
DEV = Changes(stack="dev", concerns=(concern("d"),), rollouts=rolling("mcp"), services=5)


def shown(stacks: list[Changes]) -> str:
    return terminal(*stacks)


@pytest.mark.parametrize("render", [page, shown])
def test_production_comes_first_and_the_worst_concern_before_all_others(
    render: Callable[[list[Changes]], str],
) -> None:
    text = render([DEV, STAGING, PROD])
    overview = [text.index(each) for each in ("prod", "staging", "dev")]
    plain = text.replace("**", "")
    found = [plain.index(each) for each in ("prod: a", "staging: c", "dev: d", "prod: b")]
    assert overview == sorted(overview)
    assert found == sorted(found)


def test_json_has_the_concerns_and_the_changed_house_rules() -> None:
    found = json.loads(as_json([DEV, PROD], rules=[concern("rule x is removed")]))
    assert [each["text"] for each in found["rules"]] == ["rule x is removed"]
    assert [[each["text"] for each in stack["concerns"]] for stack in found["stacks"]] == [["b", "a"], ["d"]]


def test_a_changed_house_rule_alone_makes_a_page() -> None:
    text = page([Changes(stack="dev")], rules=[concern("rule x is removed")])
    assert "> [!CAUTION]\n> - **house rules**: rule x is removed.\n" in text
    assert "- **dev**: nothing changes" in text


def test_resources_with_the_same_concerns_share_a_line_and_so_do_stacks() -> None:
    logs = tuple(concern("kept for 7 days", name=f"{name}-logs", type=types.LOG_GROUP) for name in "abcdef")
    text = page([Changes(stack="dev", concerns=logs), Changes(stack="prod", protected=True, concerns=logs)])
    assert "> - **prod, dev**: 6 log groups (a, b, c and 3 more): kept for 7 days.\n" in text


def test_all_concerns_of_one_resource_share_a_line() -> None:
    both = tuple(concern(text, name="db", type=types.DB_INSTANCE) for text in ("a is off", "b is off"))
    assert "> - **prod**: RDS instance `db`: a is off; b is off.\n" in page([Changes(stack="prod", concerns=both)])


def test_no_block_of_the_page_is_coloured_as_a_diff() -> None:
    opened = Connection(source="the internet", target="ingress", port="80/tcp")
    text = page([Changes(stack="dev", reachable=(opened,), granted=("x may y",))])
    assert "```diff" not in text
    assert "- new: the internet → ingress on 80/tcp\n" in text


@pytest.mark.parametrize(
    "changes",
    [
        Changes(stack="dev", rollouts=rolling(*(f"a-service-with-a-long-name-{n}" for n in range(15))), services=15),
        Changes(stack="dev", rollouts=rolling("mcp", summary="x" * 200)),
        Changes(stack="dev", errors=("e",), rollouts=rolling(*"abcdefghijkl")),
        Changes(
            stack="dev",
            rollouts=rolling("mcp"),
            reachable=tuple(Connection(source=f"s{n}", target="database", port="5432/tcp") for n in range(30)),
            edits=tuple(
                Edit(component=f"c{n}", type=types.LOG_GROUP, name="x", is_new=n % 2 == 0, changes=()) for n in range(9)
            ),
        ),
    ],
)
def test_the_line_of_a_stack_is_short(changes: Changes) -> None:
    assert headline(changes)
    assert len(f"{changes.stack}{mark(changes)}: {headline(changes)}") <= LONGEST


def test_a_change_of_all_services_names_none_of_them() -> None:
    names = [f"s{number}" for number in range(15)]
    text = page([Changes(stack="dev", rollouts=rolling(*names), services=15)])
    assert "| all 15 services | environment LOG\\_LEVEL | — → `debug` |" in text


def test_the_satellites_of_a_resource_and_the_same_change_elsewhere_share_its_line() -> None:
    def edits(component: str) -> list[Edit]:
        both = (types.SCALING_POLICY, types.SCALING_TARGET)
        change = Change(property="maxCapacity", before="6", after="9")
        return [Edit(component=component, type=each, name="x", is_new=False, changes=(change,)) for each in both]

    text = page([Changes(stack="dev", edits=(*edits("a"), *edits("b")))])
    assert "- a, b: scaling target: maxCapacity `6` → `9`; scaling policy: maxCapacity `6` → `9`\n" in text


def test_a_promotion_says_which_source_commits_are_unknown() -> None:
    sources = (Source(service="mcp", after="1a2b3c4", commits=("1a2b3c4 Add x",)), Source(service="authsvc"))
    text = page([Changes(stack="prod", pinned=True, sources=sources)])
    assert "- mcp: `1a2b3c4 Add x`\n- authsvc: unknown, because the stack file does not record the commit" in text


@pytest.mark.parametrize("width", [80, 40])
def test_the_terminal_keeps_to_its_width_and_needs_no_colour(width: int) -> None:
    values = Change(property="environment X", before="a " * 90, after=":secret: [red]")
    rollout = Rollout(service="mcp", kind="rolls out", reasons=(Reason(summary="x", changes=(values,)),))
    text = terminal(Changes(stack="dev", rollouts=(rollout,), concerns=(concern("word " * 40),)), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text
    assert ":secret: [red]" in " ".join(text.split())
