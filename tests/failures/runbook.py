"""Reads the table of failures in docs/runbook.md, and runs its commands in the simulator as a person would."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any, cast

from config.problems import UserError
from ops.cli import main as ops
from simulator import secrets
from simulator.engine import Operation, Step
from simulator.faults import Fault, Faults
from simulator.store import Object
from tests.declared import ROOT
from tests.engine import converged
from tests.engine.conftest import Checkout
from tests.images import image

HEADER = "| what you see | why | command | what it does |"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:signing-key-AbCdEf"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. Code in its first cell is a message, code in its third one a command."""

    messages: tuple[str, ...]
    """Each is printed; `…` stands for any text in it."""
    why: str
    """Names the row."""
    commands: tuple[str, ...]
    """Keys of COMMANDS, in their order."""


def rows() -> list[Row]:
    """The rows of the table with HEADER."""
    _, _, rest = (ROOT / "docs" / "runbook.md").read_text().partition(f"{HEADER}\n")
    table = cast("re.Match[str]", re.match(r"\|.*\n((?:\|.*\n)+)", rest))
    cells = [_text(line).strip("| ").split(" | ") for line in table[1].splitlines()]
    return [Row(messages=_code(seen), why=why, commands=_code(command)) for seen, why, command, _ in cells]


def _text(cell: str) -> str:
    """The cell without its links."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", cell)


def _code(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


@dataclass
class Operator:
    """A person who runs commands on the stack dev, and what these print."""

    checkout: Checkout
    printed: list[str] = field(default_factory=list[str])
    _committed: str = field(init=False)

    def __post_init__(self) -> None:
        self._committed = self._file.read_text()

    @property
    def _file(self) -> Path:
        return self.checkout.root / "Pulumi.dev.yaml"

    def run(
        self, operation: Operation, *faults: str, on_step: Callable[[Step], object] | None = None, **options: Any
    ) -> bool:
        """Whether the operation succeeds. Each fault, KIND:RESOURCE, must happen. No lock is removed, as on AWS."""
        if self.checkout.home.is_locked_by_pulumi("dev"):
            return self.pulumi(operation)
        played = Faults(tuple(Fault(*each.split(":")) for each in faults))
        simulator = replace(
            self.checkout.simulator, faults=played, up_options=options, report=self.printed.append, on_step=on_step
        )
        try:
            result = simulator.run(operation, "dev")
        except (UserError, KeyboardInterrupt) as error:
            self.printed.append(str(error))
            return False
        self.printed += [*result.messages, *result.warnings]
        assert played.missed == []
        return result.succeeded

    def fails(self, *faults: str, operation: Operation = "up") -> None:
        assert not self.run(operation, *faults)

    def pulumi(self, command: str, **options: Any) -> bool:
        """Whether the engine's command succeeds, with options that the simulator does not have."""
        simulator = self.checkout.simulator
        with simulator.program.loaded("dev") as program:
            try:
                with simulator.session("dev", program) as session:
                    getattr(session, command)(on_output=self.printed.append, **options)
            except UserError as error:
                self.printed.append(str(error))
                return False
        return True

    def cancel(self) -> bool:
        with self.checkout.simulator.session("dev") as session:
            session.cancel()
        return True

    def sees(self, message: str) -> bool:
        pattern = ".*".join(map(re.escape, message.split("…")))
        return re.search(pattern, " ".join(" ".join(self.printed).split())) is not None

    def edit(self, **sections: Any) -> bool:
        """Edits the stack file. An underscore stands for a hyphen."""
        changed = {key.replace("_", "-"): value for key, value in sections.items()}
        self.checkout.edit("dev", lambda stack: stack.update(changed))
        return True

    def pin(self, *services: str, digit: str = "a") -> bool:
        changed = {each: image(each, digit) for each in services}
        self.checkout.edit("dev", lambda stack: stack["images"].update(changed))
        return True

    def unpin(self, service: str) -> None:
        self.checkout.edit("dev", lambda stack: stack["images"].pop(service))

    def edit_entry(self, service: str, **changes: Any) -> bool:
        """Edits the entry of the service in services.py."""
        self.checkout.edit_services(lambda entries: entries.update({service: replace(entries[service], **changes)}))
        return True

    def commit(self) -> None:
        """What `git revert` goes back to."""
        self._committed = self._file.read_text()

    def revert(self) -> bool:
        self._file.write_text(self._committed)
        return True

    def edit_source(self, service: str) -> None:
        (self.checkout.sources / f"mrgnl-{service}" / "an_edit.txt").write_text("an edit")

    def promote(self) -> bool:
        return self._operate("promote", "dev", "prod")

    def approve(self) -> bool:
        return self._operate("approve", "dev", "--yes")

    def _operate(self, *words: str) -> bool:
        arguments = [*words, "--simulator", "--home", str(self.checkout.home.path)]
        with redirect_stderr(StringIO()) as printed:
            code = ops(arguments, root=self.checkout.root)
        self.printed.append(printed.getvalue())
        return code == 0

    def object(self, name: str) -> Object:
        """The object in AWS of the resource with this logical name."""
        with self.checkout.home.store() as store:
            kinds = {kind for kind, _ in self.checkout.stored()}
            return next(each for kind in kinds for each in store.find(kind) if each.urn.endswith(f"::{name}"))

    def delete(self, name: str) -> bool:
        """Deletes the object of this resource by hand."""
        found = self.object(name)
        self.checkout.forget(found.kind, found.id)
        return True

    def put_secret(self) -> bool:
        with self.checkout.home.store() as store:
            secrets.take_as_created(store, [SECRET])
        return True

    def problems(self) -> list[str]:
        """What is not as the stack file declares it."""
        next_up = self.checkout.simulator.run("up", "dev")
        return [
            *(f"the next up: {each}" for each in (*next_up.steps, *next_up.messages, *next_up.warnings)),
            *converged.problems(self.checkout),
            *(f"{service}: {state}" for service, state in self.checkout.states().items() if state != "steady"),
        ]

    def remains(self) -> list[str]:
        """What a destroyed stack left."""
        return [*self.checkout.home.names("dev"), *converged.problems(self.checkout)]


COMMANDS: dict[str, Callable[[Operator], bool]] = {
    "pulumi up": lambda person: person.run("up"),
    "pulumi up --refresh": lambda person: person.run("up", refresh=True),
    "pulumi up --refresh --target '**::authsvc' --target '**::authsvc-*'": lambda person: person.run(
        "up", refresh=True, target=["**::authsvc", "**::authsvc-*"]
    ),
    "pulumi up --refresh --replace URN": lambda person: person.run(
        "up", refresh=True, replace=[person.object("promptsvc-image-build").urn]
    ),
    "pulumi refresh --clear-pending-creates": lambda person: person.run("refresh"),
    "pulumi cancel --yes": lambda person: person.cancel(),
    "pulumi -C bootstrap up --refresh": lambda person: person.run("up", refresh=True),
    "pulumi destroy": lambda person: person.run("destroy"),
    "git revert COMMIT": lambda person: person.revert(),
    "python -m ops promote dev prod": lambda person: person.promote(),
    "python -m ops approve STACK": lambda person: person.approve(),
    "redeploy.promptsvc": lambda person: person.edit(redeploy={"promptsvc": 2}),
    "database.password-revision": lambda person: person.edit(database={"password-revision": 3}),
    "database: {password-revision: 2}": lambda person: person.edit(database={"logins": "own", "password-revision": 2}),
    "database: {password-revision: 3}": lambda person: person.edit(database={"logins": "own", "password-revision": 3}),
    "database: {logins: moving}": lambda person: person.edit(database={"logins": "moving"}),
    "database: {logins: own}": lambda person: person.edit(database={"logins": "own"}),
    "images.promptsvc": lambda person: person.pin("promptsvc", digit="b"),
    "protect: false": lambda person: person.edit(protect=False),
    "migrate=True": lambda person: person.edit_entry("promptsvc", migrate=False),
    "aws ssm delete-parameter --name /marginalia/PREFIX/promptsvc/migrated": lambda person: person.delete(
        "promptsvc-migrated"
    ),
    "aws servicediscovery delete-namespace --id ID": lambda person: person.delete("cluster-namespace"),
    "aws ec2 revoke-security-group-egress --group-id GROUP --security-group-rule-ids ID": lambda person: person.delete(
        "scrapsvc-access-to-database-egress"
    ),
    "aws secretsmanager put-secret-value --secret-id ARN --secret-string file:///dev/stdin": lambda person: (
        person.put_secret()
    ),
}
"""The simulated effect of each command of the document."""
