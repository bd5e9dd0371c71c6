"""Refusals of several resources: a preview reports what it can know, a rehearsal reports all of them."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
from pulumi import automation as auto

from ecs import types
from review import cli as review
from tests.engine.conftest import Checkout, Registering

REFUSED = tuple(
    f'{name}-access-group: InvalidParameterValue: Invalid security group description: "it\'s"'
    for name in ("authsvc", "promptsvc")
)


def refused_descriptions(request: Any) -> None:
    """An apostrophe in the descriptions of the services' security groups."""
    if request.type == types.SECURITY_GROUP and request.name.startswith(("authsvc", "promptsvc")):
        request.object.fields["description"].string_value = "it's"


def test_a_rehearsal_reports_the_refusals_of_all_resources_once(pinned: Checkout, registering: Registering) -> None:
    registering(refused_descriptions)
    [found] = review.rehearse(pinned.simulator, "dev").stacks
    assert tuple(sorted(found.errors)) == REFUSED


def test_a_preview_refuses_a_resource_for_its_own_inputs(checkout: Checkout, registering: Registering) -> None:
    registering(refused_descriptions)
    result = checkout.simulator.run("preview", "dev")
    assert (result.succeeded, checkout.stored()) == (False, [])
    assert {"it's" in each for each in result.messages} == {True}


class Printing(auto.PulumiCommand):
    """A CLI that, after a failed operation, also prints an error that is no event."""

    def __init__(self, cli: auto.PulumiCommand) -> None:
        self.command, self.version, self._run = cli.command, cli.version, cli.run

    def run(self, *arguments: Any, **options: Any) -> auto.CommandResult:
        try:
            return self._run(*arguments, **options)
        except auto.CommandError:
            raise auto.CommandError(
                auto.CommandResult("", "warning: slow\nerror: no space left on device", 255)
            ) from None


def test_an_error_that_the_engine_only_prints_is_reported_with_the_others(
    checkout: Checkout, registering: Registering
) -> None:
    registering(refused_descriptions)
    result = replace(checkout.simulator, cli=Printing(checkout.cli)).run("preview", "dev")
    assert result.messages[-1] == "no space left on device", "it may be the cause of the others"
    assert any("it's" in each for each in result.messages[:-1])


def test_the_event_loop_of_a_program_that_fails_is_closed(
    checkout: Checkout, registering: Registering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has an executor with 32 threads, and some hundred failed updates would end the process of the tests."""
    closed = threading.Event()

    class Loop(asyncio.SelectorEventLoop):
        def close(self) -> None:
            super().close()
            closed.set()

    monkeypatch.setattr(asyncio, "new_event_loop", Loop)
    registering(refused_descriptions)
    assert not checkout.simulator.run("up", "dev").succeeded
    assert closed.wait(timeout=30), "the SDK closes it once the program has ended"
