"""Gives the program that an operation runs the clients of the simulated cloud."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from simulator.caller import Caller
from simulator.cloud import Cloud

MODULE = "ecs.clients"


@contextmanager
def replaced(cloud: Cloud, account: str, caller: Caller | None = None) -> Generator[None]:
    """Inside the context, the clients of the loaded program are those of the simulated cloud, and nothing waits.

    `caller` is the role that the program runs under.
    """
    try:
        module: Any = importlib.import_module(MODULE)  # the program's own: Program.loaded
    except ModuleNotFoundError:  # a commit from before
        yield
        return

    def client(service: str, region: str) -> Any:
        from simulator import boto  # only then, as it imports botocore

        options = {"cloud": cloud, "caller": caller} if service == "ecs" else {}
        return boto.client(service, store=cloud.store, account=account, region=region, **options)

    def pause(_: float) -> None:
        pass

    before = module.client, module.pause
    module.client, module.pause = client, pause
    try:
        yield
    finally:
        module.client, module.pause = before
