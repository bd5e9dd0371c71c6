"""The digest of a base image comes from its registry."""

from __future__ import annotations

from pathlib import Path

from image.bases import digest, pinned
from tests.image.conftest import docker


def test_the_digest_is_that_of_the_registry_and_a_build_can_use_it(registry: str, tmp_path: Path) -> None:
    tag = f"{registry}/base:pinned"
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    docker("build", "--quiet", "--tag", tag, tmp_path)
    pushed = docker("push", tag).stdout.split("digest: ")[1].split()[0]
    docker("rmi", tag)
    assert digest(tag) == pushed
    dockerfile = pinned(f"ARG BASE_IMAGE={tag}\nFROM ${{BASE_IMAGE}}\nLABEL a=b\n", digest)
    assert f"{tag}@{pushed}" in dockerfile
    (tmp_path / "Dockerfile").write_text(dockerfile)
    assert docker("build", "--quiet", tmp_path).stdout.startswith("sha256:")
