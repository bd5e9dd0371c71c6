from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto

from config import catalogue, go_yaml
from config.catalogue import Entry
from config.stackfile import KEY
from simulator import report, toolchain
from simulator.aws import ecr
from simulator.engine import TYPES, Operation, Result, Simulator
from simulator.graph import Graph
from simulator.home import Home
from simulator.program import Program
from tests.declared import CATALOGUE, COMMITTED, ROOT, STACKS
from tests.images import images

PROGRAM = ("Pulumi.yaml", "__main__.py", "bootstrap", "components", "config", "ecs", "image")


@dataclass(frozen=True)
class Checkout:
    """A checkout of the program in a folder of its own, with the tests' services and stack files and its own cloud."""

    root: Path
    home: Home
    cli: auto.PulumiCommand
    program: str = ""
    """The folder of the program: empty for the main one, or bootstrap."""

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
        return Simulator(
            program=Program(self.root, self.program),
            home=self.home,
            cli=self.cli,
            checkpoints=False,
            report=lambda _: None,
        )

    def stored(self) -> list[tuple[str, str]]:
        """The objects of the cloud, as (kind, id)."""
        with self.home.store() as store:
            return [(kind, each.id) for kind in [*TYPES, ecr.IMAGE] for each in store.find(kind)]

    def states(self, stack: str = "dev") -> dict[str, str]:
        """The states of the services, as the table shows them, by name."""
        return {row.service: row.state for row in report.services(self.home, stack)}

    def forget(self, kind: str, id: str) -> None:
        """Removes something from the cloud behind Pulumi's back."""
        with self.home.store() as store:
            [stored] = [each for each in store.find(kind) if each.id == id]
            store.remove(stored)

    def edit(self, stack: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Changes what the stack file says under marginalia:stack."""
        file = self.root / f"Pulumi.{stack}.yaml"
        content = yaml.safe_load(file.read_text())
        change(content["config"][KEY])
        file.write_text(go_yaml.dump(content))

    @property
    def sources(self) -> Path:
        return self.root.parent

    def edit_services(self, change: Callable[[dict[str, Entry]], object]) -> None:
        """Changes the entries of services.py, by name."""
        entries = {entry.name: entry for entry in catalogue.load(self.root)}
        change(entries)
        lines = ",\n    ".join(map(repr, entries.values()))
        text = f"from config.catalogue import Entry\n\nSERVICES = (\n    {lines},\n)\n"
        (self.root / "services.py").write_text(text)

    def keep_services(self, *names: str) -> None:
        """Removes the other services, and the calls of them."""

        def keep(entries: dict[str, Entry]) -> None:
            for name in [*entries]:
                entry = entries.pop(name)
                if name in names:
                    entries[name] = replace(entry, calls=tuple(each for each in entry.calls if each in names))

        self.edit_services(keep)

    def separate_sources(self) -> None:
        """Five copies of the sample, one for each service, beside the program; dev builds those."""
        for name in CATALOGUE.names:
            shutil.copytree(self.root / "image" / "sample", self.sources / f"mrgnl-{name}")
        self.edit("dev", lambda stack: stack["build"].update(context="../mrgnl-{service}"))


Registering = Callable[[Callable[[Any], None]], None]


@pytest.fixture
def registering(monkeypatch: pytest.MonkeyPatch) -> Registering:
    """Takes a function that changes each request to register a resource, before the simulator and the engine see it."""

    def register(change: Callable[[Any], None]) -> None:
        add = Graph.add

        def changed(graph: Graph, request: Any) -> None:
            change(request)
            add(graph, request)

        monkeypatch.setattr(Graph, "add", changed)

    return register


VISIBLE = frozenset({"create", "update", "replace", "delete"})


@pytest.fixture(scope="session")
def cli() -> auto.PulumiCommand:
    return toolchain.pulumi(ROOT, ROOT / ".cache", report=print)


@pytest.fixture
def checkout(tmp_path: Path, cli: auto.PulumiCommand) -> Checkout:
    """The program as it is here, with stack files of the tests' own; nothing is deployed."""
    return program_in(tmp_path, cli)


@pytest.fixture
def as_committed(checkout: Checkout) -> Checkout:
    """With the committed services and stack files, whatever account, sources and images they name."""
    shutil.copy(ROOT / "services.py", checkout.root)
    for file in checkout.root.glob("Pulumi.*.yaml"):
        file.unlink()
    for file in COMMITTED:
        # This cloud is new and has no image of a simulated account; one of any other is taken as it is named.
        (checkout.root / file.name).write_text(re.sub(r"\b0{11}\d(?=\.dkr\.ecr\.)", "111122223333", file.read_text()))
        build: dict[str, Any] = yaml.safe_load(file.read_text())["config"][KEY].get("build") or {}
        for name in catalogue.load(ROOT).names if build else ():
            source = checkout.root / build["context"].replace("{service}", name)
            if not source.exists():
                shutil.copytree(ROOT / "image" / "sample", source)
    return checkout


@pytest.fixture(scope="session")
def dev_home(tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Home:
    """The home in which dev, with a source folder for each service, was brought up once. For copying only."""
    return deployed_once("dev", tmp_path_factory, cli, Checkout.separate_sources)


@pytest.fixture
def dev(checkout: Checkout, dev_home: Home) -> Checkout:
    """Dev with a source folder for each service, up."""
    checkout.separate_sources()
    shutil.copytree(dev_home.path, checkout.home.path)
    return checkout


@pytest.fixture(scope="session")
def pinned_home(tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Home:
    """The home in which `small` was deployed once. For copying only."""
    return deployed_once("pinned", tmp_path_factory, cli, small)


@pytest.fixture
def pinned(checkout: Checkout, pinned_home: Home) -> Checkout:
    """A deployed stack with authsvc and promptsvc."""
    small(checkout)
    shutil.copytree(pinned_home.path, checkout.home.path)
    return checkout


def small(checkout: Checkout) -> None:
    """Two services with pinned images; both use the database."""
    checkout.edit("dev", lambda stack: stack.update(images=images(["authsvc", "promptsvc"]), build=None))


def deploy(checkout: Checkout) -> None:
    checkout.run("up")


def deployed_once(
    name: str,
    factory: pytest.TempPathFactory,
    cli: auto.PulumiCommand,
    prepare: Callable[[Checkout], None],
    deploy: Callable[[Checkout], None] = deploy,
) -> Home:
    """The home of a checkout that one process of the run deploys, for all: the others wait. For copying only.

    https://pytest-xdist.readthedocs.io/en/stable/how-to.html#making-session-scoped-fixtures-execute-only-once
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"deployed-{name}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = folder / "finished"
        if not finished.exists():
            shutil.rmtree(folder / "mrgnl-infra", ignore_errors=True)  # of a process whose deployment failed
            shutil.rmtree(folder / "home", ignore_errors=True)
            checkout = program_in(folder, cli)
            prepare(checkout)
            deploy(checkout)
            finished.touch()
    return Home(folder / "home")


def program_in(folder: Path, cli: auto.PulumiCommand) -> Checkout:
    root = folder / "mrgnl-infra"
    root.mkdir()
    for name in PROGRAM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    for file in STACKS.iterdir():
        shutil.copy(file, root)
    return Checkout(root, Home(folder / "home"), cli)
