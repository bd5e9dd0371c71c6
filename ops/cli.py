"""The command line, with one subcommand for each verb."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pulumi import RunError
from rich.table import Table

from config import catalogue
from ops import cloud, logs, logs_view, output, status, status_view, why, why_view
from ops.cloud import Cloud, requesting
from ops.promote import Promotion, prepare
from ops.unused_images import unused
from simulator.home import NAME
from simulator.report import console

ROOT = Path(__file__).parent.parent
DESCRIPTION = """\
Operates deployed stacks: on AWS with the current credentials, or in the
simulator with --simulator."""
PROMOTE = """\
Pins the images that stack FROM runs, by digest, in the stack file of TO, and
tags them in ECR so that no lifecycle rule expires them. Requires that the last
update of FROM succeeded and that the rollout of each service is complete.
Deploys nothing: commit the file, then run `pulumi up --stack TO`."""
EXAMPLES = """\
examples:
  python -m ops promote dev prod                      promote all services
  python -m ops promote dev prod --service promptsvc  promote promptsvc only
  python -m ops promote dev prod --dry-run            check without writing"""
UNUSED_IMAGES = """\
Lists the promoted images in the ECR repositories of stack STACK that no stack
file pins and no stack runs. Deletes nothing."""

STATUS = """\
Shows what stack STACK runs, since when, from which commit, and whether it is
healthy: services, gateway, database, alarms. Changes nothing.

exit codes: 0 everything is healthy; 2 something is not; 1 it cannot be read"""
LOGS = """\
Prints the log lines of the services of stack STACK, interleaved by time, those
of the last 15 minutes by default. Changes nothing.

exit codes: 0 there were lines; 2 there were none; 1 they cannot be read"""
WHY = """\
Shows why the last rollout of a service failed, or what keeps it from being
steady: the deployment, its events, the tasks that stopped, the last lines of
their log, the targets; and the known cause, with what to do. Changes nothing.

exit codes: 0 nothing is wrong; 2 something is, shown with its cause if it is a
known one; 1 it cannot be read"""
NOT_FOUND = 2
"""The exit code that says no: not healthy, or no line."""


def main(arguments: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Runs one subcommand. Returns its exit code, 1 on an error and 130 if interrupted; exits with 2 on wrong usage."""
    options = _options(arguments)
    try:
        with _cloud(options, root) as current:
            return options.run(current, options, root) or 0
    except RunError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(options.interrupted, file=sys.stderr)
        return 130


def _cloud(options: argparse.Namespace, root: Path) -> AbstractContextManager[Cloud]:
    if not options.simulator:
        return nullcontext(cloud.aws(root))
    return cloud.simulated(root, options.home or root / NAME, tools=ROOT)


def _promote(cloud: Cloud, options: argparse.Namespace, root: Path) -> None:
    promotion = prepare(
        cloud,
        source_stack=options.source,
        target_stack=options.target,
        only=options.service,
        catalogue=catalogue.load(root),
        root=root,
        today=datetime.now(UTC).date().isoformat(),
    )
    _print_plan(promotion, options)
    if promotion.missing:
        print(
            f"{options.source} does not run {', '.join(promotion.missing)} of services.py. To promote more, deploy it."
        )
    file = promotion.file.path.name
    if options.dry_run:
        print("Dry run: no image was tagged and no file was written.")
        return
    promotion.apply(cloud)
    if promotion.text == promotion.file.text:
        print(f"{file}: already pins these images.")
    else:
        print(f"{file}: updated. Review and commit it, then preview the update:")
        print(f"  {cloud.preview}{options.target}")


def _print_plan(promotion: Promotion, options: argparse.Namespace) -> None:
    table = Table(title=f"{options.source} to {options.target}", title_justify="left")
    for column in ("service", "before", "after"):
        table.add_column(column)
    for name, reference in promotion.plan.images.items():
        before = promotion.file.images.get(name)
        if name not in promotion.plan.promoted:
            to = "unchanged (not selected)" if options.service else f"unchanged (not in {options.source})"
        else:
            to = "unchanged" if reference == before else _short(reference)
        table.add_row(name, _short(before) if before else "none", to)
    console().print(table)


def _unused_images(cloud: Cloud, options: argparse.Namespace, root: Path) -> None:
    found = unused(cloud, options.stack, root)
    if not found:
        print("No unused images: every promoted image is pinned or running.")
        return
    table = Table(title="promoted images that are neither pinned nor running", title_justify="left")
    for column in ("repository", "digest", "tags"):
        table.add_column(column)
    for each in found:
        table.add_row(each.reference.repository.name, _short(str(each.reference)), "\n".join(each.tags))
    console().print(table)
    print(
        "To let an image expire, remove its tags: "
        "aws ecr batch-delete-image --repository-name REPOSITORY --image-ids imageTag=TAG"
    )


def _status(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    found = status.read(cloud, options.stack, root)
    print(output.as_json(found)) if options.json else status_view.show(found)
    return NOT_FOUND if found.problems else 0


def _why(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    found = why.read(cloud, options.stack, options.service, root)
    print(output.as_json(found)) if options.json else why_view.show(found)
    return 0 if found.verdict == why.HEALTHY else NOT_FOUND


def _logs(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    client, selection, location = logs.select(
        cloud, options.stack, root, options.services, options.grep, proxy=options.proxy
    )
    since = cloud.now() - options.since
    with requesting("CloudWatch Logs", *location):
        if not options.follow:
            lines = logs.read(client, selection, since)
            return 0 if logs_view.show(lines, selection.groups, as_json=options.json) else NOT_FOUND
        try:
            found = logs.follow(client, selection, since, cloud.now, partial(time.sleep, options.interval))
            logs_view.show(found, selection.groups, as_json=options.json)
        except KeyboardInterrupt:
            pass
    return 0


def _short(reference: str) -> str:
    return reference.rpartition("@")[2][:19]


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ops", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    promote = _add(commands, "promote", _promote, PROMOTE, help="pin the images of one stack in another stack")
    promote.epilog = EXAMPLES
    promote.set_defaults(interrupted="Interrupted. Run the command again to complete the promotion.")
    promote.add_argument("source", metavar="FROM", help="stack that runs the images")
    promote.add_argument("target", metavar="TO", help="stack whose file, Pulumi.TO.yaml, is to pin them")
    promote.add_argument(
        "--service", action="append", default=[], metavar="NAME", help="promote this service only (repeatable)"
    )
    promote.add_argument("--dry-run", action="store_true", help="check and report without tagging or writing")

    images = _add(
        commands, "unused-images", _unused_images, UNUSED_IMAGES, help="list promoted images that are not in use"
    )
    images.add_argument("stack", metavar="STACK", help="stack that owns the ECR repositories")

    found = _add(commands, "status", _status, STATUS, help="show what runs and whether it is healthy")
    _add_reading(found, status.PERMISSIONS)

    found = _add(commands, "logs", _logs, LOGS, help="print the services' log lines")
    _add_reading(found, logs.PERMISSIONS, json="print a JSON object a line")
    found.add_argument("services", metavar="SERVICE", nargs="*", help="service to read (default: all)")
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
    found.set_defaults(interval=logs.POLL)

    found = _add(commands, "why", _why, WHY, help="show why a rollout failed")
    _add_reading(found, why.PERMISSIONS)
    found.add_argument("service", metavar="SERVICE", help="service of services.py")

    options = parser.parse_args(arguments)
    if options.run is _promote and options.source == options.target:
        parser.error("FROM and TO must be different stacks")
    if options.home and not options.simulator:
        parser.error("--home requires --simulator")
    return options


def _add(
    commands: Any,
    name: str,
    run: Callable[[Cloud, argparse.Namespace, Path], int | None],
    description: str,
    *,
    help: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name, help=help, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.set_defaults(run=run, interrupted="Interrupted.")
    command.add_argument("--simulator", action="store_true", help="use the simulator instead of AWS")
    command.add_argument(
        "--home",
        type=_folder,
        metavar="DIR",
        help="state directory of the simulator (default: .simulator)",
    )
    return command


def _add_reading(command: argparse.ArgumentParser, permissions: Sequence[str], json: str = "print JSON") -> None:
    command.add_argument("stack", metavar="STACK", help="stack to read")
    command.add_argument("--json", action="store_true", help=json)
    listed = "\n".join(f"  {each}" for each in permissions)
    command.epilog = f"permissions, beside reading the Pulumi backend:\n{listed}"


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


def _folder(text: str) -> Path:
    return Path(text).resolve()
