"""Kills the engine at one of its requests that change the cloud, then completes the update as the messages say."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Literal, cast

import grpc
import pytest
from google.protobuf import json_format

from config.catalogue import Entry
from config.problems import UserError
from simulator import child
from simulator.locks import explanation
from simulator.provider import Provider
from simulator.sdk import SECRET, SIGNATURE, plain
from tests.engine import converged
from tests.engine.conftest import Checkout

Moment = Literal["before", "after"]
"""Before the cloud acts, or after it did and before the engine knows."""
METHODS = ("Create", "Update", "Delete")
SETTLE = "run `make refresh STACK=dev`"
ROTATE = re.compile(r"Increment database\.password-revision to (\d+)")
SHORT = 8
"""Characters of a text that may be in a file by chance."""


@dataclass
class Requests:
    """The requests of one update that change the cloud, in the order in which they arrive."""

    kill_at: int | str = 0
    """The number of the request at which the engine is killed, or its text in `seen`; 0 for none."""
    moment: Moment = "before"
    seen: list[str] = field(default_factory=list[str])
    """The method and the logical name of each."""
    secrets: set[str] = field(default_factory=set[str])
    """The secret values in them."""
    _engine: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, *arguments: Any, **options: Any) -> subprocess.Popen[str]:
        self._engine = subprocess.Popen(*arguments, **options)
        return self._engine

    def forward(self, method: str, call: Callable[[], Any], request: Any, context: Any) -> Any:
        """Makes the call, unless the engine is killed before it."""
        with self._lock:
            self.seen.append(f"{method} {request.urn.rpartition('::')[2]}")
            self.secrets |= set(_secrets(json_format.MessageToDict(request)))
            is_chosen = self.kill_at in (len(self.seen), self.seen[-1])
        if is_chosen and self.moment == "before":
            self._kill()
            context.abort(grpc.StatusCode.UNAVAILABLE, "the engine was killed")
        answer = call()
        if is_chosen:
            self._kill()
        return answer

    def _kill(self) -> None:
        assert self._engine
        self._engine.kill()
        self._engine.wait()


def _secrets(value: Any) -> Iterator[str]:
    """The texts in a value that are marked as secret."""
    if isinstance(value, list):
        for each in cast(list[Any], value):
            yield from _secrets(each)
    if isinstance(value, dict):
        mapping = cast(dict[str, Any], value)
        secret = plain(mapping) if mapping.get(SIGNATURE) == SECRET else None
        if isinstance(secret, str) and len(secret) >= SHORT:
            yield secret
        for each in mapping.values():
            yield from _secrets(each)


@contextmanager
def observed(requests: Requests) -> Generator[None]:
    """Passes the requests of the engine that change the cloud to `requests`, instead of to the provider alone."""

    def wrapped(method: str) -> Callable[[Provider, Any, Any], Any]:
        call = getattr(Provider, method)

        def forward(provider: Provider, request: Any, context: Any) -> Any:
            if getattr(request, "preview", False):
                return call(provider, request, context)
            return requests.forward(method, lambda: call(provider, request, context), request, context)

        return forward

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "subprocess", SimpleNamespace(**{**vars(subprocess), "Popen": requests.start}))
        for method in METHODS:
            patch.setattr(Provider, method, wrapped(method))
        yield


def up(checkout: Checkout, requests: Requests) -> None:
    """Runs an update that can be completed. A killed engine is one message."""
    ending = pytest.raises(UserError, match="ended by SIGKILL") if requests.kill_at else nullcontext()
    with observed(requests), ending:
        assert replace(checkout.simulator, checkpoints=True).run("up", "dev").succeeded


def settle(checkout: Checkout) -> None:
    """Runs the next update, and the commands that it names if it does not complete the killed one."""
    engine = checkout.home.engine("dev")
    assert engine
    result = checkout.simulator.run("up", "dev")
    assert explanation("dev", engine, "up") in result.warnings
    texts = [*result.warnings]
    if found := ROTATE.search("".join(result.messages)):  # killed before it was recorded that RDS has the password
        checkout.edit("dev", lambda stack: stack["database"].update({"password-revision": int(found[1])}))
        result = checkout.simulator.run("up", "dev")
    assert all(SETTLE in each for each in result.messages), result.messages
    texts += [*result.messages, *result.warnings]
    named = [each for each in texts if names_refresh(each)]
    assert result.succeeded or named
    if named:
        checkout.run("refresh")
        checkout.run("up")


def names_refresh(text: str) -> bool:
    """Whether the messages name `make refresh` as the next command."""
    return SETTLE in text.replace("Run", "run")


def complete(checkout: Checkout, requests: Requests) -> None:
    """Runs an update whose engine is killed, and checks that promise 9 holds."""
    up(checkout, requests)
    settle(checkout)
    problems = converged.problems(checkout)
    assert problems == [], problems
    assert checkout.run("up").steps == ()
    stored = checkout.stored()
    assert checkout.run("refresh").steps == ()
    assert checkout.stored() == stored
    assert converged.leaks(checkout.home, requests.secrets) == []


def change(dev: Checkout) -> None:
    """Declares a change that replaces, rolls and deletes: an image, the password, the bucket and a removed service."""
    (dev.sources / "mrgnl-promptsvc" / "changed.txt").write_text("a new line")
    dev.edit("dev", lambda stack: stack.update(database={"password-revision": 2}, bucket={"name": "another-content"}))

    def remove(entries: dict[str, Entry]) -> None:
        del entries["chatsvc"]
        calls = tuple(each for each in entries["mcp"].calls if each != "chatsvc")
        entries["mcp"] = replace(entries["mcp"], calls=calls)

    dev.edit_services(remove)
