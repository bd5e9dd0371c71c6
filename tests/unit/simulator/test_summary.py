from __future__ import annotations

import pytest

from simulator import summary
from simulator.events import Operation, Result, Step


def step(operation: str, component: str, name: str, note: str = "", type: str = "aws:x/y:Z") -> Step:
    return Step(operation, f"urn:pulumi:dev::marginalia::{type}::{name}", component, note)


NETWORK = [step("create", "network", f"network-{number}") for number in range(21)]
IMAGE = [
    step("update", "promptsvc", "promptsvc-image-build", "new image"),
    step("create-replacement", "promptsvc", "promptsvc-task", "new image"),
    step("replace", "promptsvc", "promptsvc-task", "new image"),
    step("update", "promptsvc", "promptsvc-service"),
    step("delete-replaced", "promptsvc", "promptsvc-task"),
]


def lines(operation: Operation, steps: list[Step], *, failed: frozenset[str] = frozenset()) -> list[str]:
    result = Result(succeeded=not failed, steps=tuple(steps), errors=(), failed=failed)
    return list(summary.lines("dev", operation, result))


def test_a_component_is_a_line_with_its_counts_and_what_is_special() -> None:
    removed = [step("delete", "scrapsvc", f"scrapsvc-{number}") for number in range(4)]
    assert lines("up", [*NETWORK, *IMAGE, *removed]) == [
        "dev: 21 created, 2 updated, 1 replaced, 4 deleted",
        "  network    +21",
        "  promptsvc  ~2 +-1  (new image)",
        "  scrapsvc   -4",
    ]


def test_a_few_resources_are_named() -> None:
    assert lines("preview", [step("update", "network", "network-route")]) == [
        "dev: 1 to update",
        "  network  ~1  (network-route)",
    ]


@pytest.mark.parametrize(
    ("operation", "line"),
    [("preview", "to change"), ("up", "changed"), ("refresh", "changed"), ("destroy", "to delete")],
)
def test_an_operation_that_changes_nothing_is_one_line(operation: Operation, line: str) -> None:
    stack = step("update", "marginalia-dev", "marginalia-dev", type="pulumi:pulumi:Stack")
    provider = step("update", "aws", "aws", type="pulumi:providers:aws")
    assert lines(operation, [stack, provider]) == [f"dev: nothing {line}"]


def test_a_resource_that_failed_does_not_count_as_changed() -> None:
    failed = step("update", "promptsvc", "promptsvc-service")
    assert lines("up", [*NETWORK, failed], failed=frozenset({failed.urn})) == [
        "dev: up failed, after 21 created",
        "  network  +21",
    ]


def test_a_failure_before_any_change_is_one_line() -> None:
    assert lines("destroy", [], failed=frozenset({"x"})) == ["dev: destroy failed"]


def test_a_line_has_at_most_80_columns() -> None:
    long = [step("update", "retrieval-svc", f"retrieval-svc-autoscaling-{number}") for number in range(3)]
    assert max(map(len, lines("up", long))) <= 80


def test_the_change_of_a_component_is_a_word_or_its_note() -> None:
    mixed = [step("create", "mcp", "a"), step("delete", "mcp", "b")]
    result = Result(succeeded=True, steps=(*NETWORK, *IMAGE, *mixed), errors=())
    assert summary.changes(result) == {"mcp": "updated", "network": "created", "promptsvc": "new image"}
