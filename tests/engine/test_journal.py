"""The state that the journal of an update makes, compared with the one that Pulumi's own file backend writes."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from typing import Any

import pytest

from simulator.engine import Operation, Simulator
from simulator.faults import Fault, Faults
from simulator.home import Home
from tests.engine.conftest import Checkout

OPERATIONS: tuple[Operation, ...] = ("up", "refresh", "destroy")


def state(home: Home) -> dict[str, Any]:
    """Pulumi's state without times, ciphertexts and order, which differ between two runs of one backend too."""
    [file] = (home.path / "state").glob(".pulumi/stacks/*/dev.json")
    written = json.loads(re.sub(r'"ciphertext": ?"[^"]*"', '"ciphertext": ""', file.read_text()))
    latest = written["checkpoint"]["latest"]
    latest["manifest"].pop("time")
    for each in latest.get("resources", []):
        for key in ("created", "modified"):
            each.pop(key, None)
        each.setdefault("dependencies", []).sort()
        for urns in each.get("propertyDependencies", {}).values():
            urns.sort()
    latest["resources"] = sorted(latest.get("resources", []), key=lambda each: (each["urn"], each.get("id", "")))
    return written


def both(checkout: Checkout) -> tuple[Simulator, Simulator]:
    """A simulator whose engine writes a journal and one whose engine writes its state, with equal state directories."""
    copy = Home(checkout.home.path.with_name("copy"))
    shutil.copytree(checkout.home.path, copy.path)
    journal = replace(checkout.simulator, checkpoints=True)
    return journal, replace(checkout.simulator, home=copy)


def forget_log_groups(home: Home) -> None:
    with home.store() as store:
        for each in store.find("aws:cloudwatch/logGroup:LogGroup"):
            store.remove(each)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_journal_makes_the_state_that_the_file_backend_writes(pinned: Checkout, operation: Operation) -> None:
    journal, file = both(pinned)
    if operation == "up":  # deletes a service, updates log groups, replaces task definitions
        pinned.edit("dev", lambda stack: stack["images"].pop("promptsvc"))
        pinned.edit(
            "dev", lambda stack: stack.update({"log-retention-days": 60, "sizes": {"default": {"memory": 1024}}})
        )
    if operation == "refresh":
        forget_log_groups(journal.home)
        forget_log_groups(file.home)
    for simulator in (journal, file):
        assert simulator.run(operation, "dev").succeeded
    assert not (journal.home.pulumi / "credentials.json").exists(), "it would grow with each update"
    assert state(journal.home) == state(file.home), (
        "the next command reads another state than Pulumi would have written"
    )


def test_the_journal_of_a_failed_update_makes_the_state_that_the_file_backend_writes(pinned: Checkout) -> None:
    """Of one service: whether the engine begins another step before the failure depends on the moment."""
    journal, file = both(pinned)
    pinned.edit("dev", lambda stack: stack.update({"sizes": {"promptsvc": {"memory": 1024}}}))
    for simulator in (journal, file):
        faults = Faults((Fault("rollback", "promptsvc"),))
        assert not replace(simulator, faults=faults).run("up", "dev").succeeded
    assert state(journal.home) == state(file.home), "a failed rollout leaves another state than Pulumi would have"
