"""The cloud that stacks are deployed to, with one interface for AWS and the simulator."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from pulumi import automation as auto

from config.problems import UserError
from ecs.image import Repository
from ops.ecr import Ecr
from ops.ecs import Ecs
from simulator import clock, sdk


@dataclass(frozen=True, kw_only=True)
class Cloud:
    session: Callable[[str], AbstractContextManager[auto.Stack]]
    """Opens a stack by name, to read its outputs and history."""
    client: Callable[[str, str, str], Any]
    """A client by boto3's name of the service, for an account and a region."""
    preview: str
    """The command that previews an update, up to the stack's name."""
    update: str
    """The command that deploys, after a refresh, up to the stack's name."""
    refresh: str
    """The command that settles pending operations, up to the stack's name."""
    is_simulated: bool = False
    options: str = ""
    """The options of each `python -m ops` command for this cloud: empty, or ` --simulator`."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)  # the time of this cloud

    def ecs(self, account: str, region: str) -> Ecs:
        return self.client("ecs", account, region)

    def ecr(self, repository: Repository) -> Ecr:
        return self.client("ecr", repository.account, repository.region)

    @contextmanager
    def registry(self, repository: Repository) -> Generator[Ecr]:
        """The client for a repository. Raises UserError if ECR rejects a request or cannot be reached."""
        with requesting("ECR", repository.account, repository.region):
            yield self.ecr(repository)

    def verb(self, words: str) -> str:
        """The command line of a verb, such as `status dev`."""
        return f"python -m ops {words}{self.options}"

    def advice(self, text: str, stack: str) -> str:
        """The text with each command as it works on this cloud, for this stack."""
        text = re.sub(r"`python -m ops ([^`]+)`", lambda found: f"`{self.verb(found[1])}`", text)
        text = text.replace("`pulumi up --refresh`", f"`{self.update}{stack}`")
        return text.replace("`pulumi refresh --clear-pending-creates`", f"`{self.refresh}{stack}`")


def aws(root: Path) -> Cloud:
    """AWS, with the credentials that boto3 finds. They are used for every account."""
    import boto3  # slow to import, and not used with the simulator

    @cache
    def client(service: str, _: str, region: str) -> Any:
        try:
            return cast(Any, boto3).client(service, region_name=region)
        except BotoCoreError as error:  # such as an unknown profile
            raise UserError(f"AWS: {error}. Check the profile and the credentials.") from None

    return Cloud(
        session=lambda stack: nullcontext(on_backend(stack, root)),
        client=client,
        preview="pulumi preview --policy-pack policy --stack ",
        update="pulumi up --refresh --policy-pack policy --stack ",
        refresh="pulumi refresh --clear-pending-creates --stack ",
    )


def on_backend(stack: str, root: Path) -> auto.Stack:
    """Opens a stack with the `pulumi` on PATH. Raises UserError if it is missing or too old."""
    try:
        return sdk.on_backend(stack, root)
    except FileNotFoundError:
        raise UserError(
            f"{stack}: pulumi is not on PATH. Install it (https://www.pulumi.com/docs/install/) or use --simulator."
        ) from None
    except auto.InvalidVersionError as error:
        raise UserError(f"{stack}: the pulumi on PATH is not supported ({error}). Update it.") from None


@contextmanager
def simulated(root: Path, home: Path, tools: Path) -> Generator[Cloud]:
    """The simulated cloud in the state directory `home`. Raises UserError if nothing is deployed there.

    `root` is the folder of the stack files, `tools` the folder that pins and caches the Pulumi CLI.
    """
    from simulator import boto, toolchain
    from simulator.engine import Simulator
    from simulator.home import NAME, Home
    from simulator.program import Program

    state, usual = Home(home), home == root / NAME
    if not state.exists:
        up = "make up" if usual else f".venv/bin/python -m simulator up --home {home}"
        raise UserError(f"{home}: no stack is deployed there. Deploy one with `{up}`.")
    selected = f"--home {home} --stack "
    with state.store() as store:

        def client(service: str, account: str, region: str) -> Any:
            return boto.client(service, store=store, account=account, region=region)

        pulumi = toolchain.pulumi(tools, tools / ".cache", report=lambda message: print(message, file=sys.stderr))
        yield Cloud(
            session=Simulator(program=Program(root), home=state, cli=pulumi).session,
            client=client,
            preview="make preview STACK=" if usual else f".venv/bin/python -m simulator preview {selected}",
            update="make up REFRESH=1 STACK=" if usual else f".venv/bin/python -m simulator up --refresh {selected}",
            refresh="make refresh STACK=" if usual else f".venv/bin/python -m simulator refresh {selected}",
            is_simulated=True,
            options=" --simulator" if usual else f" --simulator --home {home}",
            now=lambda: clock.NOW,
        )


@contextmanager
def requesting(service: str, account: str, region: str) -> Generator[None]:
    """Raises UserError if AWS rejects a request or cannot be reached."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise UserError(
            f"{service} of account {account} in {region}: {str(error).rstrip('.')}. Use credentials of that account."
        ) from None
