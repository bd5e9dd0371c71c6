"""The workflows of .github, and a runner that executes their scripts with stand-ins for the tools that they call."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import yaml

from tests.declared import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
ACTIONS = sorted(GITHUB.glob("actions/*/action.yml"))
ENVIRONMENT = {
    "GITHUB_SHA": "abc",
    "GITHUB_REPOSITORY": "o/mrgnl-infra",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_RUN_ID": "1",
}
"""Of the variables that GitHub sets: those that a script reads."""


def jobs(workflow: str) -> dict[str, dict[str, Any]]:
    """The jobs of a workflow, by its name."""
    return yaml.safe_load((GITHUB / "workflows" / f"{workflow}.yml").read_text())["jobs"]


def step(workflow: str, job: str, name: str) -> dict[str, Any]:
    """The one step of a job with this name."""
    [found] = [each for each in jobs(workflow)[job]["steps"] if each.get("name") == name]
    return found


def evaluated(text: str, **contexts: Mapping[str, Any]) -> str:
    """A value of a workflow, with its expressions evaluated. A missing property is empty, as on GitHub.

    Understands what the workflows use: `&&`, `||`, `!`, `==`, `contains` of a list and `fromJSON`.
    """
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: str(condition(found[1], **contexts)), text)


def condition(expression: str, **contexts: Mapping[str, Any]) -> Any:
    """An expression without its braces, such as an `if`, evaluated."""
    python = (
        expression.replace("&&", " and ")
        .replace("||", " or ")
        .replace("!cancelled()", "True")
        .replace("always()", "True")
    )
    python = re.sub(r"(?<=\.)([a-z]+)-([a-z]+)(?=\.)", r"\1_\2", python)
    names: dict[str, Any] = {name: _properties(value) for name, value in contexts.items()}
    names |= {"contains": _contains, "fromJSON": json.loads}
    return eval(python, {"__builtins__": {}}, names)  # noqa: S307, expressions of our own workflows


def _contains(items: list[str], item: str) -> bool:
    return item in items


class _Properties(SimpleNamespace):
    def __getattr__(self, _: str) -> str:
        return ""


def _properties(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    mapping = cast(Mapping[str, Any], value)
    return _Properties(**{key.replace("-", "_"): _properties(each) for key, each in mapping.items()})


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int
    called: list[str]


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs scripts as GitHub does, in the repository, with only the tools that a test gives."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def run(self, script: str, **tools: str) -> Ran:
        """Runs a script. A tool is the body of a shell script."""
        for name, body in tools.items():
            self._tool(name, f'echo "{name} $*" >> "{self.folder}/called"\n{body}')
        bash = shutil.which("bash")
        assert bash is not None
        file = self.folder / "script"  # bash replaces itself by the only command of `-c`, but not by that of a file
        file.write_text(script)
        done = subprocess.run(
            [bash, "--noprofile", "--norc", "-e", file],
            cwd=ROOT,
            env={"PATH": str(self.folder), **self.files, **ENVIRONMENT, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        (self.folder / "log").write_text(done.stdout)
        return Ran(code=done.returncode, called=self._lines("called"))

    def module(self, *arguments: str, **tools: str) -> Ran:
        """Runs a module of this repository, as a step runs it with `python -m`."""
        self._tool("python3", f'exec "{sys.executable}" "$@"')
        return self.run(f"python3 -m {' '.join(arguments)}", **tools)

    @property
    def files(self) -> dict[str, str]:
        names = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "RUNNER_TEMP": ""}
        return {name: str(self.folder / path) for name, path in names.items()}

    def read(self, name: str) -> str:
        """What was written into the file `output`, `summary` or `log`."""
        file = self.folder / name
        return file.read_text() if file.exists() else ""

    def _lines(self, name: str) -> list[str]:
        return self.read(name).splitlines()

    def _tool(self, name: str, body: str) -> None:
        tool = self.folder / name
        tool.write_text(f"#!/bin/sh\n{body}\n")
        tool.chmod(0o755)
