"""Failures of AWS as the real provider leaves them behind, and the services that their database refuses."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from simulator import report
from simulator.cloud import Cloud, Request
from simulator.failure import InitFailedError, RejectedError
from simulator.sdk import plain
from simulator.store import Properties
from tests.engine.conftest import Checkout

EXPIRED = "ExpiredTokenException: the security token included in the request is expired"


def refused(checkout: Checkout, stack: str = "dev") -> list[str]:
    """The services whose tasks have a password that RDS refuses."""
    return [row.service for row in report.services(checkout.home, stack) if row.state == report.CANNOT_LOG_IN]


@pytest.fixture
def empty_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """An update without a difference, which follows one that failed, changes nothing in AWS."""
    update = Cloud.update

    def updated(cloud: Cloud, request: Request, old: Properties) -> Properties:
        if _is_empty(request, old):
            return {key: old.get(key) for key in cloud.types[request.token].outputs}
        return update(cloud, request, old)

    monkeypatch.setattr(Cloud, "update", updated)


@contextmanager
def failing(token: str, *, changed: bool = False, killed: bool = False) -> Generator[None]:
    """Creates and updates of this type fail; `changed`: after AWS carried them out.

    An update leaves the planned values in Pulumi's state, but the former ones if it was `killed`.
    """
    create, update = Cloud.create, Cloud.update

    def created(cloud: Cloud, request: Request) -> tuple[str, Properties]:
        if request.token != token:
            return create(cloud, request)
        if changed:
            raise InitFailedError(EXPIRED, *create(cloud, request))
        raise RejectedError(EXPIRED)

    def updated(cloud: Cloud, request: Request, old: Properties) -> Properties:
        if request.token != token or _is_empty(request, old):
            return update(cloud, request, old)
        outputs: Properties = {key: old.get(key) for key in cloud.types[token].outputs}
        if changed:
            outputs = update(cloud, request, old)
        raise RejectedError(EXPIRED) if killed else InitFailedError(EXPIRED, request.id, outputs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cloud, "create", created)
        patch.setattr(Cloud, "update", updated)
        yield


def _is_empty(request: Request, old: Properties) -> bool:
    inputs: dict[str, Any] = {key: value for key, value in request.inputs.items() if not key.startswith("__")}
    return inputs == {key: plain(old.get(key)) for key in inputs}
