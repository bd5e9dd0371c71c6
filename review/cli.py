"""The command line: `diff`, `rehearse`, `cost` and `picture`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from config import stackfile
from config.problems import UserError
from cost.deployment import read
from cost.estimate import estimate
from review import build_contexts, merge_base, promoted_sources, trial, worktree
from review.advise import advise
from review.changes.concerns import house_rules
from review.changes.concerns.concern import Concern
from review.changes.stack import Changes
from review.deployment.state import states
from review.known_bases import NONE, KnownBases
from review.render import costs, mermaid, terminal
from review.render.limits import COMMENT, SUMMARY
from review.render.markdown import page
from simulator import preflight, report, usage
from simulator.cli import ROOT, add_stack, execute, log, simulator
from simulator.engine import Simulator
from simulator.home import Home
from simulator.program import Program

FORMATS = ("terminal", "markdown", "json")
DESCRIPTION = """\
Shows the effect of a change before it is deployed. Commits are deployed into a
temporary simulated cloud: no account, no credentials, no network."""


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 on success, 1 when a deployment fails or the command is rejected. Wrong usage exits with 64."""
    return execute(_parser(), arguments)


def _diff(options: argparse.Namespace) -> int:
    # compare() deploys into temporary state directories; this one is not read.
    simulated = trial.quiet(simulator(Home(ROOT), policy=ROOT / "policy"))
    tools = f"{simulated.cli.command} {simulated.cli.version} {simulated.docker} {simulated.up_options}"
    bases = KnownBases(ROOT / ".cache" / "bases", code=ROOT, tools=tools)
    comparison = compare(simulated, options.base, options.stacks, bases)
    if options.comment:
        options.comment.write_text(_page_of(comparison, longest=COMMENT))
    return _show(comparison, options.format)


def _rehearse(options: argparse.Namespace) -> int:
    return _show(rehearse(simulator(options.home, policy=ROOT / "policy"), options.stack), options.format)


def _picture(options: argparse.Namespace) -> int:
    picture = draw(simulator(options.home), options.stack)
    if options.into:
        options.into.write_text(mermaid.put_into(options.into.read_text(), picture))
    else:
        print(picture, end="")
    return 0


def _cost(options: argparse.Namespace) -> int:
    simulated = simulator(options.home)
    found = estimate(read(trial.declared(simulated, options.stack)))
    advice = advise(simulated, options.stack, found) if options.advice else None
    print(costs.as_json(found, advice)) if options.json else costs.show(report.console(), options.stack, found, advice)
    return 0


def _show(comparison: Comparison, form: str) -> int:
    found, notes, rules = comparison.stacks, comparison.notes, comparison.rules
    if form == "markdown":
        print(_page_of(comparison, longest=SUMMARY), end="")
    elif form == "json":
        print(terminal.as_json(found, notes=notes, rules=rules))
    else:
        terminal.show(Console(), found, notes=notes, rules=rules)
    return 1 if any(each.errors for each in found) else 0


def _page_of(comparison: Comparison, *, longest: int) -> str:
    return page(
        comparison.stacks, title=comparison.title, notes=comparison.notes, rules=comparison.rules, longest=longest
    )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    title: str
    notes: list[str]
    stacks: list[Changes]
    rules: tuple[Concern, ...] = ()
    """The house rules that are removed or changed."""


def rehearse(simulated: Simulator, stack: str) -> Comparison:
    """The changes of an update in this state directory, which is not changed. Raises UserError as preflight does."""
    preflight.check(simulated, "up", stack)
    with trial.copied_home(simulated) as copy:
        before = copy.home.resources(stack)
        found = trial.compared(stack, before, trial.deploy(copy, stack))
    return Comparison(title=f"Changes of an update of {stack}", notes=[], stacks=[found])


def draw(simulated: Simulator, stack: str) -> str:
    """The stack as a Mermaid flowchart. Raises UserError as trial.declared does."""
    declared = trial.declared(simulated, stack)
    _, state = states([], declared)
    return mermaid.flowchart(state, estimate(read(declared)))


def compare(simulator: Simulator, reference: str, stacks: Iterable[str] | None, bases: KnownBases = NONE) -> Comparison:
    """Deploys the base commit into an empty state directory, if `bases` has none like it, and the working tree over it.

    The base is the merge base of the reference and HEAD. Both run from temporary copies, without the files that git
    ignores. A stack that builds images is deployed before those that run them.
    """
    repository = worktree.Repository.of(simulator.program.root)
    compared = merge_base.base(repository.root, reference)
    with (
        worktree.copied(repository, compared.commit) as base_copy,
        worktree.copied(repository) as head_copy,
        tempfile.TemporaryDirectory(prefix="mrgnl-diff-") as home,
    ):
        missing = build_contexts.provide(base_copy, head_copy)
        base, head = base_copy.root, head_copy.root
        new = replace(simulator, program=Program(head), home=Home(Path(home)))
        # The policy pack is the head's, and a base that violates it is no error of the change.
        old = replace(new, program=Program(base), policy=None)
        in_base, in_head = (set(stackfile.stacks(each)) for each in (base, head))
        ordered = sorted(in_base | in_head, key=lambda each: (not _builds(each, new, old), each))
        selected = _selected(stacks, ordered)
        # Also the stacks that are not selected: a selected one may run their images.
        of_base = [stack for stack in ordered if stack in in_base]
        if build_contexts.has_absolute(base_copy):  # their content may change between two comparisons
            bases = NONE
        before = bases.deployed(
            base_copy, of_base, new.home.path, lambda: {stack: _deploy_base(old, stack) for stack in of_base}
        )
        found = [_changes(new, stack, before, stack in in_head) for stack in selected]
        differ = _text(base / "requirements.txt") != _text(head / "requirements.txt")
        rules = house_rules.rules(_policy(base), _policy(head))
        siblings = repository.root.parent
        found = [
            promoted_sources.with_commits(each, _stack_file(base, each), _stack_file(head, each), siblings)
            for each in found
        ]
    return Comparison(
        title=f"Changes against {compared.title}",
        notes=[*compared.notes, *base_copy.notes, *head_copy.notes, *_notes_on_both(missing, differ)],
        stacks=found,
        rules=rules,
    )


def _stack_file(root: Path, changes: Changes) -> str:
    """Its text; empty if there is none."""
    return _text(root / stackfile.name(changes.stack))


def _policy(root: Path) -> dict[str, str]:
    """The text of each file of the policy pack, by name."""
    files = sorted((root / "policy").glob("*"))
    return {file.name: _text(file) for file in files if file.suffix in (".py", ".yaml")}


def _text(file: Path) -> str:
    """Empty for what is no file or cannot be read: the deployment reports it where it is needed."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _notes_on_both(missing: list[str], packages_differ: bool) -> Iterator[str]:
    if missing:
        yield f"Not checked out; {build_contexts.SAMPLE} was built instead, for both commits: {', '.join(missing)}."
    if packages_differ:
        yield "requirements.txt differs: both commits ran with the installed packages."


def _deploy_base(simulator: Simulator, stack: str) -> trial.Outcome:
    log(f"{stack}: deploying the base")
    return trial.deploy_checked(simulator, stack)


def _changes(simulator: Simulator, stack: str, before: Mapping[str, trial.Outcome], in_head: bool) -> Changes:
    base = before.get(stack)
    if in_head and trial.moves(simulator, stack):
        log(f"{stack}: deploying the working tree into an empty state directory")
        moved = replace(simulator, home=Home(simulator.home.path / f"moved-{stack}"))
        return trial.compared(stack, [], trial.deploy_checked(moved, stack), [trial.MOVED])
    if not in_head:
        return Changes(stack=stack, removed=True, notes=(trial.removed(stack, base.resources if base else None),))
    log(f"{stack}: deploying the working tree over the base")
    head = trial.deploy_checked(simulator, stack)
    return trial.compared(stack, (base.resources if base else None) or [], head, _notes(base, head))


def _notes(base: trial.Outcome | None, head: trial.Outcome) -> list[str]:
    if not base or not base.errors:
        return []
    if base.errors == head.errors:
        return ["The base fails with the same errors."]
    return [f"The base fails, so the comparison is with the part of it that was deployed: {'; '.join(base.errors)}"]


def _builds(stack: str, *simulators: Simulator) -> bool:
    return any(trial.builds(each, stack) for each in simulators)


def _selected(stacks: Iterable[str] | None, existing: list[str]) -> list[str]:
    for stack in stacks or ():
        if stack not in existing:
            raise UserError(
                f"--stack {stack!r}: neither commit has {stackfile.name(stack)}. Give one of {', '.join(existing)}."
            )
    return [stack for stack in existing if not stacks or stack in stacks]


def _parser() -> argparse.ArgumentParser:
    parser = usage.parser("review", DESCRIPTION)
    parser.set_defaults(interrupted="Interrupted. Nothing was changed: the temporary files were removed.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    description = "show the changes of the working tree against another commit"
    diff = commands.add_parser("diff", help=description, description=description)
    diff.set_defaults(run=_diff)
    diff.add_argument("--base", required=True, metavar="REF", help="the commit to compare with, such as main or HEAD~1")
    diff.add_argument(
        "--stack",
        action="append",
        dest="stacks",
        metavar="STACK",
        help="a stack to compare; repeatable (default: all stack files)",
    )

    diff.add_argument(
        "--comment", type=Path, metavar="FILE", help="write the page to FILE too, short enough for a comment on GitHub"
    )

    description = "show the changes of an update, run in a temporary copy of the simulated cloud"
    rehearsal = commands.add_parser("rehearse", help=description, description=description)
    rehearsal.set_defaults(run=_rehearse)
    add_stack(rehearsal)
    for command in (diff, rehearsal):
        command.add_argument("--format", choices=FORMATS, default="terminal", help="(default: terminal)")

    description = "estimate what a stack costs in a month, from the price table"
    costs = commands.add_parser("cost", help=description, description=description)
    costs.set_defaults(run=_cost)
    add_stack(costs)
    costs.add_argument("--advice", action="store_true", help="try changes of the stack file that cost less")
    costs.add_argument("--json", action="store_true", help="print JSON")

    description = "draw a stack's deployment as a Mermaid flowchart"
    picture = commands.add_parser("picture", help=description, description=description)
    picture.set_defaults(run=_picture)
    add_stack(picture)
    picture.add_argument(
        "--into",
        type=_page,
        metavar="FILE",
        help="a page whose first Mermaid block is replaced (default: print the flowchart)",
    )
    return parser


def _page(text: str) -> Path:
    if not (page := Path(text)).is_file() or "```mermaid\n" not in page.read_text():
        raise argparse.ArgumentTypeError(f"{text!r} is not a page with a Mermaid block")
    return page
