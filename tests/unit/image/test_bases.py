"""The base images of the Dockerfile are pinned by digest, and the pins can be updated."""

from __future__ import annotations

import re

from image.bases import BASE_BUILD_ARGS, DOCKERFILE, pinned

DIGEST = f"sha256:{'0' * 64}"
BASES: dict[str, str] = dict(re.findall(r"^ARG (\w+)=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE))


def test_every_base_image_is_pinned_by_digest_and_names_its_tag() -> None:
    froms = [line.split(" AS ")[0].split()[-1] for line in DOCKERFILE.read_text().splitlines() if line[:5] == "FROM "]
    used = [BASES[name.strip("${}")] for name in froms]
    assert used
    assert [base for base in used if not re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", base)] == []


def test_every_base_image_can_be_replaced_from_the_environment() -> None:
    assert list(BASE_BUILD_ARGS) == [word for name in BASES for word in ("--build-arg", name)]


def test_pinning_keeps_the_tag_and_replaces_the_digest() -> None:
    dockerfile = (
        f"ARG GO_IMAGE=golang:1.23\nARG BASE_IMAGE=registry:5000/base:nonroot@sha256:{'f' * 64}\nARG TARGETOS\n"
    )
    assert pinned(dockerfile, lambda image: DIGEST) == (
        f"ARG GO_IMAGE=golang:1.23@{DIGEST}\nARG BASE_IMAGE=registry:5000/base:nonroot@{DIGEST}\nARG TARGETOS\n"
    )


def test_pinning_resolves_each_base_image_of_the_dockerfile() -> None:
    resolved: list[str] = []
    pinned(DOCKERFILE.read_text(), lambda image: (resolved.append(image), DIGEST)[1])
    assert resolved == [base.split("@")[0] for base in BASES.values()]
