"""`make demo`: promotes changes from dev to prod, and takes one back whose rollout fails, in the simulator.

Runs the committed program with two small stack files of the demo, in a temporary clone with an empty state directory.
The checkout and its stack files are neither used nor changed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pulumi import RunError
from rich.table import Table
from rich.text import Text

from config import catalogue, git
from config.catalogue import Catalogue
from config.problems import UserError
from ops.cli import main as ops
from ops.reading import NO
from review import worktree
from simulator import process, report, toolchain
from simulator.engine import Operation, Simulator, Step
from simulator.faults import Fault, Faults
from simulator.home import Home
from simulator.program import Program

ROOT = Path(__file__).parent.parent
SHORT = 7
"""The number of hexadecimal digits of a digest to show, and of resource names on a line."""

DEV = """\
config:
  aws:region: us-east-1
  marginalia:stack:
    account: "000000000000"
    build: {context: "../mrgnl-{service}", consumers: ["000000000001"]}
    network: {cidr: 10.20.0.0/16, zones: [us-east-1a, us-east-1b]}
    ingress: {allowed-cidrs: [203.0.113.0/24]}
    bucket: {name: marginalia-demo-dev}
"""
PROD = """\
config:
  aws:region: us-east-1
  marginalia:stack:
    account: "000000000001"
    images: {}
    network: {cidr: 10.30.0.0/16, zones: [us-east-1a, us-east-1b]}
    ingress: {domain: demo.example.com, zone-id: Z00000000000000000000}
    bucket: {name: marginalia-demo-prod}
"""


class DemoError(UserError):
    """A step of the demo failed."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A stack after one step."""

    title: str
    images: dict[str, str]
    """The first digits of the digest that each service runs."""
    steps: tuple[Step, ...]
    """The steps of the update."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    simulator: Simulator
    """Runs the program in a temporary git repository."""
    report: Callable[[str], object]

    def run(self) -> list[Moment]:
        """Runs all steps. Raises DemoError if one fails."""
        self._create_sources()
        self._write_stack_files()
        moments = [self._up("dev", "dev, first deployment")]
        self._promote()
        moments.append(self._up("prod", "prod, promoted"))
        self._edit()
        moments.append(self._up("dev", f"dev, {self.edited} edited"))
        self._promote("--service", self.edited)
        self._run("preview", "prod")
        moments.append(self._up("prod", "prod, promoted again"))
        self._edit()
        moments.append(self._up("dev", f"dev, {self.edited} edited again"))
        self._promote("--service", self.edited)
        self._fail("prod")
        self._ops("why", "prod", self.edited, code=NO)
        self._ops("rollback", "prod", self.edited, "--yes")
        self._commit("Rollback")
        moments.append(self._up("prod", "prod, rolled back", refresh=True))
        self._ops("status", "prod")
        return moments

    @property
    def _root(self) -> Path:
        return self.simulator.program.root

    @property
    def edited(self) -> str:
        """The service whose source the demo edits; any will do."""
        return self._services.names[-1]

    @property
    def _services(self) -> Catalogue:
        return catalogue.load(self._root)

    def _create_sources(self) -> None:
        """Creates a source folder for each service, as a copy of the sample."""
        for name in self._services.names:
            copy = self._root.parent / f"mrgnl-{name}"
            shutil.copytree(self._root / "image" / "sample", copy)
            self._touch(name, f"// {name}")

    def _write_stack_files(self) -> None:
        arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret"  # not simulated, so it need not exist
        secrets = {
            entry.name: {name: f"{arn}:{entry.name}-{name}-AbCdEf" for name in entry.secrets}
            for entry in self._services
            if entry.secrets
        }
        for stack, text in (("dev", DEV), ("prod", PROD)):
            (self._root / f"Pulumi.{stack}.yaml").write_text(f"{text}    secrets: {json.dumps(secrets)}\n")
        self._git("add", "--all", "--force")
        self._git("commit", "--allow-empty", "--message", "The demo's stack files")

    def _edit(self) -> None:
        self.report(f"\n$ edit ../mrgnl-{self.edited}/cmd/server/main.go")
        self._touch(self.edited, "// edited")

    def _touch(self, service: str, line: str) -> None:
        with (self._root.parent / f"mrgnl-{service}" / "cmd" / "server" / "main.go").open("a") as source:
            source.write(f"\n{line}\n")

    def _promote(self, *options: str) -> None:
        self._ops("promote", "dev", "prod", *options)
        self._commit("Promotion")

    def _commit(self, message: str) -> None:
        self._git("commit", "--all", "--message", message)
        self.report("$ git commit")

    def _ops(self, *words: str, code: int = 0) -> None:
        """Runs a verb of ops, which ends with this exit code."""
        self.report(f"\n$ python -m ops {' '.join(words)}")
        if ops([*words, "--simulator", "--home", str(self.simulator.home.path)], root=self._root) != code:
            raise DemoError(f"{words[0]}: another result was expected.")

    def _fail(self, stack: str) -> None:
        """An update in which ECS rolls the edited service back."""
        self.report(f"\n$ python -m simulator up --stack {stack} --fault rollback:{self.edited}")
        faults = Faults((Fault("rollback", self.edited),))
        result = replace(self.simulator, faults=faults).run("up", stack)
        if result.succeeded:
            raise DemoError("The update succeeded; the fault was not played.")
        for error in result.errors:
            self.report(f"  {error}")

    def _up(self, stack: str, title: str, *, refresh: bool = False) -> Moment:
        steps = self._run("up", stack, refresh=refresh)
        outputs = self.simulator.outputs(stack)["images"]
        images = {name: image.rpartition(":")[2][:SHORT] for name, image in outputs.items()}
        return Moment(title=title, images=images, steps=steps)

    def _run(self, operation: Operation, stack: str, *, refresh: bool = False) -> tuple[Step, ...]:
        self.report(f"\n$ python -m simulator {operation} --stack {stack}{' --refresh' if refresh else ''}")
        result = replace(self.simulator, refresh=refresh).run(operation, stack)
        if not result.succeeded:
            raise DemoError("\n".join(result.errors))
        steps = tuple(step for step in result.steps if step.operation != "refresh")
        changes = [f"{step.operation} {step.name}" for step in steps if "-" not in step.operation]
        self.report("  " + (", ".join(changes) if len(changes) <= SHORT else f"{len(changes)} resources"))
        return steps

    def _git(self, *arguments: str) -> None:
        git.run(self._root, *git.IDENTITY, *arguments)


@contextmanager
def _clone() -> Generator[Path]:
    """A folder with a repository of the committed program. Nothing in it refers to the user's repository."""
    repository = worktree.Repository.of(ROOT)
    with tempfile.TemporaryDirectory(prefix="mrgnl-demo-") as folder, worktree.copied(repository, "HEAD") as copy:
        root = Path(folder) / "mrgnl-infra"
        shutil.copytree(copy.root, root, symlinks=True)
        git.run(root, "init", "--quiet")
        yield Path(folder)


def _print(moments: list[Moment]) -> None:
    table = Table(title="running digests (simulated)", title_justify="left")
    table.add_column("service")
    former: dict[str, str] = {}
    columns: list[dict[str, Text]] = []
    for moment in moments:
        table.add_column(moment.title)
        columns.append(
            {
                name: Text(digest, style="" if former.get(name) == digest else "bold")
                for name, digest in moment.images.items()
            }
        )
        former = moment.images
    for name in sorted(moments[0].images):
        table.add_row(name, *(column[name] for column in columns))
    report.console().print(table)


def main() -> int:
    argparse.ArgumentParser(prog="make demo", description=__doc__).parse_args()
    try:
        with _clone() as folder:
            program, home = Program(folder / "mrgnl-infra"), Home(folder / "home")
            cli = toolchain.pulumi(ROOT, ROOT / ".cache", report=print)
            simulator = Simulator(program=program, home=home, cli=cli, checkpoints=False, report=lambda _: None)
            _print(Demo(simulator=simulator, report=lambda line: print(line, flush=True)).run())
    except RunError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    process.run("tools.demo")
