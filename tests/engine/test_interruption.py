"""Promise 9: an interrupted up is completed by the next, or the next names what was cut and how to settle it."""

from __future__ import annotations

import json

from tests.engine.conftest import Checkout


def test_what_the_cloud_made_and_the_state_does_not_know_is_named_with_the_command_that_settles_it(
    dev: Checkout,
) -> None:
    [state] = (dev.home / "state").rglob("stacks/**/dev.json")
    content = json.loads(state.read_text())
    latest = content["checkpoint"]["latest"]
    cut = ("mcp-service", "mcp-scaling-target", "mcp-scaling-cpu", "mcp-scaling-memory")
    latest["resources"] = [each for each in latest["resources"] if not each["urn"].endswith(cut)]
    state.write_text(json.dumps(content))

    [refusal] = [error for error in dev.simulator.run("up", "dev").errors if "taken" in error]
    assert "aws:ecs/service:Service::mcp-service; an update that was cut off made it" in refusal
    assert "`python -m simulator refresh` settles it" in refusal
    dev.run("refresh")
    dev.run("up")
    assert dev.changed() == set()


def test_a_state_that_was_cut_in_the_middle_is_the_last_whole_one_again(dev: Checkout) -> None:
    [state] = (dev.home / "state").rglob("stacks/**/dev.json")
    assert state.with_name("dev.json.bak").exists()
    state.write_text(state.read_text()[:1000])
    result = dev.simulator.run("refresh", "dev")
    assert result.succeeded, result.errors
    dev.run("up")
    assert dev.changed() == set()
