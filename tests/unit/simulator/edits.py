"""Edits of a checkout with a Dockerfile and a source folder, and the digest of its image."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ecs import types
from tests.unit.simulator.world import World

URL = "000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-promptsvc"


def digest(world: World, root: Path, **changes: Any) -> str:
    """The digest of an image of the source folder, which is not pushed."""
    build = {"dockerfile": "image/Dockerfile", "context": "source", "platform": "linux/amd64", **changes}
    inputs = world.replace(root=root).cloud.check(
        types.DOCKER_IMAGE, {"build": build, "imageName": f"{URL}:dev"}, name=""
    )
    return inputs["build"]["contextDigest"]


def append(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text((root / path).read_text() + "\n")


def create(path: str, text: str = "") -> Callable[[Path], object]:
    return lambda root: (root / path).write_text(text)


def remove(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).unlink()


def rename(path: str, to: str) -> Callable[[Path], object]:
    return lambda root: (root / path).rename(root / to)


def chmod(path: str, mode: int) -> Callable[[Path], object]:
    return lambda root: (root / path).chmod(mode)


def cleared(path: str) -> Callable[[Path], object]:
    """An edit that puts an empty folder at this path."""

    def edit(root: Path) -> None:
        if (root / path).is_dir():
            shutil.rmtree(root / path)
        (root / path).unlink(missing_ok=True)
        (root / path).mkdir()

    return edit


def both(*edits: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda root: [edit(root) for edit in edits]


def link(path: str, to: str) -> Callable[[Path], object]:
    return lambda root: ((root / path).unlink(missing_ok=True), (root / path).symlink_to(to))
