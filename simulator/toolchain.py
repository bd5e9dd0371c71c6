"""Selects the Pulumi CLI: the one on PATH if it is recent enough, else the pinned version, built from source once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from pulumi import automation as auto
from semver import VersionInfo

from config.problems import UserError
from simulator import sdk

MODULE = "github.com/pulumi/pulumi/pkg/v3"


def pulumi(root: Path, cache: Path, report: Callable[[str], object]) -> auto.PulumiCommand:
    """The CLI to use. Raises UserError if PATH has none that is recent enough and none can be built."""
    pinned = _pinned(root)
    if (installed := shutil.which("pulumi")) and (version := _version(installed)) >= pinned:
        return sdk.command(installed, version)
    executable = cache / f"pulumi-{pinned}" / "bin" / "pulumi"
    if not executable.exists():
        _build(root / "tools" / "pulumi", executable, pinned, report)
    return sdk.command(str(executable), pinned)


def _build(module: Path, executable: Path, version: VersionInfo, report: Callable[[str], object]) -> None:
    if not (go := shutil.which("go")):
        raise UserError(
            f"PATH: no pulumi {version} or later, and no go to build it. Install Pulumi"
            " (https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install), then try again."
        )
    report(f"Building the Pulumi CLI {version} from checksummed source. This takes some minutes, once.")
    report("PATH has no CLI as recent, and the installer cannot be pinned by hash. `make clean` removes the binary.")
    # The Automation API rejects a CLI that reports no version.
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"
    temporary = executable.with_suffix(f".{os.getpid()}")
    executable.parent.mkdir(parents=True, exist_ok=True)
    command = [go, "build", "-o", str(temporary), "-ldflags", flags, f"{MODULE}/cmd/pulumi"]
    if subprocess.run(command, cwd=module, check=False).returncode:
        raise UserError(f"{module}: the Pulumi CLI could not be built. See the output of go above.")
    temporary.rename(executable)


def _pinned(root: Path) -> VersionInfo:
    """The version in tools/pulumi/go.mod."""
    text = (root / "tools" / "pulumi" / "go.mod").read_text()
    match = re.search(rf"{re.escape(MODULE)} v(\S+)", text)
    if match is None:
        raise UserError(f"tools/pulumi/go.mod: does not require {MODULE}. Add it.")
    return VersionInfo.parse(match[1])


def _version(executable: str) -> VersionInfo:
    """The version of an installed CLI; 0.0.0 if it reports none."""
    run = subprocess.run([executable, "version"], capture_output=True, text=True, check=False)
    version = run.stdout.strip().removeprefix("v")
    return VersionInfo.parse(version) if VersionInfo.is_valid(version) else VersionInfo(0)


if __name__ == "__main__":  # `make test` builds the CLI before several test workers need it
    root = Path(__file__).parent.parent
    try:
        pulumi(root, root / ".cache", report=print)
    except UserError as error:
        raise SystemExit(str(error)) from None
