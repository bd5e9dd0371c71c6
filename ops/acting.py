"""The subcommands that change what runs: each shows its plan and asks."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ops import approval, debug, restart, rollback, rollback_now, run, scale, session_manager, stop_rollout, tag_sources
from ops.action import carry_out
from ops.cloud import Cloud
from ops.command import Commands, Run

ROLLBACK = """\
Goes back to the image that SERVICE ran well before, by ECS's successful
deployments and the commits of the stack file. Pins it in the stack file of
STACK, as a promotion does: commit the file, then deploy it. With --now, ECS
deploys the former revision at once, and the next update undoes that unless
the stack file or the source is reverted, too."""
RESTART = """\
Starts a new deployment of the revision that SERVICE runs: each task is
replaced, and the new ones read the current versions of their secrets."""
STOP_ROLLOUT = """\
Stops the deployment of SERVICE that is in progress. ECS goes back to the
revision before it."""
APPROVE = """\
Lets the deployments of STACK that wait for approval shift traffic to their new
tasks: that of SERVICE, or all that wait now. A service that calls others is
deployed after them, and waits then."""
REJECT = """\
Ends the deployments of STACK that wait for approval: that of SERVICE, or all
that wait now. ECS goes back to the revision before, and the update that waits
for it fails."""
SCALE = """\
Sets the number of tasks of SERVICE, between `min` and `max` of the stack file.
Says whether the next update keeps the number."""

TAG_SOURCES = """\
Puts the tag src-COMMIT on each image that the last update of STACK built, in
ECR, so that a digest leads back to its source. A tag that another image has
already is a message, not an error. CI runs it after each update."""

RUN = """\
Starts one run of JOB, follows its log and ends with its exit code. Arguments
after -- follow those of the job's command. Ctrl-C ends the following only: the
run goes on. Refuses to start if a run of the job is going on."""


DEBUG = """\
Starts a task with the network, the database and the secrets of SERVICE and the
toolbox of the stack file, opens a shell in it and stops it when the shell ends.
With --forward, a local port leads to the database instead. Without a terminal
or the Session Manager plugin it prints the command lines for the AWS CLI, and
stops the task on Ctrl-C. In any case the task ends by itself after some time.
ECS Exec logs what a shell shows."""


def add(commands: Commands) -> None:
    permissions = (*rollback.PERMISSIONS, *rollback_now.PERMISSIONS)
    command = _verb(commands, "rollback", _rollback, ROLLBACK, "pin a former image", permissions)
    command.add_argument(
        "--to", metavar="DIGEST|REVISION", help="image or revision to go back to, such as sha256:0123456 or 41"
    )
    command.add_argument("--now", action="store_true", help="by ECS alone, without the stack file")

    _verb(commands, "restart", _restart, RESTART, "replace the tasks of a service", restart.PERMISSIONS)
    text = "stop a service's deployment"
    _verb(commands, "stop-rollout", _stop_rollout, STOP_ROLLOUT, text, stop_rollout.PERMISSIONS)
    permissions = approval.PERMISSIONS
    text = "let deployments that wait for approval go on"
    _verb(commands, "approve", _approve, APPROVE, text, permissions, all_services=True)
    text = "end deployments that wait for approval"
    _verb(commands, "reject", _reject, REJECT, text, permissions, all_services=True)
    command = _verb(commands, "scale", _scale, SCALE, "set the number of tasks of a service", scale.PERMISSIONS)
    command.add_argument("tasks", metavar="N", type=_count, help="number of tasks")

    command = commands.add(
        "tag-sources", _tag_sources, TAG_SOURCES, help="tag built images", permissions=tag_sources.PERMISSIONS
    )
    command.set_defaults(interrupted="Interrupted. Run the command again to set the other tags.")
    command.add_argument("stack", metavar="STACK", help="stack that builds its images")
    _add_confirmation(command)

    command = commands.add(
        "run",
        _run,
        RUN,
        help="start a job and follow its log",
        permissions=run.PERMISSIONS,
        codes="that of the job; 1 if it never started, and on an error; 130 on Ctrl-C",
        examples="examples:\n  python -m ops run dev cleanup\n  python -m ops run dev cleanup -- -dry-run\n\n",
    )
    command.add_argument("stack", metavar="STACK", help="deployed stack")
    command.add_argument("job", metavar="JOB", help="job of that stack")
    command.add_argument("--parallel", action="store_true", help="start it although a run is going on")
    command.set_defaults(pause=time.sleep, takes_arguments=True)

    command = commands.add(
        "debug",
        _debug,
        DEBUG,
        help="open a shell with the access of a service",
        permissions=debug.PERMISSIONS,
        codes="0 the session has ended; 1 no session, and an error; 130 on Ctrl-C",
        examples="examples:\n  python -m ops debug dev mcp\n  python -m ops debug dev promptsvc --forward 5432\n\n",
    )
    command.add_argument("stack", metavar="STACK", help="deployed stack")
    command.add_argument("service", metavar="SERVICE", help="service of that stack")
    command.add_argument("--minutes", metavar="N", type=_count, help="end after N minutes, at most those of the stack")
    command.add_argument("--forward", metavar="PORT", type=_port, help="forward this local port to the database")
    text = "print one JSON object with the command lines, and leave the task running until its time is over"
    command.add_argument("--json", action="store_true", help=text)
    command.set_defaults(pause=time.sleep)


def _add_confirmation(command: argparse.ArgumentParser) -> None:
    """The options of a verb that changes something."""
    command.add_argument("--dry-run", action="store_true", help="show the plan and change nothing")
    command.add_argument("--yes", action="store_true", help="do not ask; required without a terminal")
    command.add_argument("--json", action="store_true", help="print one JSON object, and the rest to standard error")


def _verb(
    commands: Commands,
    name: str,
    run: Run,
    text: str,
    help: str,
    permissions: Iterable[str],
    *,
    all_services: bool = False,
) -> argparse.ArgumentParser:
    """`all_services`: whether the verb is for every service of the stack if none is named."""
    command = commands.add(name, run, text, help=help, permissions=permissions)
    command.set_defaults(interrupted="Interrupted. To see whether it was done: python -m ops status STACK")
    command.add_argument("stack", metavar="STACK", help="deployed stack")
    nargs, default = ("?", " (default: all)") if all_services else (None, "")
    command.add_argument("service", metavar="SERVICE", nargs=nargs, help=f"service of that stack{default}")
    _add_confirmation(command)
    return command


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 1 to 65535")
    return int(text)


def _rollback(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    stack, name, to = options.stack, options.service, options.to
    if options.now:
        return carry_out(rollback_now.prepare(cloud, stack, name, to=to, root=root), options)
    today = datetime.now(UTC).date().isoformat()
    return carry_out(rollback.prepare(cloud, stack, name, to=to, root=root, today=today), options)


def _restart(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    return carry_out(restart.prepare(cloud, options.stack, options.service, root), options)


def _stop_rollout(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    return carry_out(stop_rollout.prepare(cloud, options.stack, options.service, root), options)


def _scale(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    return carry_out(scale.prepare(cloud, options.stack, options.service, options.tasks, root), options)


def _approve(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    return carry_out(approval.prepare(cloud, options.stack, options.service, root, approve=True), options)


def _reject(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    return carry_out(approval.prepare(cloud, options.stack, options.service, root, approve=False), options)


def _tag_sources(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    return carry_out(tag_sources.prepare(cloud, options.stack), options)


def _run(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    stack, job = options.stack, options.job
    started = run.start(cloud, stack, job, root, arguments=options.after, parallel=options.parallel)
    print(f"{started.subject}: task {started.id} is starting", file=sys.stderr)
    options.interrupted = (
        f"The run goes on: task {started.id} of {started.subject}. To follow it:"
        f" {cloud.verb(f'logs {stack} {job} --follow')}. To see how it ends: {cloud.verb(f'jobs {stack}')}."
    )
    code, reason = run.follow(started, partial(print, flush=True), options.pause)
    if code is None:
        print(f"{started.subject}: never started: {reason}", file=sys.stderr)
        return run.FAILED
    print(f"{started.subject}: ended with exit code {code}. {reason}".rstrip(), file=sys.stderr)
    return code


def _debug(cloud: Cloud, options: argparse.Namespace, root: Path) -> int:
    task = debug.start(
        cloud, options.stack, options.service, root, minutes=options.minutes, forward=bool(options.forward)
    )
    print(f"{task.subject}: task {task.id} is starting. It ends after {task.minutes} min.", file=sys.stderr)
    options.interrupted = f"{task.subject}: the debug task is stopped."
    is_left = False
    try:
        task = replace(task, runtime_id=debug.runtime_id(task, options.pause))
        if options.json:
            lines = debug.lines(task, options.forward or debug.PORT)
            print(json.dumps({"task": task.id, "minutes": task.minutes, **lines}, indent=2))
            is_left = True
        else:
            _session(cloud, task, options)
    finally:
        if not is_left:
            debug.stop(task)
    return 0


def _session(cloud: Cloud, task: debug.Task, options: argparse.Namespace) -> None:
    """Returns when the person has left the session, or the task has ended."""
    for line in debug.lines(task, options.forward or debug.PORT).values():
        print(f"  {line}", file=sys.stderr)
    if not (cloud.is_simulated or (sys.stdin.isatty() and session_manager.is_installed())):
        by_hand = f"Without a terminal and {session_manager.PLUGIN}, use these lines. Ctrl-C stops the task."
        print(by_hand, file=sys.stderr)
        debug.wait(task, options.pause)
        return
    session, request = debug.forward(task, options.forward) if options.forward else debug.shell(task)
    if cloud.is_simulated:
        print(f"{task.subject}: the session would open here (simulated: no task runs).")
    else:
        session_manager.connect(session, request, task.location[1])
