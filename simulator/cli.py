"""The command line of the simulator: one subcommand for each operation on a stack."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pulumi import RunError

from config.problems import UserError
from simulator import drift, home, preflight, report, secrets, summary, toolchain, usage
from simulator.engine import Operation, Result, Simulator, silent
from simulator.faults import KINDS, Fault, Faults
from simulator.home import Home
from simulator.program import Program
from simulator.progress import Progress

ROOT = Path(__file__).parent.parent
RUNNING: dict[Operation, str] = {
    "preview": "previewing",
    "up": "updating",
    "refresh": "refreshing",
    "destroy": "deleting",
}
DESCRIPTION = """\
Runs a stack on the real Pulumi engine against a simulation of AWS and Docker: no
account, network or Docker. A simulation: AWS may still reject what it accepts."""


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 for success, 1 for failure, 2 for drift, 130 after an interrupt. Wrong usage exits with 64."""
    return execute(_parser(), arguments)


def execute(parser: argparse.ArgumentParser, arguments: list[str] | None) -> int:
    """Runs the subcommand, reports its errors and returns its exit code. The parser sets `run` and `interrupted`."""
    options = argparse.Namespace()
    try:
        parser.parse_args(arguments, options)
        return options.run(options)
    except RunError as error:
        log(str(error))
        return 1
    except KeyboardInterrupt:
        log(options.interrupted)
        return 130


def _preview(options: argparse.Namespace) -> int:
    """Without the house rules, to stay fast; `rehearse` runs the whole update in a copy."""
    return _code(_run(_simulator(options), options, "preview"))


def _drift(options: argparse.Namespace) -> int:
    return drift.show(_simulator(options), options.stack, as_json=options.json, verbose=options.verbose)


def _secret(options: argparse.Namespace) -> int:
    print("\n".join(secrets.lines(options.home, Program(ROOT), options.stack, options.name)))
    return 0


def _secrets(options: argparse.Namespace) -> int:
    print("\n".join(secrets.listed(options.home)))
    return 0


def _up(options: argparse.Namespace) -> int:
    # The house rules are for the services' stacks: some actions of CI's roles support no resource.
    policy = None if options.program else ROOT / "policy"
    simulated = replace(_simulator(options, policy=policy), refresh=options.refresh)
    return _code(_run(simulated, options, "up"))


def _refresh(options: argparse.Namespace) -> int:
    return _code(_run(_simulator(options), options, "refresh"))


def _destroy(options: argparse.Namespace) -> int:
    result = _run(_simulator(options), options, "destroy")
    if not result.succeeded and not options.program:
        log("To delete protected resources, set `protect: false` in the stack file, run up, then destroy.")
    return _code(result)


def _outputs(options: argparse.Namespace) -> int:
    print(json.dumps(_simulator(options).outputs(options.stack), indent=2, sort_keys=True))
    return 0


def simulator(
    home: Home, *, program: str = "", role: str = "", faults: Sequence[Fault] = (), policy: Path | None = None
) -> Simulator:
    """The simulator of this repository's program, or of the one in the folder `program`. `role` is an ARN."""
    return Simulator(
        program=Program(ROOT, program),
        home=home,
        cli=toolchain.pulumi(ROOT, ROOT / ".cache", report=log),
        color=report.console().is_terminal and not report.console().no_color,
        faults=Faults(tuple(faults)),
        policy=policy,
        role=role,
    )


def _simulator(options: argparse.Namespace, *, policy: Path | None = None) -> Simulator:
    home = options.home.bootstrap if options.program else options.home
    return simulator(home, program=options.program, role=_role_arn(options), faults=options.fault, policy=policy)


def _role_arn(options: argparse.Namespace) -> str:
    """The role that bootstrap created for the stack; empty without `--role`. Raises UserError."""
    if not options.role:
        return ""
    outputs = [each.get("outputs", {}) for each in options.home.bootstrap.resources(options.stack)]
    if found := [each[options.role] for each in outputs if options.role in each]:
        return found[0]
    command = f"python -m simulator up --program bootstrap --stack {options.stack}"
    raise UserError(f"{options.stack}: has no role {options.role}. Deploy bootstrap first: {command}")


def _run(simulated: Simulator, options: argparse.Namespace, operation: Operation) -> Result:
    """Runs the operation and prints its summary, its errors and, last, the services."""
    if not options.program:
        preflight.check(simulated, operation, options.stack)
    _check_faults(simulated, options.stack)
    if options.verbose:
        result = simulated.run(operation, options.stack)
    else:
        with Progress(f"{options.stack}: {RUNNING[operation]}", "steps") as progress:
            quiet = replace(simulated, report=silent, on_step=progress.add)
            result = quiet.run(operation, options.stack)
    if options.json:
        print(json.dumps(_as_json(simulated, options.stack, operation, result), indent=2), flush=True)
        _report_faults(simulated, options.stack)
        return result
    print("\n".join(summary.lines(options.stack, operation, result)), flush=True)
    for warning in result.warnings:
        log(f"warning: {warning}")
    for error in result.messages:
        log(f"error: {error}")
    _report_faults(simulated, options.stack)
    if operation in ("up", "refresh") and not options.program:
        _print_services(simulated, options.stack, summary.changes(result))
    return result


def _as_json(simulated: Simulator, stack: str, operation: Operation, result: Result) -> dict[str, Any]:
    found = summary.as_json(stack, operation, result)
    if operation not in ("up", "refresh") or simulated.program.folder:
        return found
    services = [asdict(row) for row in report.services(simulated.home, stack)]
    return {**found, "url": simulated.outputs(stack).get("url"), "services": services}


def _print_services(simulated: Simulator, stack: str, changes: dict[str, str]) -> None:
    if url := simulated.outputs(stack).get("url"):
        print(f"url: {url}")
    print(flush=True)
    services = list(report.services(simulated.home, stack))
    if services:
        report.console().print(report.table(stack, services, changes))
    else:
        print(
            f"{stack} runs no service yet: .venv/bin/python -m ops promote dev {stack} --simulator pins dev's images."
        )


def _code(result: Result) -> int:
    return 0 if result.succeeded else 1


def _check_faults(simulated: Simulator, stack: str) -> None:
    """Raises UserError for a fault that no operation on the stack can meet."""
    if not simulated.faults.faults:
        return
    names = simulated.home.names(stack)
    if problems := [problem for fault in simulated.faults.faults if (problem := fault.problem(names))]:
        raise UserError("\n".join(problems))


def _report_faults(simulated: Simulator, stack: str) -> None:
    """Prints one line for each fault that was played. Raises UserError for the others: nothing was tried then."""
    for fault in sorted(simulated.faults.played):
        log(f"fault {fault}: {fault.effect}")
    if missed := simulated.faults.missed:
        names = simulated.home.names(stack)
        raise UserError("\n".join(fault.missed(names) for fault in missed))


def log(message: str) -> None:
    print(message, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = usage.parser("simulator", DESCRIPTION)
    parser.set_defaults(interrupted="Interrupted.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_operation(commands, "preview", _preview, "show what up would change")
    up = _add_operation(commands, "up", _up, "deploy the stack into the simulated cloud")
    up.set_defaults(interrupted="Interrupted. Run up again to complete the update.")
    up.add_argument(
        "--refresh", action="store_true", help="read the simulated cloud first: needed after an update that failed"
    )
    _add_fault(up)
    refresh = _add_operation(commands, "refresh", _refresh, "update Pulumi's state to match the simulated cloud")
    refresh.set_defaults(interrupted="Interrupted. Run refresh again to complete it.")
    _add_fault(refresh)
    _add_operation(commands, "drift", _drift, "show what changed in the simulated cloud behind Pulumi's back")
    destroy = _add_operation(commands, "destroy", _destroy, "delete the stack's resources from the simulated cloud")
    destroy.set_defaults(interrupted="Interrupted. Run destroy again to complete it.")
    _add_fault(destroy)
    _add_program(_add(commands, "outputs", _outputs, "print the stack's outputs as JSON"))
    secret = _add(commands, "secret", _secret, "create a simulated secret and print its ARN")
    secret.add_argument("name", type=secrets.name, metavar="NAME", help="the name, such as smtp-password")
    _add(commands, "secrets", _secrets, "list the ARNs of the simulated secrets")
    return parser


def _add(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], description: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=description, description=description)
    command.set_defaults(run=run)
    add_stack(command)
    return command


def _add_operation(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], description: str
) -> argparse.ArgumentParser:
    command = _add(commands, name, run, description)
    _add_program(command)
    roles = ("deploy", "preview")
    command.add_argument("--role", choices=roles, help="run under this role of CI, which bootstrap created")
    command.add_argument("--verbose", action="store_true", help="print the Pulumi engine's own output, too")
    command.add_argument("--json", action="store_true", help="print the summary as JSON")
    return command


def _add_program(command: argparse.ArgumentParser) -> None:
    text = "the program: bootstrap, or none for the services' stack"
    command.add_argument("--program", choices=("bootstrap",), help=text)


def add_stack(command: argparse.ArgumentParser) -> None:
    """Adds the options that select a stack and a state directory."""
    command.set_defaults(program="", role="", fault=())
    command.add_argument("--stack", default="dev", type=_stack, help="the name in Pulumi.STACK.yaml (default: dev)")
    command.add_argument(
        "--home",
        default=Home(ROOT / home.NAME),
        type=lambda path: Home(Path(path).resolve()),
        metavar="DIR",
        help=f"the state directory: the simulated cloud and Pulumi's state (default: {home.NAME})",
    )


def _stack(text: str) -> str:
    """Validates a stack name. https://www.pulumi.com/docs/iac/concepts/stacks/#create-stack"""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r}: not a stack name. Use up to 100 letters, digits, hyphens, underscores and periods."
        )
    return text


def _add_fault(command: argparse.ArgumentParser) -> None:
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    width = max(map(len, KINDS))
    kinds = "\n".join(f"  {name:<{width}}  {kind.effect}" for name, kind in KINDS.items())
    command.epilog = f"faults:\n{kinds}"
    command.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault,
        metavar="KIND:RESOURCE",
        help="let an operation on a resource fail; RESOURCE is a logical name, such as database-instance, or a service",
    )


def _fault(text: str) -> Fault:
    kind, _, resource = text.partition(":")
    if kind not in KINDS or not resource:
        raise argparse.ArgumentTypeError(
            f"{text!r}: not KIND:RESOURCE, such as rollback:promptsvc. KIND is {', '.join(KINDS)}."
        )
    return Fault(kind, resource)
