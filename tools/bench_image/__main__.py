"""`make bench-image`: compares image/Dockerfile with a plain two-stage Dockerfile on the same engine.

Builds every image as pulumi-docker does. A cold build starts with an empty builder cache: this deletes the cache of the
engine, including that of other projects. Prints the table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from config import catalogue
from image.bases import DOCKERFILE
from image.build import BuildError, build
from tools.bench_image import modules

PLAIN = """\
ARG GO_IMAGE=golang:1.23
ARG BASE_IMAGE=gcr.io/distroless/static-debian12
FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=linux go build -o /service ./cmd/server
FROM ${BASE_IMAGE}
COPY --from=build /service /service
ENTRYPOINT ["/service"]
"""
"""The plain two-stage pattern, without an ignore file."""
LABEL = "sh.marginalia.bench"
"""The label of every image that the benchmark builds, to remove them afterwards."""
SOURCES = ("sample", "heavy")
SERVICES = catalogue.load(Path(__file__).parent.parent.parent).names


@dataclass(frozen=True, kw_only=True)
class Measured:
    cold: float
    """Seconds for all services in parallel."""
    unchanged: float
    edited: float
    """Seconds for one service, the medians of several runs."""
    size: int
    """Bytes of one image."""
    layers: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-image", description=__doc__)
    parser.add_argument("--source", choices=SOURCES, help="the source to build (default: both)")
    most = len(SERVICES)
    parser.add_argument("--services", type=int, choices=range(1, most + 1), default=most, help="number of services")
    parser.add_argument("--runs", type=int, choices=range(1, 10), default=3, help="runs per median (default: 3)")
    options = parser.parse_args()
    print(
        f"{_machine()}\n\n| source | services | measurement | plain | image/Dockerfile | ratio |",
        "|---|---|---|---|---|---|",
        sep="\n",
        flush=True,
    )
    try:
        for source in [options.source] if options.source else SOURCES:
            with tempfile.TemporaryDirectory() as folder:
                _compare(source, Path(folder), SERVICES[: options.services], options.runs)
    finally:
        _docker("image", "prune", "--all", "--force", "--filter", f"label={LABEL}")


def _compare(source: str, folder: Path, names: Sequence[str], runs: int) -> None:
    module = modules.heavy(folder) if source == "heavy" else modules.SAMPLE
    plain_file = folder / "Dockerfile.plain"
    plain_file.write_text(PLAIN)
    print(f"{source}: the plain pattern", file=sys.stderr)
    plain = _measure(plain_file, modules.services(names, module, folder / "plain"), runs)
    print(f"{source}: image/Dockerfile", file=sys.stderr)
    optimized = _measure(DOCKERFILE, modules.services(names, module, folder / "optimized"), runs)

    def row(what: str, before: float, after: float, unit: str) -> None:
        numbers = f"{before:.1f} {unit} | {after:.1f} {unit} | {before / after:.1f}"
        print(f"| {source} | {len(names)} | {what} | {numbers} |", flush=True)

    row("cold build of all, in parallel", plain.cold, optimized.cold, "s")
    row("build of one, unchanged", plain.unchanged, optimized.unchanged, "s")
    row("build of one, one line changed", plain.edited, optimized.edited, "s")
    row("image size", plain.size / 1e6, optimized.size / 1e6, "MB")
    print(f"| {source} | {len(names)} | layers | {plain.layers} | {optimized.layers} | |", flush=True)


def _measure(dockerfile: Path, services: dict[str, Path], runs: int) -> Measured:
    def one(service: Path) -> str:
        return build(service, dockerfile, "--label", LABEL)

    def all_of_them() -> None:
        with ThreadPoolExecutor(len(services)) as pool:
            list(pool.map(one, services.values()))

    _docker("builder", "prune", "--all", "--force")
    cold = _seconds(all_of_them)
    service = next(iter(services.values()))
    images: list[str] = []

    def again() -> float:
        return _seconds(lambda: images.append(one(service)))

    def edited(run: int) -> float:
        modules.edit(service, run)
        return again()

    unchanged = [again() for _ in range(runs)]
    after_edit = [edited(run) for run in range(runs)]
    if len(set(images)) != runs + 1:
        raise BuildError("Unexpected image ids: each edit must change the image, and no other build may.")
    size, *layers = _docker("inspect", "--format", '{{.Size}} {{join .RootFS.Layers " "}}', images[-1]).split()
    return Measured(
        cold=cold,
        unchanged=statistics.median(unchanged),
        edited=statistics.median(after_edit),
        size=int(size),
        layers=len(layers),
    )


def _seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def _machine() -> str:
    engine = _docker("info", "--format", "Docker {{.ServerVersion}}, {{.NCPU}} cores")
    cpu = Path("/proc/cpuinfo")
    models = [line for line in cpu.read_text().splitlines() if line.startswith("model name")] if cpu.exists() else []
    return f"{engine.strip()}, {models[0].split(':')[1].strip() if models else os.uname().machine}"


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    try:
        main()
    except BuildError as failed:
        sys.exit(str(failed))
    except FileNotFoundError:
        sys.exit("docker is not on PATH. Install it: https://docs.docker.com/get-docker/")
    except subprocess.CalledProcessError as failed:
        sys.exit(f"docker {failed.cmd[1]}: {failed.stderr.strip()}")
