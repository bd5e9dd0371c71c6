"""Simulated builds: nothing is compiled, but the digest follows what pulumi-docker builds anew for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docker.utils.build import PatternMatcher

from simulator.aws import ecr
from simulator.cloud import Call, RefusedError, ResourceType
from simulator.store import Properties


def _with_digest(root: Path, inputs: Properties) -> Properties:
    """As the real provider does when it checks the inputs: what a build would see becomes an input itself."""
    build: dict[str, Any] = inputs["build"]
    for path in (build["dockerfile"], build["context"]):
        if not (root / path).exists():
            raise RefusedError(f"failed to build: {path} does not exist")
    return {**inputs, "build": {**build, "contextDigest": _digest(root, build)}}


def _digest(root: Path, build: dict[str, Any]) -> str:
    """Of Dockerfile, platform and what the build may see of its context: paths, modes and contents.

    Where the checkout lies does not count, and neither does a file's age.
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
    """The patterns of the ignore file: the Dockerfile's own comes before the context's.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    for file in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), context / ".dockerignore"):
        if file.exists():
            lines = (line.strip() for line in file.read_text().splitlines())
            return [line for line in lines if line and not line.startswith("#")]
    return []


def _denied(call: Call) -> Iterable[str]:
    registry: dict[str, Any] = call.inputs["registry"]
    if registry.get("password") != ecr.token(registry["server"].split(".")[0]):
        yield f"denied: your authorization token for {registry['server']} is not valid"


def _pushed(call: Call) -> str:
    build: dict[str, Any] = call.inputs["build"]
    url, tag = call.inputs["imageName"].rsplit(":", 1)
    return ecr.push(call, url, tag=tag, digest=f"sha256:{build['contextDigest']}", platform=build["platform"])


TYPES = {
    "docker:index/image:Image": ResourceType(
        id="{hex}",
        outputs={"repoDigest": _pushed},
        volatile=frozenset({"repoDigest"}),
        # The provider does not look at the credentials, which differ at each run.
        ignores=frozenset({"registry"}),
        refuses=_denied,
        completes=_with_digest,
    ),
}
