"""Simulated image builds. Nothing is compiled; the digest changes when pulumi-docker would build again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docker.utils.build import PatternMatcher

from ecs import types
from simulator.aws import ecr
from simulator.cloud import RejectedError, Request, ResourceType
from simulator.store import Properties


def _check(root: Path, inputs: Properties) -> Properties:
    """Adds the digest of the build to the inputs, as the Check of pulumi-docker does. Raises RejectedError."""
    build: dict[str, Any] = inputs["build"]
    for path in (build["dockerfile"], build["context"]):
        if not (root / path).exists():
            raise RejectedError(f"failed to build: {path} does not exist")
    return {**inputs, "build": {**build, "contextDigest": _digest(root, build)}}


def _digest(root: Path, build: dict[str, Any]) -> str:
    """The digest of Dockerfile, arguments, platform, and the paths, modes and contents of the build context.

    Ignored files, the location of the checkout and modification times have no effect.
    """
    dockerfile, context = root / build["dockerfile"], root / build["context"]
    parts = [_sha256(dockerfile.read_bytes()), json.dumps(build.get("args")), build["platform"]]
    for path in sorted(PatternMatcher(_ignored(dockerfile, context)).walk(str(context))):
        file = context / path
        if file.is_file():
            parts.append(f"{path} {file.stat().st_mode & 0o777:o} {_sha256(file.read_bytes())}")
    return _sha256("\n".join(parts).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _ignored(dockerfile: Path, context: Path) -> list[str]:
    """The patterns of the Dockerfile's own ignore file if it exists, else of the context's.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    for file in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), context / ".dockerignore"):
        if file.exists():
            lines = (line.strip() for line in file.read_text().splitlines())
            return [line for line in lines if line and not line.startswith("#")]
    return []


def _validate_token(request: Request) -> Iterable[str]:
    registry: dict[str, Any] = request.inputs["registry"]
    if registry.get("password") != ecr.token(registry["server"].split(".")[0]):
        yield f"denied: your authorization token for {registry['server']} is not valid"


def _push(request: Request) -> str:
    build: dict[str, Any] = request.inputs["build"]
    url, tag = request.inputs["imageName"].rsplit(":", 1)
    return ecr.push(request, url, tag=tag, digest=f"sha256:{build['contextDigest']}", platform=build["platform"])


TYPES = {
    types.DOCKER_IMAGE: ResourceType(
        id="{hex}",
        outputs={"repoDigest": _push},
        recomputed=frozenset({"repoDigest"}),
        # pulumi-docker ignores the credentials, which differ in each update.
        ignore_changes=frozenset({"registry"}),
        validate=_validate_token,
        check=_check,
    ),
}
