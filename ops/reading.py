"""The subcommands that change nothing, and say yes or no by their exit code."""

from __future__ import annotations

import argparse
import re
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from ops import (
    jobs,
    jobs_view,
    logs,
    logs_view,
    output,
    status,
    status_view,
    verify,
    verify_account,
    verify_services,
    verify_view,
    why_view,
)
from ops import why as explained
from ops.cloud import Cloud, requesting
from ops.command import Commands

STATUS = """\
Shows what stack STACK runs, since when, from which commit, and whether it is
healthy: services, gateway, database, alarms, the last run of each job, the
image that was migrated last. Changes nothing."""
LOGS = """\
Prints the log lines of the services and jobs of stack STACK, interleaved by
time, those of the last 15 minutes by default. Changes nothing."""
JOBS = """\
Shows the jobs of stack STACK, their schedules and their last runs: who started
each, when, and how it ended. ECS knows the end of a run for an hour. Changes
nothing."""
WHY = """\
Shows why the last rollout of a service failed, or what keeps it from being
steady: the deployment, its events, the tasks that stopped, the last lines of
their log, the targets; and the known cause, with what to do. Changes nothing."""
VERIFY = """\
Checks whether the services of STACK's file would start in the live account:
the pinned images are in ECR, for the right processor; the secrets and their
versions exist; the deployed execution roles may do what a start needs; the
names of what is not deployed yet are free; the quotas suffice for a rollout.
Changes nothing, and never reads the value of a secret."""
NO = 2
"""The exit code that says no: not healthy, or no line."""


def add(commands: Commands) -> None:
    found = commands.add(
        "status",
        _status,
        STATUS,
        help="show what runs and whether it is healthy",
        permissions=status.PERMISSIONS,
        codes="0 everything is healthy; 2 something is not; 1 it cannot be read",
    )
    _add_stack(found)

    found = commands.add(
        "logs",
        _logs,
        LOGS,
        help="print the services' log lines",
        permissions=logs.PERMISSIONS,
        codes="0 there were lines; 2 there were none; 1 they cannot be read",
    )
    _add_stack(found, json="print a JSON object a line")
    found.add_argument("services", metavar="SERVICE", nargs="*", help="service or job to read (default: all)")
    found.add_argument(
        "--since",
        type=_duration,
        default="15m",
        metavar="TIME",
        help="how far back, such as 90s, 15m, 2h, 7d (default: 15m)",
    )
    found.add_argument("--follow", action="store_true", help="wait for new lines until Ctrl-C")
    found.add_argument("--grep", type=_pattern, default="", metavar="PATTERN", help="regular expression of the lines")
    found.add_argument("--proxy", action="store_true", help="print the lines of the Service Connect proxies, too")

    found = commands.add(
        "jobs",
        _jobs,
        JOBS,
        help="list jobs, schedules and runs",
        permissions=jobs.PERMISSIONS,
        codes="0 no last run has failed and all schedules are enabled; 2 otherwise;\n1 it cannot be read",
    )
    _add_stack(found)

    found = commands.add(
        "why",
        _why,
        WHY,
        help="show why a rollout failed",
        permissions=explained.PERMISSIONS,
        codes="0 nothing is wrong; 2 something is, shown with its cause if it is a\nknown one; 1 it cannot be read",
    )
    _add_stack(found)
    found.add_argument("service", metavar="SERVICE", help="service of services.py")

    found = commands.add(
        "verify",
        _verify,
        VERIFY,
        help="check whether a stack would start",
        permissions=(*verify_services.PERMISSIONS, *verify_account.PERMISSIONS),
        codes="0 it would start; 2 it would not; 1 it cannot be told",
    )
    _add_stack(found)


def _add_stack(command: argparse.ArgumentParser, json: str = "print JSON") -> None:
    command.add_argument("stack", metavar="STACK", help="stack to read")
    command.add_argument("--json", action="store_true", help=json)


def _status(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    found = status.read(cloud, options.stack, root)
    print(output.as_json(found)) if options.json else status_view.show(found)
    return NO if found.problems else 0


def _jobs(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    found = jobs.read(cloud, options.stack, root)
    print(output.as_json(found)) if options.json else jobs_view.show(found)
    return NO if found.problems else 0


def _why(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    found = explained.read(cloud, options.stack, options.service, root)
    print(output.as_json(found)) if options.json else why_view.show(found)
    return 0 if found.verdict == explained.HEALTHY else NO


def _verify(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    found = verify.verify(cloud, options.stack, root)
    print(output.as_json(found)) if options.json else verify_view.show(found)
    return found.exit_code


def _logs(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    client, selection, location = logs.select(
        cloud, options.stack, root, options.services, options.grep, proxy=options.proxy
    )
    since = cloud.now() - options.since
    with requesting("CloudWatch Logs", *location):
        if not options.follow:
            lines = logs.read(client, selection, since)
            if logs_view.show(lines, selection.groups, as_json=options.json):
                return 0
            began = f"{since:%Y-%m-%d %H:%M} UTC"
            print(f"{options.stack}: no such line since {began}. Look further back: --since 2h", file=sys.stderr)
            return NO
        try:
            found = logs.follow(client, selection, since, cloud.now, partial(time.sleep, logs.POLL))
            logs_view.show(found, selection.groups, as_json=options.json)
        except KeyboardInterrupt:
            pass
    return 0


def _duration(text: str) -> timedelta:
    try:
        return logs.duration(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: not a time. Use a number with s, m, h or d: 15m.") from None


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r}: not a regular expression: {error}.") from None
    return text
