"""Promise 9: an interrupted up is completed by the next, or the next names what was cut and how to settle it."""

from __future__ import annotations

import fcntl
import json
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from config.problems import UserError
from simulator.child import FINISHING
from tests.declared import ROOT
from tests.engine.conftest import Checkout, Registering


def started(checkout: Checkout) -> subprocess.Popen[str]:
    """A process that runs up."""
    code = (
        "import sys; from pathlib import Path; from simulator import toolchain; from simulator.engine import Simulator;"
        "from simulator.home import Home; from simulator.program import Program; root, home, program = map(Path,"
        " sys.argv[1:]); cli = toolchain.pulumi(root, root / '.cache', report=print);"
        "Simulator(program=Program(program), home=Home(home), cli=cli, report=lambda line: print(line, flush=True))"
        ".run('up', 'dev')"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, ROOT, checkout.home.path, checkout.root],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_engine(checkout: Checkout) -> None:
    """The engine of a killed simulator ends by itself, and keeps the lock until then."""
    with (checkout.home.path / "dev.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_an_interrupted_update_finishes_what_is_under_way_and_the_next_one_completes_it(checkout: Checkout) -> None:
    with started(checkout) as process:
        assert process.stdout
        assert process.stderr
        next(line for line in process.stdout if "aws:ecr:Repository" in line and "created" in line)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.stderr.read().startswith(f"{FINISHING}\n")
    recorded = {each.get("id") for each in checkout.home.resources("dev")}
    assert {physical_id for _, physical_id in checkout.stored()} <= recorded
    assert checkout.home.is_locked_by_pulumi("dev") is False
    checkout.run("up")
    assert checkout.changed() == set()


def test_of_two_updates_at_once_one_runs_and_the_other_says_who_does_and_since_when(dev: Checkout) -> None:
    with started(dev) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(UserError) as refused:
            dev.simulator.run("up", "dev")
        with pytest.raises(UserError) as not_copied:
            dev.home.copy_to(dev.root / "copy")
        process.stdout.read()
    assert process.returncode == 0
    wait = r"Wait for it to finish, or stop it: kill -INT \2"
    found = re.fullmatch(rf"dev: locked since (\S+) by \S+ \(pid (\d+)\): python\S* -c .*\. {wait}", str(refused.value))
    assert found
    assert int(found[2]) == process.pid
    assert datetime.fromisoformat(found[1]) <= datetime.now(UTC)
    assert str(not_copied.value) == str(refused.value)


def test_an_update_that_was_killed_is_completed_by_the_next(checkout: Checkout) -> None:
    with started(checkout) as process:
        assert process.stdout
        next(line for line in process.stdout if "aws:ecr:Repository" in line and "created" in line)
        process.kill()
    wait_for_engine(checkout)

    result = checkout.simulator.run("up", "dev")
    assert any(f"(pid {process.pid})" in each and "was killed" in each for each in result.warnings)
    if not result.succeeded:  # cut between the cloud and the state: the next test says how that is told
        checkout.run("refresh")
        checkout.run("up")
    assert checkout.changed() == set()


def test_what_the_cloud_made_and_the_state_does_not_know_is_named_with_the_command_that_settles_it(
    dev: Checkout,
) -> None:
    [state] = (dev.home.path / "state").rglob("stacks/**/dev.json")
    content = json.loads(state.read_text())
    latest = content["checkpoint"]["latest"]
    cut = ("mcp-service", "mcp-scaling-target", "mcp-scaling-cpu", "mcp-scaling-memory")
    latest["resources"] = [each for each in latest["resources"] if not each["urn"].endswith(cut)]
    state.write_text(json.dumps(content))

    [refusal] = dev.simulator.run("up", "dev").messages
    assert refusal == (
        "name 'mcp' is taken by mcp-service; perhaps an interrupted update created it: run `make refresh STACK=dev`"
    )
    dev.run("refresh")
    dev.run("up")
    assert dev.changed() == set()


def test_a_refresh_removes_nothing_that_was_kept_on_purpose_or_renamed(dev: Checkout, registering: Registering) -> None:
    dev.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    dev.run("up")

    def rename(request: Any) -> None:
        if request.name == "bucket-bucket":
            request.name = "bucket-content"
            request.aliases.add().spec.name = "bucket-bucket"

    registering(rename)
    dev.run("up")
    before = dev.stored()
    dev.run("refresh")
    assert dev.stored() == before
