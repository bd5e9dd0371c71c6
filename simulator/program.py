"""Loads the program and its stack files from a checkout and runs it as `pulumi up` does. Writes no file there."""

from __future__ import annotations

import gc
import importlib
import os
import re
import runpy
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any, cast

from config import go_yaml, stackfile
from config.catalogue import FILE
from config.fields import regions
from config.stackfile import KEY
from image.engine import SIMULATED
from simulator import aws, sdk_imports

NOT_PROGRAM = frozenset({"cost", "ops", "policy", "review", "simulator", "tests", "tools"})
"""The packages of this repository that are not part of the program."""
PACKAGES = ("bootstrap", "components", "config", "ecs", "image")
"""Those that are."""
REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True)
class Program:
    root: Path
    """The folder of the repository, with the stack files."""
    folder: str = ""
    """The program's own folder in it: empty for the main program, or `bootstrap`."""

    @property
    def directory(self) -> Path:
        """The folder of Pulumi.yaml and __main__.py."""
        return self.root / self.folder

    @property
    def project(self) -> str:
        """The project's name, the second part of a URN."""
        return go_yaml.load((self.directory / "Pulumi.yaml").read_text())["name"]

    @contextmanager
    def loaded(self, stack: str) -> Generator[Callable[[], None]]:
        """Yields the function that runs the program. Inside the context, its modules are those of `root`.

        Raises UserError for an invalid catalogue or stack file, before the engine starts.
        """
        own = self._is_own()

        def remove_modules() -> dict[str, ModuleType]:
            names = [name for name, module in list(sys.modules.items()) if not own and self._is_part(name, module)]
            return {name: sys.modules.pop(name) for name in names}

        def run() -> None:
            imports.join()
            os.environ[SIMULATED] = "1"
            runpy.run_path(str(self.directory / "__main__.py"), run_name="__main__")

        before = remove_modules()
        path = str(REPOSITORY if own else self.root)
        sys.path.insert(0, path)
        imports = Thread(target=_import_sdk)
        try:
            self._check(stack)
            imports.start()
            yield run
        finally:
            if imports.ident:
                imports.join()
            os.environ.pop(SIMULATED, None)
            sys.path.remove(path)
            remove_modules()
            sys.modules.update(before)

    def _is_own(self) -> bool:
        """Whether the program's modules are those of this repository, which need not be imported again."""
        return self.root == REPOSITORY or _sources(self.root) == _sources(REPOSITORY)

    def _is_part(self, name: str, module: ModuleType) -> bool:
        """Whether a module belongs to the program of this root, or of the checkout that contains this simulator."""
        file = getattr(module, "__file__", None) or ""
        if not file.startswith(self._prefixes):  # most modules, at once
            return False
        top = name.partition(".")[0]
        return top not in NOT_PROGRAM and file.startswith(
            tuple(f"{prefix}{top}{end}" for prefix in self._prefixes for end in "./")
        )

    @property
    def _prefixes(self) -> tuple[str, ...]:
        return f"{self.root}/", f"{REPOSITORY}/"

    def _check(self, stack: str) -> None:
        """Validates with the rules of `root`. A commit without config/load.py validates when the program runs."""
        self.config(stack)
        module = "bootstrap.settings" if self.folder else "config.load"
        if (self.root / f"{module.replace('.', '/')}.py").exists():
            importlib.import_module(module).stack_file(self.root, stack)

    def location(self, stack: str) -> str:
        """The account and region that the stack file configures; empty unless both are valid."""
        account, region = self.account(stack), self._stack_file(stack).get("aws:region")
        return f"account {account}, {region}" if re.fullmatch("[0-9]{12}", account) and region in regions() else ""

    def account(self, stack: str) -> str:
        """The account that the stack file configures, as written there."""
        settings: Any = self._stack_file(stack).get(KEY)
        return str(cast(dict[str, Any], settings).get("account") if isinstance(settings, dict) else None)

    def config(self, stack: str) -> dict[str, Any]:
        """The mapping under `config` in the program's file of the stack. Raises StackFileError."""
        return stackfile.config(self.directory / stackfile.name(stack))

    def _stack_file(self, stack: str) -> dict[str, Any]:
        return stackfile.config(self.root / stackfile.name(stack))


def _sources(root: Path) -> dict[Path, bytes]:
    """The files that determine what the program's modules are, by their path in `root`."""
    packages = [file for package in PACKAGES for file in (root / package).rglob("*.py")]
    others = [file for file in root.glob("*.py") if file.name not in ("__main__.py", FILE)]  # those are run from `root`
    files = [root / "image" / "Dockerfile", *packages, *others]
    return {file.relative_to(root): file.read_bytes() for file in files if file.exists()}


SELDOM = {"budgets", "sns", "wafv2"}
"""Modules of pulumi-aws that few stacks use."""


def _import_sdk() -> None:
    """Imports what the program and the simulator need, in parallel with the start of the engine."""
    sdk_imports.install()
    gc.disable()  # the import creates thousands of classes, and repeated collections would free nothing
    for token in aws.TYPES:
        module, name = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
        if module not in SELDOM:
            getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
    importlib.import_module("simulator.aws.ecs_shapes")
    if not gc.get_freeze_count():  # else the objects of an earlier run in this process would never be freed
        gc.freeze()  # later collections skip the modules, which are never freed
    gc.enable()
