"""The lock that an update leaves, with a fake `pulumi`."""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from typing import Any, cast
from urllib.parse import quote

import boto3
import pytest
from botocore.stub import Stubber

from tests.declared import ROOT
from tests.workflows import Ran, Runner, condition, step
from tools.ci import lock

SINCE = "2026-11-24T09:00:00Z"
FOLDER = ".pulumi/locks/organization/marginalia"
CANCEL = "pulumi cancel --yes --stack dev"
NEXT = "pulumi refresh --clear-pending-creates --stack dev%0Apulumi up --refresh --stack dev --policy-pack policy\n"


def ended() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def content(pid: int, username: str = "", hostname: str = "", since: str = SINCE) -> dict[str, Any]:
    own = {"username": username or getpass.getuser(), "hostname": hostname or socket.gethostname()}
    return {"pid": pid, **own, "timestamp": since}


def released(runner: Runner, *found: dict[str, Any], stack: str = "dev", pulumi: str = "") -> Ran:
    """Runs the script where these locks of a stack are in a file backend, in a folder with a space in its name."""
    folder = runner.folder / "a state" / FOLDER / stack
    folder.mkdir(parents=True)
    for number, each in enumerate(found):
        (folder / f"{number}.json").write_text(json.dumps(each))
    environment = {"PULUMI_BACKEND_URL": f"file://{quote(str(runner.folder / 'a state'))}?metadata=skip"}
    return replace(runner, environment=environment).module("tools.ci.lock", "dev", pulumi=pulumi)


def test_a_stack_without_a_lock_is_left_alone(runner: Runner) -> None:
    assert (released(runner), runner.read("log")) == (Ran(code=0, called=[]), "dev: not locked\n")


def test_a_lock_whose_process_on_this_machine_has_ended_is_released(runner: Runner) -> None:
    pid = ended()
    assert released(runner, content(pid)) == Ran(code=0, called=[CANCEL])
    by = f"{getpass.getuser()}@{socket.gethostname()} (pid {pid}) since {SINCE}"
    message = f"::warning::dev: the update was killed. Its lock is released: {by}."
    message += " First note what AWS may have created (docs/runbook.md, An interrupted update):%0A"
    assert runner.read("log") == f"{message}{NEXT}"


@pytest.mark.parametrize(
    "other",
    [{"pid": os.getpid()}, {"username": "somebody"}, {"hostname": "a-laptop"}],
    ids=["a process that runs", "another user", "another machine"],
)
def test_a_lock_of_another_update_is_reported_with_the_commands_that_release_it(
    runner: Runner, other: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"pid": ended(), **other}
    other_lock = content(**given)
    assert released(runner, other_lock) == Ran(code=0, called=[])
    by = f"{other_lock['username']}@{other_lock['hostname']} (pid {other_lock['pid']}) since {SINCE}"
    where = "docs/runbook.md, An interrupted update"
    assert runner.read("log") == f"::error::dev: locked by {by}. If no update runs ({where}):%0A{CANCEL}%0A{NEXT}"


def test_no_lock_is_released_while_another_update_has_one_too(runner: Runner) -> None:
    """`pulumi cancel` deletes all."""
    later = content(1, hostname="a-laptop", since="2026-11-24T09:00:01Z")
    assert released(runner, later, content(ended())) == Ran(code=0, called=[])
    assert re.findall(r"@([^ ]+) ", runner.read("log")) == [socket.gethostname(), "a-laptop"]


def test_a_lock_that_pulumi_does_not_release_is_one_message(runner: Runner) -> None:
    assert released(runner, content(ended()), pulumi="echo 'error: no' >&2; exit 255") == Ran(code=1, called=[CANCEL])
    where = "docs/runbook.md, An interrupted update, has the commands."
    failed = "(pulumi cancel --yes: error: no)"
    assert runner.read("log") == f"::error::dev: its lock cannot be read or released {failed}. {where}\n"


def test_the_lock_of_another_stack_is_left_alone(runner: Runner) -> None:
    assert released(runner, content(ended()), stack="prod") == Ran(code=0, called=[])


def test_a_backend_that_cannot_be_read_is_one_message(runner: Runner) -> None:
    given = replace(runner, environment={"PULUMI_BACKEND_URL": "https://api.pulumi.com"})
    assert given.module("tools.ci.lock", "dev", pulumi="") == Ran(code=1, called=[])
    reason = "PULUMI_BACKEND_URL: https:// is not s3:// or file://"
    where = "docs/runbook.md, An interrupted update, has the commands."
    assert runner.read("log") == f"::error::dev: its lock cannot be read or released ({reason}). {where}\n"


@pytest.mark.parametrize(("path", "prefix"), [("", ""), ("/states/ours", "states/ours/")])
def test_the_locks_of_a_bucket_are_read_in_its_region(monkeypatch: pytest.MonkeyPatch, path: str, prefix: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "a")
    client: Any = cast(Any, boto3).client("s3", region_name="eu-west-1")
    requested: list[tuple[str, str | None]] = []

    def create(service: str, region_name: str | None) -> Any:
        requested.append((service, region_name))
        return client

    monkeypatch.setattr(boto3, "client", create)
    key = f"{prefix}{FOLDER}/dev/1.json"
    body = {"Body": io.BytesIO(json.dumps(content(1)).encode())}
    with Stubber(client) as stub:
        stub.add_response(
            "list_objects_v2", {"Contents": [{"Key": key}]}, {"Bucket": "state", "Prefix": f"{prefix}{FOLDER}/dev/"}
        )
        stub.add_response("get_object", body, {"Bucket": "state", "Key": key})
        assert lock.locks(f"s3://state{path}?region=eu-west-1", "dev") == [lock.Lock(**content(1))]
    assert requested == [("s3", "eu-west-1")]


@pytest.mark.parametrize("job", ["dev", "prod"])
@pytest.mark.parametrize(
    ("outcome", "runs"), [("success", False), ("failure", True), ("cancelled", True), ("skipped", False)]
)
def test_a_job_looks_for_the_lock_after_an_update_that_failed_was_cancelled_or_took_too_long(
    job: str, outcome: str, runs: bool
) -> None:
    """A step that takes too long is a failure: https://github.com/actions/runner/blob/main/src/Runner.Worker/StepsRunner.cs"""
    found = step("deploy", job, "Release or report the lock of an interrupted update")
    assert condition(found["if"], steps={"update": {"outcome": outcome}}) is runs
    assert found["run"] == f".venv/bin/python -m tools.ci.lock {job}"


def test_the_section_of_the_runbook_exists() -> None:
    file, _, section = lock.RUNBOOK.partition(", ")
    assert f"\n## {section}\n" in (ROOT / file).read_text()
