"""`make demo`: a change's way from dev to prod and back, in the simulator, from nothing.

It runs the program that is committed, with two small stack files of its own, in a throw-away clone with a cloud of its
own: nothing here changes, and what your stack files say does not matter.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from promotion.cli import main as promotion
from services import CATALOGUE
from simulator import toolchain
from simulator.engine import Operation, Simulator, Step
from simulator.errors import SimulatorError
from simulator.program import Program

ROOT = Path(__file__).parent.parent
EDITED = "promptsvc"
SHORT = 7
"""Hexadecimal digits of a digest that are shown, and names of resources on a line."""

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


class DemoError(Exception):
    """A step did not do what it says."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A stack after one step."""

    title: str
    images: dict[str, str]
    """By service, the first digits of the digest that runs."""
    steps: tuple[Step, ...]
    """What the engine did."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    simulator: Simulator
    """Over a folder of its own, in which git keeps what is committed."""
    say: Callable[[str], object]

    def run(self) -> list[Moment]:
        """Raises DemoError when a step fails."""
        self._give_each_service_a_source()
        self._take_stack_files_of_its_own()
        moments = [self._up("dev", "dev, from nothing")]
        self._promote()
        moments.append(self._up("prod", "prod, promoted"))
        self._edit()
        moments.append(self._up("dev", f"dev, {EDITED} edited"))
        self._promote("--service", EDITED)
        self._run("preview", "prod")
        moments.append(self._up("prod", "prod, promoted again"))
        self.say("\n$ git revert HEAD")
        self._git("revert", "--no-edit", "HEAD")
        moments.append(self._up("prod", "prod, reverted"))
        return moments

    @property
    def _root(self) -> Path:
        return self.simulator.program.root

    def _give_each_service_a_source(self) -> None:
        """As in real life each service has a folder of its own, here a copy of the sample."""
        for name in CATALOGUE.names:
            copy = self._root.parent / f"mrgnl-{name}"
            shutil.copytree(self._root / "image" / "sample", copy)
            self._touch(name, f"// {name}")

    def _take_stack_files_of_its_own(self) -> None:
        arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret"  # of no simulated account: taken as it is named
        secrets = {
            entry.name: {name: f"{arn}:{entry.name}-{name}-AbCdEf" for name in entry.secrets}
            for entry in CATALOGUE
            if entry.secrets
        }
        for stack, text in (("dev", DEV), ("prod", PROD)):
            (self._root / f"Pulumi.{stack}.yaml").write_text(f"{text}    secrets: {json.dumps(secrets)}\n")
        self._git("add", "--all")
        self._git("commit", "--allow-empty", "--message", "The demo's stack files")

    def _edit(self) -> None:
        self.say(f"\n$ edit ../mrgnl-{EDITED}/cmd/server/main.go")
        self._touch(EDITED, "// a better idea")

    def _touch(self, service: str, line: str) -> None:
        with (self._root.parent / f"mrgnl-{service}" / "cmd" / "server" / "main.go").open("a") as source:
            source.write(f"\n{line}\n")

    def _promote(self, *options: str) -> None:
        self.say(f"\n$ {' '.join(('python -m promotion dev prod', *options))}")
        if promotion(["dev", "prod", *options, "--simulator", "--home", str(self.simulator.home)], root=self._root):
            raise DemoError("the promotion was refused")
        self._git("commit", "--all", "--message", "Promotion")
        self.say("$ git commit")

    def _up(self, stack: str, title: str) -> Moment:
        steps = self._run("up", stack)
        outputs = self.simulator.outputs(stack)["images"]
        images = {name: image.rpartition(":")[2][:SHORT] for name, image in outputs.items()}
        return Moment(title=title, images=images, steps=steps)

    def _run(self, operation: Operation, stack: str) -> tuple[Step, ...]:
        self.say(f"\n$ python -m simulator {operation} --stack {stack}")
        result = self.simulator.run(operation, stack)
        if not result.succeeded:
            raise DemoError("\n".join(result.errors))
        few = [f"{step.operation} {step.name}" for step in result.steps if "-" not in step.operation]
        self.say("  " + (", ".join(few) if len(few) <= SHORT else f"{len(few)} resources"))
        return result.steps

    def _git(self, *arguments: str) -> None:
        git(self._root, *arguments)


def git(folder: Path, *arguments: str) -> None:
    """Raises DemoError."""
    identity = ["-c", "user.name=demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"git {arguments[0]}: {done.stderr.strip()}")


@contextmanager
def _clone() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="mrgnl-demo-") as folder:
        git(ROOT, "clone", "--quiet", str(ROOT), f"{folder}/mrgnl-infra")
        yield Path(folder)


def _print(moments: list[Moment]) -> None:
    table = Table(title="the digests that run, simulated", title_justify="left")
    table.add_column("service")
    former: dict[str, str] = {}
    columns: list[dict[str, str]] = []
    for moment in moments:
        table.add_column(moment.title)
        columns.append(
            {
                name: digest if former.get(name) == digest else f"[bold]{digest}"
                for name, digest in moment.images.items()
            }
        )
        former = moment.images
    for name in CATALOGUE.names:
        table.add_row(name, *(column[name] for column in columns))
    Console().print(table)


def main() -> int:
    argparse.ArgumentParser(prog="make demo", description=__doc__).parse_args()
    try:
        with _clone() as folder:
            program, home = Program(folder / "mrgnl-infra"), folder / "home"
            cli = toolchain.pulumi(ROOT, ROOT / ".cache", say=print)
            simulator = Simulator(program=program, home=home, cli=cli, checkpoints=False, say=lambda _: None)
            _print(Demo(simulator=simulator, say=lambda line: print(line, flush=True)).run())
    except (DemoError, SimulatorError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
