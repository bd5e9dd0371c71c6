"""A deployed service for the verbs of ops: on the simulator's clients, without the engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.stackfile import KEY
from ecs import types
from ecs.image import Reference
from ops import cli, stack
from ops.cloud import Cloud
from ops.stack import Description
from simulator import boto
from simulator.aws import ecr
from simulator.cloud import Request
from simulator.faults import Fault, Faults
from simulator.store import Object
from tests.declared import REGION, SMALL_STACK
from tests.git import git
from tests.unit.ops.judged import Judged
from tests.unit.simulator.promptsvc import Promptsvc

SERVICES = """\
from config.catalogue import Entry

SERVICES = (
    Entry(name="promptsvc", port=9002, database=True),
    Entry(name="mcp", port=8080, public=True, protocol="http"),
)
"""


@dataclass(frozen=True, kw_only=True)
class Operated:
    """The stack `prod` with promptsvc. Digests have names: the digit that they repeat."""

    promptsvc: Promptsvc
    root: Path
    actions: set[str] = field(default_factory=set[str])
    """The actions in IAM of all requests so far."""
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields of the stack's description that differ."""

    @property
    def file(self) -> Path:
        return self.root / "Pulumi.prod.yaml"

    @property
    def cloud(self) -> Cloud:
        location = {"account": self.promptsvc.world.account, "region": REGION}

        def client(service: str, account: str, region: str) -> Any:
            assert {"account": account, "region": region} == location
            found = boto.client(service, store=self.promptsvc.world.store, **location)
            return Judged(service, found, self.actions)

        return Cloud(
            session=lambda name: nullcontext(name),  # pyright: ignore[reportArgumentType], `described` takes the name
            client=client,
            preview="preview ",
            update="update ",
            refresh="refresh ",
        )

    @property
    def service(self) -> Object:
        [found] = self.promptsvc.world.all(types.SERVICE)
        return found

    @property
    def running(self) -> str:
        """The revision that ECS runs."""
        return self.service.properties["runningTaskDefinition"].rsplit("/")[-1]

    def image(self, digit: str) -> str:
        return f"{self.promptsvc.image.partition('@')[0]}@sha256:{digit * 64}"

    def push(self, digit: str) -> str:
        world = self.promptsvc.world
        request = Request(token="", urn="", inputs={}, cloud=world.cloud, account=world.account, region=world.region)
        url = self.image(digit).partition("@")[0]
        return ecr.push(request, url, tag="dev", digest=f"sha256:{digit * 64}", platform="linux/amd64")

    def release(self, digit: str, *, fault: str = "", **container: Any) -> None:
        """Pushes and deploys an image; the first time, it creates the service. With a fault it is not waited for."""
        changed = self.promptsvc.container(image=self.push(digit), **container)
        world = self.promptsvc.world
        if not world.all(types.SERVICE):
            self.promptsvc.deploy(changed, desiredCount=2)
            return
        task = world.create(types.TASK_DEFINITION, "task", **self.promptsvc.task(changed))
        faults = Faults((Fault(fault, self.service.urn),)) if fault else Faults()
        try:
            world.replace(faults=faults).update(self.service, taskDefinition=task.properties["arn"])
        except Exception:
            assert fault, "the deployment failed"

    def pin(self, digit: str, comment: str = "", **settings: Any) -> None:
        """Commits a stack file that pins an image."""
        self.write(comment, images={"promptsvc": self.image(digit)}, **settings)
        git(self.root, "add", "--all")
        git(self.root, "commit", "--allow-empty", "--message", f"pin {digit}")

    def write(self, comment: str = "", **settings: Any) -> None:
        keys = {key: value for key, value in yaml.safe_load(SMALL_STACK).items() if key != "build" or not settings}
        text = yaml.safe_dump({"config": {"aws:region": REGION, KEY: {**keys, **settings}}}, width=1000)
        lines = [f"{line} # {comment}" if comment and "@sha256:" in line else line for line in text.splitlines()]
        self.file.write_text("\n".join(lines) + "\n")

    def pinned(self) -> Mapping[str, str]:
        return yaml.safe_load(self.file.read_text())["config"][KEY]["images"]

    def described(self) -> Description:
        """The stack after its last update, which deployed the newest image."""
        arn = self.service.properties["arn"]
        changes: dict[str, Any] = {
            "images": {"promptsvc": self.image("b")},
            "services": {"promptsvc": arn},
            "cluster": self.promptsvc.cluster,
            "update": "succeeded",
            **self.outputs,
        }
        return Description(stack="prod", **changes)

    def run(self, *arguments: str) -> int:
        return cli.main([*arguments, "--simulator"], root=self.root)


def digest(image: str) -> str:
    return Reference.parse(image).digest


@pytest.fixture
def operated(promptsvc: Promptsvc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operated:
    """Prod ran the image `a` well, then `b`, which it pins."""
    root = tmp_path / "program"
    root.mkdir()
    (root / "services.py").write_text(SERVICES)
    git(root, "init", "--quiet")
    found = Operated(promptsvc=promptsvc, root=root)
    found.release("a")
    found.release("b")
    found.pin("a", "promoted from dev, 2026-01-01, commit aaaaaaaaaaaa")
    found.pin("b", "promoted from dev, 2026-01-02, commit bbbbbbbbbbbb")

    def described(_: object) -> Description:
        return found.described()

    def cloud(*_: object) -> AbstractContextManager[Cloud]:
        return nullcontext(found.cloud)

    monkeypatch.setattr(stack, "read", described)
    monkeypatch.setattr(cli, "_cloud", cloud)
    return found
