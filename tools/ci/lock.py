"""After an update that failed or was cancelled: `python -m tools.ci.lock dev`, on the same runner.

A killed Pulumi leaves its lock, and every later update of the stack refuses to run. A lock keeps a second process from
writing the state. So it protects nothing once the process that it names has ended: such a lock of this machine is
released. Two machines may have one host name, so it also relies on the workflow's `concurrency`, by which no other job
updates the stack. Any other lock is reported, with the commands that release it.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import yaml
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import UserError
from simulator.locks import Holder
from tools.ci.command import CommandError, run

ROOT = Path(__file__).parents[2]
RUNBOOK = "docs/runbook.md, An interrupted update"
NEXT = """\
pulumi refresh --clear-pending-creates --stack {stack}
pulumi up --refresh --stack {stack} --policy-pack policy"""


@dataclass(frozen=True, kw_only=True)
class Lock(Holder):
    @property
    def is_abandoned(self) -> bool:
        """Whether its process was one of this user on this machine, and has ended."""
        return self.username == getpass.getuser() and self.has_ended

    def __str__(self) -> str:
        return f"{self.name} since {self.timestamp}"


def main(arguments: list[str]) -> int:
    """PULUMI_BACKEND_URL is that of the update."""
    [stack] = arguments
    try:
        _settle(stack, locks(os.environ["PULUMI_BACKEND_URL"], stack))
    except (UserError, CommandError, BotoCoreError, ClientError, OSError, ValueError, KeyError, TypeError) as error:
        _annotate("error", f"{stack}: its lock cannot be read or released ({error}). {RUNBOOK}, has the commands.")
        return 1
    return 0


def _settle(stack: str, found: list[Lock]) -> None:
    by = ", ".join(map(str, found))
    if not found:
        print(f"{stack}: not locked")
    elif all(each.is_abandoned for each in found):
        run("pulumi", "cancel", "--yes", "--stack", stack)
        text = f"{stack}: the update was killed. Its lock is released: {by}. First note what AWS may have created"
        _annotate("warning", f"{text} ({RUNBOOK}):\n{NEXT.format(stack=stack)}")
    else:
        text = f"{stack}: locked by {by}. If no update runs ({RUNBOOK}):\npulumi cancel --yes --stack {stack}"
        _annotate("error", f"{text}\n{NEXT.format(stack=stack)}")


def locks(backend: str, stack: str) -> list[Lock]:
    """The locks of the stack on a bucket or folder. Raises UserError, OSError and boto3's errors."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["name"]
    url = urlsplit(backend)
    read = {"file": _files, "s3": _objects}.get(url.scheme)
    if read is None:
        raise UserError(f"PULUMI_BACKEND_URL: {url.scheme}:// is not s3:// or file://")
    found = [json.loads(each) for each in read(url, f".pulumi/locks/organization/{project}/{stack}/")]
    return [Lock(**each) for each in sorted(found, key=lambda each: each["timestamp"])]


def _files(url: SplitResult, folder: str) -> Iterator[str]:
    for file in Path(unquote(url.path), folder).glob("*.json"):
        yield file.read_text()


def _objects(url: SplitResult, folder: str) -> Iterator[str]:
    """https://www.pulumi.com/docs/iac/concepts/state-and-backends/#aws-s3"""
    import boto3  # slow to import

    s3: Any = cast(Any, boto3).client("s3", region_name=parse_qs(url.query).get("region", [None])[0])
    prefix = f"{unquote(url.path).strip('/')}/{folder}".lstrip("/")
    for each in s3.list_objects_v2(Bucket=url.netloc, Prefix=prefix).get("Contents", []):
        yield s3.get_object(Bucket=url.netloc, Key=each["Key"])["Body"].read().decode()


def _annotate(level: str, text: str) -> None:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands"""
    escaped = text.replace("%", "%25").replace("\n", "%0A")
    print(f"::{level}::{escaped}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
