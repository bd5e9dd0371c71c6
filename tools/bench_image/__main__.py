"""`make bench-image`: the plain two-stage pattern against image/Dockerfile, on the same engine, in one run.

Every image is built as pulumi-docker builds. Cold is an empty builder cache: the engine's, so that of other projects is
emptied, too. Prints the table of docs/performance.md.
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

from image.bases import DOCKERFILE
from image.provider import BuildError, build
from services import CATALOGUE
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
"""The pattern as it was written down for every service, without an ignore file."""
LABEL = "sh.marginalia.bench"
"""On every image that is built here, to find them again."""
SOURCES = ("sample", "heavy")


@dataclass(frozen=True, kw_only=True)
class Measured:
    cold: float
    """Seconds, for all services side by side."""
    unchanged: float
    edited: float
    """Seconds, for one of them: medians."""
    size: int
    """Bytes of an image."""
    layers: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-image", description=__doc__)
    parser.add_argument("--source", choices=SOURCES, help="what is built (default: both, one after the other)")
    several = len(CATALOGUE.names)
    parser.add_argument("--services", type=int, choices=range(1, several + 1), default=several, help="how many")
    parser.add_argument("--runs", type=int, choices=range(1, 10), default=3, help="what a median is of (default: 3)")
    options = parser.parse_args()
    print(f"{_machine()}\n\n| source | services | what | plain | ours | ratio |\n|---|---|---|---|---|---|", flush=True)
    try:
        for source in [options.source] if options.source else SOURCES:
            with tempfile.TemporaryDirectory() as folder:
                _compare(source, Path(folder), CATALOGUE.names[: options.services], options.runs)
    finally:
        _docker("image", "prune", "--force", "--filter", f"label={LABEL}")


def _compare(source: str, folder: Path, names: Sequence[str], runs: int) -> None:
    module = modules.heavy(folder) if source == "heavy" else modules.SAMPLE
    plain_file = folder / "Dockerfile.plain"
    plain_file.write_text(PLAIN)
    print(f"{source}: the plain pattern", file=sys.stderr)
    plain = _measure(plain_file, modules.services(names, module, folder / "plain"), runs)
    print(f"{source}: ours", file=sys.stderr)
    ours = _measure(DOCKERFILE, modules.services(names, module, folder / "ours"), runs)

    def row(what: str, before: float, after: float, unit: str) -> None:
        numbers = f"{before:.1f} {unit} | {after:.1f} {unit} | {before / after:.1f}"
        print(f"| {source} | {len(names)} | {what} | {numbers} |", flush=True)

    row("all from cold, side by side", plain.cold, ours.cold, "s")
    row("nothing changed, one of them built all the same", plain.unchanged, ours.unchanged, "s")
    row("one line changed in one of them", plain.edited, ours.edited, "s")
    row("size of an image", plain.size / 1e6, ours.size / 1e6, "MB")
    print(f"| {source} | {len(names)} | its layers | {plain.layers} | {ours.layers} | |", flush=True)


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
        raise BuildError("Of what was built, only the edits may change the image, and each of them must.")
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
        sys.exit("There is no docker on PATH: https://docs.docker.com/get-docker/")
    except subprocess.CalledProcessError as failed:
        sys.exit(f"docker {failed.cmd[1]}: {failed.stderr.strip()}")
