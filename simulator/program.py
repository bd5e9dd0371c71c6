"""The program and its stack files, as committed: only read, and run as `pulumi up` runs it."""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any, cast

import yaml
from pulumi import RunError

from docker_engine import SIMULATED
from simulator import aws
from simulator.errors import SimulatorError

MODULES = ("components", "docker_engine", "ecs", "mistakes", "services", "settings")


@dataclass(frozen=True)
class Program:
    root: Path
    """The folder of Pulumi.yaml, the stack files and __main__.py."""

    @contextmanager
    def loaded(self, stack: str) -> Generator[Callable[[], None]]:
        """Gives the function that runs the program. Within it, the program's modules are those of its root.

        Raises SimulatorError for a wrong catalogue or stack file: before the engine starts, and in one message.
        """

        def taken() -> dict[str, ModuleType]:
            names = [name for name in sys.modules if name.partition(".")[0] in MODULES]
            return {name: sys.modules.pop(name) for name in names}

        def run() -> None:
            sdk.join()
            os.environ[SIMULATED] = "1"
            runpy.run_path(str(self.root / "__main__.py"), run_name="__main__")

        before = taken()
        sys.path.insert(0, str(self.root))
        sdk = Thread(target=_load_sdk)
        try:
            self._check(stack)
            sdk.start()
            yield run
        finally:
            if sdk.ident:
                sdk.join()
            os.environ.pop(SIMULATED, None)
            sys.path.remove(str(self.root))
            taken()
            sys.modules.update(before)

    def _check(self, stack: str) -> None:
        config = self.config(stack)
        try:
            settings, services = (importlib.import_module(name) for name in ("settings", "services"))
            settings.parse(
                json.dumps(config.get(settings.KEY), default=str),
                region=str(config.get("aws:region", "")),
                file=f"Pulumi.{stack}.yaml",
                catalogue=services.CATALOGUE,
                root=self.root,
            )
            if others := sorted(set(config) - {"aws:region", settings.KEY}):
                raise SimulatorError(
                    f"Pulumi.{stack}.yaml: {', '.join(others)}: no such key; the keys are aws:region and {settings.KEY}"
                )
        except RunError as error:
            raise SimulatorError(str(error)) from None

    def config(self, stack: str) -> dict[str, Any]:
        """What the stack file says under `config`. Raises SimulatorError when it says nothing that can be read."""
        file = self.root / f"Pulumi.{stack}.yaml"
        if not file.exists():
            there = ", ".join(sorted(path.name.split(".")[1] for path in self.root.glob("Pulumi.*.yaml")))
            raise SimulatorError(f"{file.name} does not exist; there are stack files for {there}")
        config = read(file).get("config")
        if not isinstance(config, dict):
            raise SimulatorError(f"{file.name}: config: a mapping of configuration keys")
        return cast(dict[str, Any], config)


def _load_sdk() -> None:
    """Imports what the program is about to import: a second's work that the engine's start can hide."""
    gc.disable()  # a collection of nothing, over and over, while thousands of classes are made
    for module in sorted({token.split(":")[1].split("/")[0] for token in aws.TYPES}):
        getattr(importlib.import_module(f"pulumi_aws.{module}"), "outputs", None)  # the first look loads a lazy module
    gc.freeze()  # none of it ever goes: no later collection need look at it
    gc.enable()


def read(file: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping. Raises SimulatorError for any other."""
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError):
        raise SimulatorError(f"{file.name} cannot be read as text") from None
    except yaml.YAMLError as error:
        # Only what is wrong, and where: PyYAML would quote the line, and a secret may stand in it.
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise SimulatorError(f"{file.name} is not YAML: {what}{where}") from None
    if not isinstance(content, dict):
        raise SimulatorError(f"{file.name}: a mapping with the key 'config'")
    return cast(dict[str, Any], content)
