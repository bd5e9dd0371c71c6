"""The command line: any stack, as committed, on the real engine and the simulated cloud."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services import CATALOGUE
from simulator import picture, report, toolchain
from simulator.diff import command as diff
from simulator.engine import Simulator
from simulator.errors import SimulatorError
from simulator.program import Program

ROOT = Path(__file__).parent.parent
FAULTS = ("rollback", "silent-rollback")
COMMANDS = {
    "preview": "show what up would change",
    "up": "make the simulated cloud what the program and the stack file say",
    "refresh": "make Pulumi's state what the simulated cloud holds",
    "destroy": "delete the stack's resources from the simulated cloud",
    "outputs": "print the stack's outputs as JSON",
    "picture": "draw what the stack deploys, as Mermaid",
    **diff.COMMANDS,
}


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when the command did what it says, 1 when not, 2 when it was not understood."""
    options = _parser().parse_args(arguments)
    try:
        simulator = Simulator(
            program=Program(ROOT),
            home=getattr(options, "home", ROOT),  # diff has a home of its own making
            cli=toolchain.pulumi(ROOT, ROOT / ".cache", say=_say),
            say=print,
            color=sys.stdout.isatty(),
            faults=dict(getattr(options, "fault", [])),
            # A preview stays fast; up, and what pull requests use, are held to the house rules.
            policy=None if options.command == "preview" else ROOT / "policy",
        )
        if options.command in diff.COMMANDS:
            return diff.main(options, simulator)
        if options.command == "outputs":
            print(json.dumps(simulator.outputs(options.stack), indent=2, sort_keys=True))
            return 0
        if options.command == "picture":
            drawn = picture.draw(simulator, options.stack)
            if options.into:
                options.into.write_text(picture.put_into(options.into.read_text(), drawn))
            else:
                print(drawn, end="")
            return 0
        result = simulator.run(options.command, options.stack)
        if options.command in ("up", "refresh"):
            _print_services(simulator, options.stack)
        if options.command == "destroy" and not result.succeeded:
            _say("\n".join(result.errors))
            _say("Where something is protected: `protect: false` in the stack file, then up, then destroy.")
        if result.succeeded and simulator.faults:
            _say(f"There was no rollout of {', '.join(simulator.faults)} to fail: change its image or size first.")
            return 1
        return 0 if result.succeeded else 1
    except SimulatorError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("Interrupted." + " The next up completes it, or says what was cut off." * (options.command == "up"))
        return 130


def _print_services(simulator: Simulator, stack: str) -> None:
    table = Table(title=f"{stack}, simulated: nothing runs and nothing is billed", title_justify="left")
    for column in ("service", "image", "cpu", "memory", "tasks", "state"):
        table.add_column(column)
    for row in report.services(simulator.home, stack):
        table.add_row(row.service, row.digest, row.cpu, f"{row.memory} MiB", str(row.tasks), row.state)
    Console().print(table)


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Runs a stack on the real Pulumi engine against a simulation of AWS and Docker: no account, no"
        " network, no Docker. It is a simulation; AWS has the last word.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, description in COMMANDS.items():
        command = commands.add_parser(name, help=description, description=description)
        if name in diff.COMMANDS:
            diff.add(command, name)
        if name == "diff":
            continue
        command.add_argument(
            "--stack", default="dev", type=_stack, help="whose Pulumi.STACK.yaml is run (default: dev)"
        )
        command.add_argument(
            "--home",
            type=lambda path: Path(path).resolve(),
            default=ROOT / ".simulator",
            help="where the simulated cloud and Pulumi's state are kept (default: .simulator)",
        )
        if name == "picture":
            command.add_argument(
                "--into",
                type=_page,
                metavar="FILE",
                help="write it into this page, in place of its first Mermaid block",
            )
        if name == "up":
            command.add_argument(
                "--fault",
                action="append",
                default=[],
                type=_fault,
                metavar="KIND:SERVICE",
                help="what a rollout comes to: rollback, of which the provider tells, or silent-rollback",
            )
    return parser


def _stack(text: str) -> str:
    """https://www.pulumi.com/docs/iac/concepts/stacks/#create-stack"""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", text):
        raise argparse.ArgumentTypeError(f"{text!r}: letters, digits, hyphens, underscores and periods")
    return text


def _page(text: str) -> Path:
    if not (page := Path(text)).is_file() or "```mermaid\n" not in page.read_text():
        raise argparse.ArgumentTypeError(f"{text!r}: an existing page with a Mermaid block")
    return page


def _fault(text: str) -> tuple[str, str]:
    """The service, and what becomes of its rollout."""
    kind, _, service = text.partition(":")
    if kind not in FAULTS or service not in CATALOGUE:
        raise argparse.ArgumentTypeError(
            f"{text!r}: one of {', '.join(FAULTS)}, a colon and one of {', '.join(CATALOGUE.names)}"
        )
    return service, kind
