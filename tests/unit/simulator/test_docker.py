from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecs import types
from simulator.aws import ecr
from tests.unit.simulator.edits import URL, append, chmod, create, digest, remove, rename
from tests.unit.simulator.world import World, rejection


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(append("source/go.mod"), id="content"),
        pytest.param(append("source/cmd/main.go"), id="content-in-a-subfolder"),
        pytest.param(append("image/Dockerfile"), id="dockerfile"),
        pytest.param(create("source/new.go"), id="new-file"),
        pytest.param(remove("source/go.mod"), id="removed-file"),
        pytest.param(rename("source/go.mod", "source/go.sum"), id="path"),
        pytest.param(chmod("source/run.sh", 0o755), id="mode"),
    ],
)
def test_a_change_in_the_build_context_changes_the_digest(
    world: World, root: Path, edit: Callable[[Path], object]
) -> None:
    before = digest(world, root)
    edit(root)
    assert digest(world, root) != before


@pytest.mark.parametrize("change", [{"platform": "linux/arm64"}, {"args": {"VERSION": "2"}}])
def test_platform_and_arguments_change_the_digest(world: World, root: Path, change: dict[str, Any]) -> None:
    assert digest(world, root, **change) != digest(world, root)


def test_two_files_that_swap_their_contents_change_the_digest(world: World, root: Path) -> None:
    before = digest(world, root)
    one, two = root / "source/go.mod", root / "source/notes.md"
    texts = one.read_text(), two.read_text()
    two.write_text(texts[0])
    one.write_text(texts[1])
    assert digest(world, root) != before


def test_the_digest_does_not_depend_on_the_location_and_the_age_of_files(
    world: World, root: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "deep" / "copy"
    shutil.copytree(root, copy)
    for file in copy.rglob("*"):
        os.utime(file, (1, 1))
    assert digest(world, copy) == digest(world, root)


def test_a_file_outside_of_the_context_does_not_change_the_digest(world: World, root: Path) -> None:
    before = digest(world, root)
    create("README.md", "outside")(root)
    create("image/other", "outside")(root)
    assert digest(world, root) == before


# https://docs.docker.com/build/concepts/context/#dockerignore-files
@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("*.md", "source/notes.md", True),
        ("*.md", "source/go.mod", False),
        ("cmd", "source/cmd/main.go", True),
        ("**/*.go", "source/cmd/main.go", True),
        ("*.go", "source/cmd/main.go", False),
        ("*\n!go.mod", "source/go.mod", False),
        ("*\n!go.mod", "source/notes.md", True),
        ("# *.md\n\n", "source/notes.md", False),
        ("  *.md  ", "source/notes.md", True),
    ],
)
@pytest.mark.parametrize("file", ["image/Dockerfile.dockerignore", "source/.dockerignore"])
def test_an_ignored_file_does_not_change_the_digest(
    world: World, root: Path, file: str, patterns: str, path: str, ignored: bool
) -> None:
    create(file, patterns)(root)
    before = digest(world, root)
    append(path)(root)
    assert (digest(world, root) == before) is ignored


def test_the_ignore_file_of_the_dockerfile_takes_precedence_over_that_of_the_context(world: World, root: Path) -> None:
    create("image/Dockerfile.dockerignore", "go.mod")(root)
    create("source/.dockerignore", "*.md")(root)
    before = digest(world, root)
    append("source/go.mod")(root)
    assert digest(world, root) == before
    append("source/notes.md")(root)
    assert digest(world, root) != before


@pytest.mark.parametrize("missing", ["dockerfile", "context"])
def test_the_error_of_a_build_names_the_missing_path(world: World, root: Path, missing: str) -> None:
    assert rejection(lambda: digest(world, root, **{missing: "nowhere"})) == "failed to build: nowhere does not exist"


def push(world: World, root: Path, password: str = ecr.token("000000000000")) -> str:
    build = {"dockerfile": "image/Dockerfile", "context": "source", "platform": "linux/amd64"}
    registry = {"server": URL, "password": password}
    image = world.replace(root=root).create(types.DOCKER_IMAGE, imageName=f"{URL}:dev", build=build, registry=registry)
    return image.properties["repoDigest"]


def test_a_pushed_image_has_its_digest_and_tag(world: World, root: Path) -> None:
    world.create(types.REPOSITORY, name="mrgnl-promptsvc")
    assert push(world, root) == f"{URL}@sha256:{digest(world, root)}"
    [image] = world.all(ecr.IMAGE)
    assert (image.id, image.properties) == (push(world, root), {"platform": "linux/amd64", "tags": ["dev"]})


@pytest.mark.parametrize("password", ["guessed", ecr.token("000000000001")])
def test_a_push_without_a_token_of_the_repositorys_account_is_denied(world: World, root: Path, password: str) -> None:
    world.create(types.REPOSITORY, name="mrgnl-promptsvc")
    assert rejection(lambda: push(world, root, password)) == (
        f"denied: your authorization token for {URL} is not valid"
    )
