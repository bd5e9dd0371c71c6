"""The engine's errors and warnings for a person: each once, on one line, without prefixes and advice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ecs import types

URN = re.compile(r"urn:pulumi:[^\s:]+::[^\s\"';,)]*::([^\s\"';,)]+)")
FOLLOW_UP = re.compile(r"(update|preview|refresh|destroy) (failed|canceled)|resource plugin .* exited")
"""Errors that only repeat that there was another one."""
PREFIXES = re.compile(
    r"an unhandled error occurred: |rpc error: code = \w+ desc = |\d+ errors? occurred:\s*|^error: |^Preview failed: "
    r"|before hook \"[^\"]+\" failed: "
)
ADVICE = re.compile(
    r"\s*(To unprotect the resource,|If you are using the Pulumi Service,|Note that `pulumi).*", re.DOTALL
)
"""The engine's advice, from its first word on: it names commands that do not know the simulator's state."""

PENDING = re.compile(r"\s*These resources are in an unknown state.*", re.DOTALL)
"""The engine's advice after an interrupted update, which is for a person at the console of AWS."""
SETTLE = ". Run `make refresh`, then `make up`."


def message(text: str, urn: str | None, stack: str) -> str:
    """An error or warning of the engine on one line, beginning with the resource's name; empty for a follow-up error.

    The commands that it names are make's and those of ops for the simulator, and say on which stack.

    A traceback, which only a defect of the program causes, keeps its lines.
    """
    plain = re.sub(r"\x1b\[[0-9;]*m|<\{%.*?%\}>", "", text).strip()
    if FOLLOW_UP.fullmatch(plain):
        return ""
    plain = URN.sub(r"\1", ADVICE.sub("", PENDING.sub(SETTLE, PREFIXES.sub("", plain))))
    plain = re.sub(r"`?\bpulumi (up|preview|refresh|destroy)\b( --refresh)?`?", _make, plain)
    plain = re.sub(r"`python -m ops (\w+) STACK([^`]*)`", rf"`python -m ops \1 {stack}\2 --simulator`", plain)
    plain = re.sub(r"`make\s(\w+)(?=[ `])(?![^`]* STACK=)", rf"`make \1 STACK={stack}", plain)
    if "Traceback (most recent call last)" not in plain:
        parts = re.split(r"(?:^|\n)\s*\* ", plain)
        plain = "; ".join(" ".join(part.split()) for part in parts if part.strip())
    name = (urn or "").rpartition("::")[2]
    is_named = not name or types.STACK in (urn or "") or name in plain
    return plain if is_named or not plain else f"{name}: {plain}"


def _make(command: re.Match[str]) -> str:
    """The command of make for one of pulumi."""
    return "`make " + command[1] + (" REFRESH=1`" if command[2] else "`")


def messages(texts: Iterable[tuple[str, str | None]], stack: str) -> Iterator[str]:
    """The messages in their order, each once, also if a longer one contains it."""
    seen: list[str] = []
    for text, urn in texts:
        found = message(text, urn, stack)
        if found and not any(found in each for each in seen):
            seen.append(found)
            yield found
