"""docs/howto/remove-a-service.md: a service gets a new name without a moment in which a caller has no callee."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from config.catalogue import Entry
from simulator import preflight
from tests.engine.conftest import Checkout

Entries = dict[str, Entry]


def deploy(dev: Checkout, change: Callable[[Entries], object]) -> set[tuple[str, str]]:
    """What an update of dev does to services."""
    dev.edit_services(change)
    preflight.check(dev.simulator, "up", "dev")
    return {(operation, name) for operation, name in dev.changed() if name.endswith("-service")}


def copy(entries: Entries, old: str, new: str) -> None:
    entries[new] = replace(entries[old], name=new, port=entries[old].port + 1000, public=False)


def calls(entries: Entries, caller: str, old: str, new: str) -> None:
    called = (*(each for each in entries[caller].calls if each != old), new)
    entries[caller] = replace(entries[caller], calls=called)


def one_source(dev: Checkout) -> None:
    dev.edit("dev", lambda stack: stack["build"].update(context="image/sample"))
    dev.run("up")


def test_a_service_is_renamed_by_a_new_one_a_move_and_a_removal(dev: Checkout) -> None:
    one_source(dev)
    assert deploy(dev, lambda entries: copy(entries, "chatsvc", "talksvc")) == {("create", "talksvc-service")}
    assert deploy(dev, lambda entries: calls(entries, "mcp", "chatsvc", "talksvc")) == {("update", "mcp-service")}
    assert deploy(dev, lambda entries: entries.pop("chatsvc")) == {("delete", "chatsvc-service")}


def test_the_public_service_is_renamed_by_a_new_one_and_a_move_of_public(dev: Checkout) -> None:
    one_source(dev)
    assert deploy(dev, lambda entries: copy(entries, "mcp", "gateway")) == {("create", "gateway-service")}

    def move(entries: Entries) -> None:
        entries["mcp"] = replace(entries["mcp"], public=False)
        entries["gateway"] = replace(entries["gateway"], public=True)

    assert deploy(dev, move) == {("update", "gateway-service"), ("update", "mcp-service")}
    assert deploy(dev, lambda entries: entries.pop("mcp")) == {("delete", "mcp-service")}
