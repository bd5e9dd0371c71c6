"""Promise 9: an interrupted up is completed by the next, or the next names what was cut and how to settle it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from tests.declared import ROOT
from tests.engine.conftest import Checkout


def test_an_update_that_was_killed_is_completed_by_the_next(checkout: Checkout) -> None:
    code = (
        "import sys; from pathlib import Path; from simulator import toolchain; from simulator.engine import Simulator;"
        "from simulator.program import Program; root, home, program = map(Path, sys.argv[1:]);"
        "Simulator(program=Program(program), home=home, cli=toolchain.pulumi(root, root / '.cache', say=print),"
        " say=lambda line: print(line, flush=True)).run('up', 'dev')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, ROOT, checkout.home, checkout.root],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    with process.stdout as lines:
        next(line for line in lines if "aws:ecr:Repository" in line and "created" in line)
        os.killpg(process.pid, signal.SIGKILL)  # the simulator and the engine that it started
    process.wait()

    result = checkout.simulator.run("up", "dev")
    if not result.succeeded:  # cut between the cloud and the state: the next test says how that is told
        checkout.run("refresh")
        checkout.run("up")
    assert checkout.changed() == set()


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
    assert "aws:ecs/service:Service::mcp-service; perhaps an update that was cut off made it" in refusal
    assert "`make refresh` settles that" in refusal
    dev.run("refresh")
    dev.run("up")
    assert dev.changed() == set()


def test_a_refresh_removes_nothing_that_was_kept_on_purpose_or_renamed(dev: Checkout) -> None:
    dev.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    dev.run("up")
    code = (dev.root / "components" / "bucket.py").read_text()
    renamed = code.replace('f"{name}-bucket",', 'f"{name}-content",').replace(
        "ResourceOptions(parent=self, protect=args.protect)",
        'ResourceOptions(parent=self, protect=args.protect, aliases=[Alias(name=f"{name}-bucket")])',
    )
    (dev.root / "components" / "bucket.py").write_text(
        renamed.replace("from pulumi import", "from pulumi import Alias,")
    )
    dev.run("up")
    before = dev.held()
    dev.run("refresh")
    assert dev.held() == before
