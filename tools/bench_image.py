"""`make bench-image`: the plain two-stage pattern against image/Dockerfile, on the same engine, in one run.

As pulumi-docker builds: all services side by side, each with a file of the provider's own in its context, so that no
build ever finds the layer of its sources. From cold, which is an empty builder cache, and after a change of one line in
one service, when the provider builds that one alone. Prints the table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMES = ("authsvc", "promptsvc", "scrapsvc", "chatsvc", "mcp")
PLAIN = """\
FROM golang:1.23 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=linux go build -o /service ./cmd/server
FROM gcr.io/distroless/static-debian12
COPY --from=build /service /service
ENTRYPOINT ["/service"]
"""
HEAVY = """\
package main

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
)

func main() {
	ctx := context.Background()
	if settings, err := config.LoadDefaultConfig(ctx); err == nil {
		s3.NewFromConfig(settings).ListBuckets(ctx, nil)
	}
	pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	grpc.NewServer().Stop()
}
"""
HEAVY_MODULES = (
    "github.com/aws/aws-sdk-go-v2/config@v1.29.0",
    "github.com/aws/aws-sdk-go-v2/service/s3@v1.74.0",
    "github.com/jackc/pgx/v5@v5.7.2",
    "google.golang.org/grpc@v1.72.2",
)
"""The newest that Go 1.23 builds, or close to it."""


@dataclass(frozen=True)
class Pattern:
    """One way to build, of the services in one folder."""

    dockerfile: Path
    sources: Path
    names: Sequence[str]

    def build(self, name: str) -> None:
        context = self.sources / name
        ours = context / f"provider.{secrets.token_hex(4)}"  # by a name that no ignore file keeps out
        ours.write_bytes(self.dockerfile.read_bytes())
        try:
            _docker("build", "--quiet", "--file", self.dockerfile, "--tag", self.tag(name), context)
        finally:
            ours.unlink()

    def tag(self, name: str) -> str:
        return f"bench-{self.sources.name}-{name}"

    def edit(self, name: str) -> None:
        main = self.sources / name / "cmd" / "server" / "main.go"
        main.write_text(f"{main.read_text()}\nvar _ = {time.monotonic_ns()}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-image", description=__doc__)
    parser.add_argument("--source", choices=("sample", "heavy"), nargs="+", default=["sample", "heavy"])
    parser.add_argument("--services", type=int, default=len(NAMES), help=f"how many (default: {len(NAMES)})")
    options = parser.parse_args()
    print("| source | services | what | plain | ours | ratio |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        sample, heavy = Path(folder) / "sample", Path(folder) / "heavy"
        shutil.copytree(ROOT / "image" / "sample", sample)
        _make_heavy(heavy)
        for source in (sample, heavy):
            if source.name in options.source:
                _compare(source, Path(folder), NAMES[: options.services])


def _compare(source: Path, folder: Path, names: Sequence[str]) -> None:
    plain_file = folder / "Dockerfile.plain"
    plain_file.write_text(PLAIN)
    patterns = [
        Pattern(dockerfile, _copies(source, folder / f"{source.name}-{kind}", names), names)
        for kind, dockerfile in (("plain", plain_file), ("ours", ROOT / "image" / "Dockerfile"))
    ]

    def row(what: str, measure: Callable[[Pattern], float], unit: str) -> None:
        plain, ours = (measure(pattern) for pattern in patterns)
        print(
            f"| {source.name} | {len(names)} | {what} | {plain:.1f} {unit} | {ours:.1f} {unit} | {plain / ours:.1f} |",
            flush=True,
        )

    row("all from cold, side by side", _cold, "s")
    row("one line changed in one of them", _edited, "s")
    row("size of an image", _size, "MB")


def _cold(pattern: Pattern) -> float:
    _docker("builder", "prune", "--all", "--force")
    start = time.monotonic()
    with ThreadPoolExecutor(len(pattern.names)) as pool:
        list(pool.map(pattern.build, pattern.names))
    return time.monotonic() - start


def _edited(pattern: Pattern) -> float:
    edited = pattern.names[1]
    pattern.edit(edited)
    start = time.monotonic()
    pattern.build(edited)
    return time.monotonic() - start


def _size(pattern: Pattern) -> float:
    return int(_docker("inspect", "--format", "{{.Size}}", pattern.tag(pattern.names[0]))) / 1e6


def _copies(source: Path, folder: Path, names: Sequence[str]) -> Path:
    for number, name in enumerate(names):
        shutil.copytree(source, folder / name)
        main = folder / name / "cmd" / "server" / "main.go"
        main.write_text(f"{main.read_text()}\nvar _ = {number}\n")  # several services, not one several times
    return folder


def _make_heavy(folder: Path) -> None:
    """A module that imports what real services do."""
    (folder / "cmd" / "server").mkdir(parents=True)
    (folder / "cmd" / "server" / "main.go").write_text(HEAVY)
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    for command in (["mod", "init", "marginalia.sh/heavy"], ["get", "go@1.23.0", *HEAVY_MODULES], ["mod", "tidy"]):
        run = subprocess.run(["go", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(f"go {' '.join(command)}: {run.stderr}")


def _docker(*arguments: str | Path) -> str:
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    run = subprocess.run(["docker", *arguments], env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"docker {arguments[0]}: {run.stderr}")
    return run.stdout


if __name__ == "__main__":
    main()
