"""What the journal of an update makes of a state. tests/engine/test_journal.py compares it with Pulumi's own."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.journal import Deployment, Kind, applied, versions


def resource(name: str, **keys: Any) -> dict[str, Any]:
    return {"urn": name, "custom": True, "type": "aws:sns/topic:Topic", **keys}


def entry(kind: Kind, id: int = 0, /, **keys: Any) -> dict[str, Any]:
    return {"version": 1, "kind": int(kind), "operationID": id, "removeOld": None, "removeNew": None, **keys}


def after(*entries: dict[str, Any], base: Deployment | None = None) -> Deployment:
    return applied(
        base if base is not None else {"resources": [resource("a"), resource("b", dependencies=["a"])]}, entries
    )


CREATING = {"type": "creating", "resource": resource("c")}


def test_a_step_that_began_and_did_not_end_is_pending() -> None:
    state = after(entry(Kind.BEGIN, 1, operation=CREATING))
    assert state["pending_operations"] == [CREATING], "the next command would not know that the object may exist"


@pytest.mark.parametrize("end", [Kind.SUCCESS, Kind.FAILURE, Kind.REFRESH_SUCCESS])
def test_a_step_that_ended_is_not_pending(end: Kind) -> None:
    state = after(entry(Kind.BEGIN, 1, operation=CREATING), entry(end, 1))
    assert "pending_operations" not in state, "the engine would warn of an operation that ended"


def test_only_pending_creations_of_the_state_before_remain() -> None:
    before = {"pending_operations": [CREATING, {"type": "deleting", "resource": resource("d")}]}
    assert after(base=before) == {"pending_operations": [CREATING]}, "a person must settle a creation, and no more"


def test_created_resources_come_before_those_of_the_state_before() -> None:
    state = after(entry(Kind.SUCCESS, 1, state=resource("c")))
    assert [each["urn"] for each in state["resources"]] == ["c", "a", "b"], "the engine requires dependencies first"


def test_an_updated_resource_takes_the_place_of_the_old_one() -> None:
    state = after(entry(Kind.SUCCESS, 1, state=resource("a", id="new"), removeOld=0))
    assert state["resources"] == [resource("a", id="new"), resource("b", dependencies=["a"])]


def test_a_replaced_resource_stays_to_be_deleted_until_it_is_deleted() -> None:
    replaced = entry(Kind.SUCCESS, 1, state=resource("b", id="new"), deleteOld=1)
    assert after(replaced)["resources"][-1] == resource("b", dependencies=["a"], delete=True)
    deleted = entry(Kind.SUCCESS, 2, removeOld=1)
    assert after(replaced, deleted)["resources"] == [resource("b", id="new"), resource("a")]


def test_a_resource_that_is_deleted_before_it_is_created_again_is_marked() -> None:
    marked = after(entry(Kind.SUCCESS, 1, pendingReplacementOld=0))
    assert marked["resources"][0] == resource("a", pendingReplacement=True)


def test_a_resource_of_this_update_can_be_marked_changed_and_deleted() -> None:
    created = entry(Kind.SUCCESS, 1, state=resource("c"))
    outputs = entry(Kind.OUTPUTS, 2, state=resource("c", outputs={"url": "x"}), removeNew=1)
    assert after(created, outputs)["resources"][0] == resource("c", outputs={"url": "x"})
    assert after(created, entry(Kind.SUCCESS, 2, deleteNew=1))["resources"][0] == resource("c", delete=True)
    assert len(after(created, entry(Kind.SUCCESS, 2, removeNew=1))["resources"]) == 2


def test_a_refresh_removes_references_to_what_it_did_not_find() -> None:
    base = {"resources": [resource("a"), resource("b", parent="a"), resource("c", parent="b", dependencies=["a", "b"])]}
    state = after(entry(Kind.REFRESH_SUCCESS, 1, removeOld=1), base=base)
    assert state["resources"] == [resource("a"), resource("c", dependencies=["a"])]


def test_steps_after_a_refresh_count_from_the_state_that_it_left() -> None:
    refreshed = entry(Kind.REFRESH_SUCCESS, 1, removeOld=0), entry(Kind.REBUILT_BASE_STATE)
    state = after(*refreshed, entry(Kind.SUCCESS, 2, removeOld=0))
    assert "resources" not in state, "index 0 is b, after a is gone"


def test_a_journal_that_begins_with_the_state_can_be_applied_to_any() -> None:
    write = entry(Kind.WRITE, newSnapshot={"resources": [resource("z")]})
    created = entry(Kind.SUCCESS, 1, state=resource("c"))
    assert after(write, created) == after(write, created, base={}), "a reader may apply it while it is being written"


def test_a_state_requires_the_features_that_its_resources_use() -> None:
    hooked = resource("a", resourceHooks={"before_create": ["x"]})
    assert versions({"resources": [resource("b")]}) == {"version": 3}
    assert versions({"resources": [hooked]}) == {"version": 4, "features": ["hooks"]}
    assert versions({"pending_operations": [{"type": "creating", "resource": hooked}]})["features"] == ["hooks"]


def test_the_secrets_provider_is_the_one_of_the_update() -> None:
    provider = {"type": "cloud", "state": "a key"}
    assert after(entry(Kind.SECRETS_MANAGER, secretsProvider=provider))["secrets_providers"] == provider
