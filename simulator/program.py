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

from pulumi import RunError

import stackfiles
from docker_engine import SIMULATED
from mistakes import KEY
from simulator import aws
from simulator.errors import SimulatorError

OURS = frozenset({"image", "policy", "promotion", "simulator", "tests", "tools"})
"""What lies beside the program and is no part of it."""
HERE = Path(__file__).parent.parent


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
            names = [name for name, module in list(sys.modules.items()) if self._is_part(name, module)]
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

    def _is_part(self, name: str, module: ModuleType) -> bool:
        """Whether a module is the program's: of this root, or of the checkout that this simulator lies in."""
        top, file = name.partition(".")[0], getattr(module, "__file__", None) or ""
        return top not in OURS and any(
            file.startswith(f"{root / top}{end}") for root in (self.root, HERE) for end in "./"
        )

    def _check(self, stack: str) -> None:
        config = self.config(stack)
        try:
            settings, services = (importlib.import_module(name) for name in ("settings", "services"))
            if others := sorted(set(config) - {"aws:region", settings.KEY}):
                raise SimulatorError(
                    f"Pulumi.{stack}.yaml: {', '.join(others)}: no such key; the keys are aws:region and {settings.KEY}"
                )
            settings.parse(
                json.dumps(config.get(settings.KEY), default=str),
                region=str(config.get("aws:region", "")),
                file=f"Pulumi.{stack}.yaml",
                catalogue=services.CATALOGUE,
                root=self.root,
            )
        except RunError as error:
            raise SimulatorError(str(error)) from None

    def place(self, stack: str) -> str:
        """The account and region that the stack file asks for."""
        config = self.config(stack)
        said: Any = config.get(KEY)
        account = cast(dict[str, Any], said).get("account") if isinstance(said, dict) else None
        return f"account {account}, {config.get('aws:region')}"

    def config(self, stack: str) -> dict[str, Any]:
        """What the stack file says under `config`. Raises SimulatorError when it says nothing that can be read."""
        try:
            return stackfiles.config(self.root / f"Pulumi.{stack}.yaml")
        except stackfiles.StackFileError as error:
            raise SimulatorError(str(error)) from None


def _load_sdk() -> None:
    """Imports what the program is about to import: a second's work that the engine's start can hide."""
    gc.disable()  # a collection of nothing, over and over, while thousands of classes are made
    for module in sorted({token.split(":")[1].split("/")[0] for token in aws.TYPES}):
        getattr(importlib.import_module(f"pulumi_aws.{module}"), "outputs", None)  # the first look loads a lazy module
    gc.freeze()  # none of it ever goes: no later collection need look at it
    gc.enable()
