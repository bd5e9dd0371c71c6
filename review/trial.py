"""Deploys into a temporary state directory and reads the outcome."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pulumi import RunError

from config import stackfile
from config.problems import UserError
from config.stackfile import KEY
from cost.deployment import read
from cost.estimate import estimate
from ecs.fargate import PLATFORM
from ecs.image import Reference
from review.changes.replacements import EFFECT_ON_DATA
from review.changes.stack import Changes, changes
from review.deployment.state import states
from review.nouns import noun
from simulator import preflight, secrets
from simulator.accepting import accepting
from simulator.aws import ecr
from simulator.engine import Simulator, Step, silent
from simulator.home import Home
from simulator.messages import messages

URN = re.compile(r"urn:pulumi:(?P<stack>[^\s:]+)::[^\s\"';,)]*::(?P<name>[^\s\"';,)]+)")
Raw = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of one update."""

    resources: Raw | None
    """As exported; None when the update was rejected before it began."""
    steps: tuple[Step, ...]
    errors: tuple[str, ...]


def quiet(simulator: Simulator) -> Simulator:
    """The simulator for a temporary state directory: no progress, no checkpoints, and all refusals, not the first."""
    options = {"continue_on_error": True}
    return replace(simulator, report=silent, checkpoints=False, color=False, up_options=options)


@contextmanager
def copied_home(simulator: Simulator) -> Generator[Simulator]:
    """The simulator over a temporary copy of its state directory. Raises UserError while another one uses it."""
    with tempfile.TemporaryDirectory(prefix="mrgnl-rehearse-") as folder:
        yield replace(quiet(simulator), home=simulator.home.copy_to(Path(folder) / "home"))


@contextmanager
def empty_home(simulator: Simulator) -> Generator[Simulator]:
    """The simulator over an empty, temporary state directory."""
    with tempfile.TemporaryDirectory(prefix="mrgnl-empty-") as folder:
        yield replace(quiet(simulator), home=Home(Path(folder)))


def deploy(simulator: Simulator, stack: str) -> Outcome:
    """Runs one update. Problems of the stack file or the program are among the errors."""
    try:
        result = simulator.run("up", stack)
    except RunError as error:
        return _rejected(error, simulator, stack)
    named = [(_named(text, simulator, stack), urn) for text, urn in result.diagnostics]
    errors = _causes(tuple(messages(named, stack)))
    return Outcome(resources=simulator.home.resources(stack), steps=result.steps, errors=errors)


def declared(simulator: Simulator, stack: str) -> Raw:
    """What the program declares, deployed into an empty state directory by a cloud that accepts everything.

    Raises UserError if the stack file or the program is invalid.
    """
    with empty_home(replace(simulator, types=accepting(simulator.types), policy=None)) as temporary:
        outcome = deploy(temporary, stack)
    if outcome.errors:
        raise UserError("\n".join(outcome.errors))
    return outcome.resources or []


def deploy_checked(simulator: Simulator, stack: str) -> Outcome:
    """Runs one update if `make up` would not refuse it. Pinned images are taken as pushed, secrets as created."""
    mark_pins_pushed(simulator, stack)
    try:
        preflight.check(simulator, "up", stack)
    except UserError as error:
        return _rejected(error, simulator, stack)
    return deploy(simulator, stack)


def _rejected(error: RunError, simulator: Simulator, stack: str) -> Outcome:
    """The outcome of an update that did not begin: each line of the error is a problem."""
    return Outcome(resources=None, steps=(), errors=tuple(_named(str(error), simulator, stack).splitlines()))


MOVED = (
    "It moves to another account or region. The resources in the former one remain, and are billed, until"
    " pulumi destroy runs with the former stack file."
)


def moves(simulator: Simulator, stack: str) -> bool:
    """Whether the stack file names another account or region than the stack is deployed to."""
    try:
        return bool(simulator.move(stack))
    except RunError:
        return False  # the deployment reports the problem in the file


def mark_pins_pushed(simulator: Simulator, stack: str) -> None:
    """Marks the images that the stack file pins as pushed, and its simulated secrets as created.

    A temporary state directory does not have them.

    Ignores an invalid stack file: the deployment reports its problems.
    """
    try:
        section = simulator.program.config(stack)[KEY]
        with simulator.home.store() as store:
            secrets.take_as_created(store, secrets.configured(section))
        references = [Reference.parse(str(each)) for each in section["images"].values()]
    except (UserError, ValueError, KeyError, TypeError, AttributeError):
        return
    with simulator.home.store() as store:
        for reference in references:
            platform = PLATFORM.get(section.get("architecture", "x86-64"), "")
            ecr.take_as_pushed(store, reference, platform=platform)


def builds(simulator: Simulator, stack: str) -> bool:
    """Whether the stack builds its images. False if its file is invalid: the deployment reports that."""
    try:
        return stackfile.builds(simulator.program.config(stack))
    except UserError:
        return False


def compared(stack: str, before: Raw, after: Outcome, notes: Iterable[str] = ()) -> Changes:
    """The changes from the resources before to the outcome. A rejected update changes nothing."""
    resources = before if after.resources is None else after.resources
    costs = estimate(read(before)), estimate(read(resources))
    return changes(stack, *states(before, resources), after.steps, errors=after.errors, notes=notes, costs=costs)


def removed(stack: str, before: Raw | None) -> str:
    """The note on a stack whose file is removed."""
    state, _ = states(before or [], [])
    stores = [f"{noun(each.type)} {each.name}" for each in state.resources.values() if each.type in EFFECT_ON_DATA]
    remaining = ", ".join([*sorted(state.services), *sorted(stores)])
    return (
        f"Removing the file deletes nothing. If the stack is deployed, it remains: {remaining or 'nothing'}."
        f" To delete it, run pulumi destroy --stack {stack} from a commit that has the file."
    )


def _causes(errors: tuple[str, ...]) -> tuple[str, ...]:
    """Without inputs that are missing only because the resource that gives them was refused."""
    return tuple(each for each in errors if not each.endswith(" is required")) or errors


def _named(text: str, simulator: Simulator, stack: str) -> str:
    """An error without the program's folder, with logical names in place of URNs."""

    def name(urn: re.Match[str]) -> str:
        return urn["name"] if urn["stack"] == stack else f"{urn['name']} of stack {urn['stack']}"

    return URN.sub(name, text.replace(f"{simulator.program.root}/", ""))
