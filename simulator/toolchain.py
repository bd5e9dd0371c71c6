"""Which Pulumi CLI drives the engine: the one on PATH when it is recent enough, else the pinned one, built once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from pulumi import automation as auto
from semver import VersionInfo

from simulator.errors import SimulatorError

MODULE = "github.com/pulumi/pulumi/pkg/v3"


def pulumi(root: Path, cache: Path, say: Callable[[str], object]) -> auto.PulumiCommand:
    """The CLI to use. Raises SimulatorError when there is none and none can be built."""
    pinned = _pinned(root)
    if (installed := shutil.which("pulumi")) and (version := _version(installed)) >= pinned:
        return _Known(installed, version)
    executable = cache / f"pulumi-{pinned}" / "bin" / "pulumi"
    if not executable.exists():
        _build(root / "tools" / "pulumi", executable, pinned, say)
    return _Known(str(executable), pinned)


class _Known(auto.PulumiCommand):
    """A CLI whose version is known. The SDK would start it once more, just to ask."""

    def __init__(self, command: str, version: VersionInfo) -> None:
        self.command = command
        self.version = version


def _build(module: Path, executable: Path, version: VersionInfo, say: Callable[[str], object]) -> None:
    if not (go := shutil.which("go")):
        raise SimulatorError(
            f"There is no pulumi {version} or later on PATH, and no Go to build one with. Either install Pulumi"
            " (https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install), then try again."
        )
    say(f"Building the Pulumi CLI {version} from its checksummed source: some minutes, this one time.")
    say("None as recent is on PATH, and its installer cannot be pinned by hash. `make clean` removes the binary.")
    # Without a version of its own the CLI is refused by the Automation API.
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"
    unfinished = executable.with_suffix(f".{os.getpid()}")
    executable.parent.mkdir(parents=True, exist_ok=True)
    command = [go, "build", "-o", str(unfinished), "-ldflags", flags, f"{MODULE}/cmd/pulumi"]
    if subprocess.run(command, cwd=module, check=False).returncode:
        raise SimulatorError(f"The Pulumi CLI could not be built in {module}: Go says why above.")
    unfinished.rename(executable)


def _pinned(root: Path) -> VersionInfo:
    """What tools/pulumi/go.mod says."""
    text = (root / "tools" / "pulumi" / "go.mod").read_text()
    found = re.search(rf"{re.escape(MODULE)} v(\S+)", text)
    if found is None:
        raise SimulatorError(f"tools/pulumi/go.mod does not require {MODULE}")
    return VersionInfo.parse(found[1])


def _version(executable: str) -> VersionInfo:
    """Of an installed CLI; 0.0.0 when it does not say."""
    run = subprocess.run([executable, "version"], capture_output=True, text=True, check=False)
    said = run.stdout.strip().removeprefix("v")
    return VersionInfo.parse(said) if VersionInfo.is_valid(said) else VersionInfo(0)


if __name__ == "__main__":  # `make test`: once, and where its progress is seen, before several workers ask for it
    here = Path(__file__).parent.parent
    try:
        pulumi(here, here / ".cache", say=print)
    except SimulatorError as error:
        raise SystemExit(str(error)) from None
