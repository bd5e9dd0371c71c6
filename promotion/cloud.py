"""Where stacks run, and who answers for it: AWS, or the simulator. What asks is the same for both."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from pulumi import automation as auto

from promotion import source
from promotion.errors import PromotionError
from promotion.registry import Ecr
from promotion.running import Ecs


@dataclass(frozen=True, kw_only=True)
class Cloud:
    session: Callable[[str], AbstractContextManager[auto.Stack]]
    """A stack by name, to be asked what it runs."""
    ecs: Callable[[str, str], Ecs]
    """The client for an account and a region."""
    ecr: Callable[[str, str], Ecr]
    """Likewise."""
    preview: str
    """The command that shows what an update would change; the stack's name is to follow."""


def aws(root: Path) -> Cloud:
    """AWS, with the credentials that boto3 finds: one set for all, so accounts decide only what they may."""
    import boto3  # not needed for the simulator, and slow

    def client(service: str, region: str) -> Any:
        try:
            return cast(Any, boto3).client(service, region_name=region)
        except BotoCoreError as error:  # above all a profile that there is none of
            raise PromotionError(f"AWS cannot be asked: {error}") from None

    return Cloud(
        session=lambda stack: nullcontext(source.on_backend(stack, root)),
        ecs=lambda _, region: client("ecs", region),
        ecr=lambda _, region: client("ecr", region),
        preview="pulumi preview --stack",
    )


@contextmanager
def simulated(root: Path, home: Path, tools: Path) -> Generator[Cloud]:
    """The simulator's cloud in this home. Raises PromotionError for what the simulator refuses.

    `root` is the folder of the stack files, `tools` the one in which the Pulumi CLI is pinned and kept.
    """
    from simulator import clients, toolchain
    from simulator.engine import CLOUD, Simulator
    from simulator.errors import SimulatorError
    from simulator.program import Program
    from simulator.store import Store

    if not (home / CLOUD).exists():
        raise PromotionError(f"{home}: nothing was ever brought up there; `python -m simulator up` does")
    elsewhere = "" if home == root / ".simulator" else f" --home {home}"
    with closing(Store(home / CLOUD)) as store:
        try:
            pulumi = toolchain.pulumi(tools, tools / ".cache", say=lambda message: print(message, file=sys.stderr))
            simulator = Simulator(program=Program(root), home=home, cli=pulumi)
            yield Cloud(
                session=simulator.session,
                ecs=lambda account, region: clients.Ecs(store=store, account=account, region=region),
                ecr=lambda account, region: clients.Ecr(store=store, account=account, region=region),
                preview=f".venv/bin/python -m simulator preview{elsewhere} --stack",
            )
        except SimulatorError as error:
            raise PromotionError(str(error)) from None


@contextmanager
def asking(service: str, account: str, region: str) -> Generator[None]:
    """Raises PromotionError for what AWS, or the way there, refuses."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise PromotionError(
            f"{service} of account {account} in {region}: {error} (it takes that account's credentials)"
        ) from None
