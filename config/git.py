"""Runs git on the repository of a folder, without the variables of a git that runs this process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.problems import UserError

IDENTITY = ("-c", "user.name=marginalia", "-c", "user.email=marginalia@example.com", "-c", "commit.gpgsign=false")
"""For commits in temporary repositories."""
OPTIONS = ("--literal-pathspecs", "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
"""Runs neither the user's hooks nor a file system monitor."""
KEPT = frozenset(
    {
        "GIT_ASKPASS",
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
    }
)
"""The user's settings: where git looks, which configuration it reads, how it connects."""


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of every git: without git's own variables, with messages in English.

    In a hook GIT_DIR, GIT_INDEX_FILE and GIT_PREFIX name the commit that is being made; another git would change its
    index. https://git-scm.com/docs/githooks#_description
    """
    variables = os.environ if variables is None else variables
    kept = {name: value for name, value in variables.items() if not name.startswith("GIT_") or name in KEPT}
    # No optional lock: `git status` would write the index of the user's repository.
    return {
        **kept,
        **_safe_directories(variables),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _safe_directories(variables: Mapping[str, str]) -> dict[str, str]:
    """Only safe.directory of the configuration in variables: which repositories to trust is the user's decision.

    https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT
    """
    count = variables.get("GIT_CONFIG_COUNT", "")
    pairs = (
        (variables.get(f"GIT_CONFIG_KEY_{index}", ""), variables.get(f"GIT_CONFIG_VALUE_{index}", ""))
        for index in range(int(count) if count.isdecimal() else 0)
    )
    safe = [value for key, value in pairs if key.lower() == "safe.directory"]
    found = {"GIT_CONFIG_COUNT": str(len(safe))} if safe else {}
    for index, value in enumerate(safe):
        found |= {f"GIT_CONFIG_KEY_{index}": "safe.directory", f"GIT_CONFIG_VALUE_{index}": value}
    return found


@dataclass(frozen=True, kw_only=True)
class Done:
    """A git command that ended. Names that are not text in the file system's encoding have surrogates."""

    code: int
    output: str
    errors: str

    @property
    def reason(self) -> str:
        """Why git refused, on one line."""
        return " ".join(self.errors.split()) or f"exit code {self.code}"

    @property
    def line(self) -> str:
        """The output without its last newline."""
        return self.output.removesuffix("\n")

    def items(self) -> Iterator[str]:
        """The items of an output that `-z` separates."""
        return filter(None, self.output.split("\0"))


def run(folder: Path, *arguments: str, index: Path | None = None, given: str = "", check: bool = True) -> Done:
    """Runs git in the folder, with an index of its own if one is given, and with `given` as its input.

    Raises UserError, with git's own words, if git is missing or, unless `check` is False, fails.
    """
    program = shutil.which("git")
    if program is None:
        raise UserError("git is not on PATH. Install it.")
    own_index = {"GIT_INDEX_FILE": str(index)} if index else {}
    done = subprocess.run(
        [program, "-C", str(folder), *OPTIONS, *arguments],
        env={**environment(), **own_index},
        input=os.fsencode(given),
        capture_output=True,
        check=False,
    )
    found = Done(code=done.returncode, output=os.fsdecode(done.stdout), errors=os.fsdecode(done.stderr))
    if check and found.code:
        verb = next(each for each in arguments if not each.startswith("-") and "=" not in each)
        raise UserError(f"git {verb} failed ({readable(found.reason)}).")
    return found


def readable(text: str) -> str:
    """The text with bytes that are no text as escapes, so that it can be printed."""
    return os.fsencode(text).decode(errors="backslashreplace")
