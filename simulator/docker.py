"""Simulated image builds. Nothing is compiled; the digest changes when pulumi-docker would build again."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecs import types
from image import dockerignore
from simulator.aws import ecr
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure, RejectedError
from simulator.store import Properties

NO_ENGINE = "docker native provider returned an unexpected error from Configure: failed to connect to any docker daemon"
"""https://github.com/pulumi/pulumi-docker/blob/v5.1.0/provider/hybrid.go, image.go (configureDockerClient)"""


def _check(root: Path, inputs: Properties) -> Properties:
    """Adds the digest of the build to the inputs, as the Check of pulumi-docker does. Raises RejectedError."""
    build: dict[str, Any] = inputs["build"]
    for path in (build["dockerfile"], build["context"]):
        if not (root / path).exists():
            raise RejectedError(f"failed to build: {path} does not exist")
    return {**inputs, "build": {**build, "contextDigest": _digest(root, build)}}


def _digest(root: Path, build: dict[str, Any]) -> str:
    """The digest of Dockerfile, arguments, platform, and the paths, modes and contents of the build context.

    As hashContext of pulumi-docker: https://github.com/pulumi/pulumi-docker/blob/v5.1.0/provider/provider.go
    A link counts by where it leads, not by what is there; a pipe or a socket by its name; a folder not at all. Ignored
    files, the location of the checkout and modification times have no effect. Three differences: the provider counts
    every bit of a mode; after a link that leads nowhere it ignores the rest of the folder; an empty context fails when
    Docker runs the first COPY.
    """
    dockerfile, context = root / build["dockerfile"], root / build["context"]
    with _readable(build["dockerfile"]):
        lines = [_sha256(dockerfile), json.dumps(build.get("args")).encode(), build["platform"].encode()]
    patterns = _patterns(root, build)
    with _readable(build["context"]):
        entries = sorted(
            (path, entry)
            for path, entry in dockerignore.files(context, patterns)
            if not entry.is_dir(follow_symlinks=False)
        )
    if not entries:
        raise RejectedError(
            f"failed to build: {build['context']} has no file that its ignore file admits. Clone the source there."
        )
    for path, entry in entries:
        with _readable(f"{build['context']}/{path}"):
            lines.append(b" ".join([_name(path), *_fingerprint(context, entry)]))
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _name(path: str) -> bytes:
    """A path on one line: two contexts must not have the same lines."""
    return json.dumps(path).encode() if "\n" in path or path.startswith('"') else os.fsencode(path)


def _fingerprint(context: Path, entry: os.DirEntry[str]) -> tuple[bytes, bytes]:
    """The kind and the content of a file. Raises OSError.

    A mode is reduced to the 755 or 644 that git keeps: the rest depends on the umask of the clone.
    """
    if entry.is_symlink():
        return b"link", _name(_target(context, entry))
    mode = entry.stat(follow_symlinks=False).st_mode
    if not stat.S_ISREG(mode):
        return stat.filemode(mode)[:1].encode(), b""
    return b"755" if mode & stat.S_IXUSR else b"644", _sha256(Path(entry.path))


def _target(context: Path, link: os.DirEntry[str]) -> str:
    """Where a link leads, through all links: relative to the context unless it is an absolute link out of it."""
    target = os.path.realpath(link.path, strict=True)
    inside = Path(target).is_relative_to(context.resolve())
    return (
        target
        if Path(link.path).readlink().is_absolute() and not inside
        else os.path.relpath(target, context.resolve())
    )


@contextmanager
def _readable(path: str) -> Generator[None]:
    """Names the path in the error of a file that cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise RejectedError(f"failed to build: {path} leads nowhere. Remove the link or ignore it.") from None
    except OSError as error:
        raise RejectedError(f"failed to build: {path}: {error.strerror}. Fix it or ignore it.") from None


def _sha256(file: Path) -> bytes:
    """The digest of a file's content, read in chunks."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest().encode()


def _patterns(root: Path, build: dict[str, Any]) -> list[dockerignore.Pattern]:
    """The patterns of the Dockerfile's own ignore file if it exists, else of the context's. Raises RejectedError.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    for path in (f"{build['dockerfile']}.dockerignore", f"{build['context']}/.dockerignore"):
        if (root / path).exists():
            try:
                with _readable(path):
                    return dockerignore.read(root / path)
            except dockerignore.PatternError as error:
                raise RejectedError(f"failed to build: {path}: {error}") from None
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
        # Its Delete does nothing: the image stays in the engine, and in ECR until its repository is deleted.
        retained_on_delete=lambda _: True,
        check=_check,
        failure=Failure(
            sdk="native",
            source="provider/provider.go",
            # As in https://github.com/projectdiscovery/subfinder/issues/1582
            refusal='process "/bin/sh -c go build" did not complete successfully: exit code: 1',
        ),
    ),
}
