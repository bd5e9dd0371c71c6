from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto

from simulator import toolchain
from simulator.aws import ecr
from simulator.engine import TYPES, Operation, Result, Simulator
from simulator.program import Program
from simulator.store import Store
from tests.declared import ROOT

PROGRAM = (
    "Pulumi.yaml",
    "Pulumi.dev.yaml",
    "Pulumi.prod.yaml",
    "__main__.py",
    "faults.py",
    "services.py",
    "settings.py",
)
FOLDERS = ("components", "ecs", "image")


@dataclass(frozen=True)
class Checkout:
    """A checkout of the program in a folder of its own, with a simulated cloud of its own."""

    root: Path
    home: Path
    cli: auto.PulumiCommand

    def run(self, operation: Operation, stack: str = "dev") -> Result:
        result = self.simulator.run(operation, stack)
        assert result.succeeded, result.errors
        return result

    def changed(self, operation: Operation = "up", stack: str = "dev") -> set[tuple[str, str]]:
        """What the engine did, as (operation, logical name), less its inner steps of a replacement."""
        steps = self.run(operation, stack).steps
        return {(step.operation, step.name) for step in steps if step.operation in VISIBLE}

    @property
    def simulator(self) -> Simulator:
        return Simulator(program=Program(self.root), home=self.home, cli=self.cli, say=lambda _: None)

    def held(self) -> list[tuple[str, str]]:
        """What the cloud holds, as (kind, id)."""
        with closing(Store(self.home / "cloud.sqlite")) as store:
            return [(kind, each.id) for kind in [*TYPES, ecr.IMAGE] for each in store.find(kind)]

    def forget(self, kind: str, id: str) -> None:
        """Removes something from the cloud behind Pulumi's back."""
        with closing(Store(self.home / "cloud.sqlite")) as store:
            [made] = [each for each in store.find(kind) if each.id == id]
            store.remove(made)

    def edit(self, stack: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Changes what the stack file says under marginalia:stack."""
        file = self.root / f"Pulumi.{stack}.yaml"
        content = yaml.safe_load(file.read_text())
        change(content["config"]["marginalia:stack"])
        file.write_text(yaml.safe_dump(content))

    def separate_sources(self) -> Path:
        """Five copies of the sample, one for each service, beside the program; dev builds those."""
        for name in ("authsvc", "promptsvc", "scrapsvc", "chatsvc", "mcp"):
            shutil.copytree(self.root / "image" / "sample", self.root.parent / f"mrgnl-{name}")
        self.edit("dev", lambda stack: stack.update(build={"context": "../mrgnl-{service}"}))
        return self.root.parent


VISIBLE = frozenset({"create", "update", "replace", "delete"})


@pytest.fixture(scope="session")
def cli() -> auto.PulumiCommand:
    return toolchain.pulumi(ROOT, ROOT / ".cache", say=print)


@pytest.fixture
def checkout(tmp_path: Path, cli: auto.PulumiCommand) -> Checkout:
    return _checkout(tmp_path, cli)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Checkout:
    """Dev as committed but with a source folder for each service, up once for a whole file. Tests leave it as it is."""
    checkout = _checkout(tmp_path_factory.mktemp("running"), cli)
    checkout.separate_sources()
    checkout.run("up")
    return checkout


def _checkout(folder: Path, cli: auto.PulumiCommand) -> Checkout:
    root = folder / "mrgnl-infra"
    root.mkdir()
    for name in PROGRAM:
        shutil.copy(ROOT / name, root / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return Checkout(root, folder / "home", cli)
