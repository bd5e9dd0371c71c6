"""Selects the Pulumi CLI: the one on PATH if it is recent enough, else the pinned version, built from source once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pulumi import automation as auto
from semver import VersionInfo

from config.problems import UserError
from simulator import environment, progress, sdk

MODULE = "github.com/pulumi/pulumi/pkg/v3"
TIMEOUT = 30
"""Seconds in which an installed CLI must report its version."""


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
    report(
        f"PATH has no pulumi {version} or later: building it from checksummed source, once. `make clean` removes it."
    )
    # The Automation API rejects a CLI that reports no version.
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"
    temporary = executable.with_suffix(f".{os.getpid()}")
    command = [go, "build", "-v", "-mod=readonly", "-modcacherw", "-o", str(temporary), "-ldflags", flags]
    try:
        executable.parent.mkdir(parents=True, exist_ok=True)
        command.append(f"{MODULE}/cmd/pulumi")
        title = f"Building the Pulumi CLI {version}: some minutes"
        if progress.run(title, command, cwd=str(module), env=_build_environment(executable.parents[2])):
            raise UserError(f"{module}: the Pulumi CLI could not be built. See the output of go above.")
        temporary.rename(executable)
    except OSError as error:
        where = error.filename or executable
        raise UserError(f"{where}: {error.strerror}. Allow it, or put pulumi {version} or later on PATH.") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _build_environment(cache: Path) -> dict[str, str]:
    """Go stores what it downloads in the user's folder, or in the cache if there is no such folder."""
    found = {**environment.kept(os.environ, environment.BUILD), "GOWORK": "off"}
    if os.access(found.get("HOME", ""), os.W_OK):
        return found
    return {"GOCACHE": str(cache / "go-build"), "GOPATH": str(cache / "go"), **found}


def _pinned(root: Path) -> VersionInfo:
    """The version in tools/pulumi/go.mod."""
    text = (root / "tools" / "pulumi" / "go.mod").read_text()
    match = re.search(rf"{re.escape(MODULE)} v(\S+)", text)
    if match is None:
        raise UserError(f"tools/pulumi/go.mod: does not require {MODULE}. Add it.")
    return VersionInfo.parse(match[1])


def _version(executable: str) -> VersionInfo:
    """The version of an installed CLI; 0.0.0 if it reports none."""
    env = {**environment.kept(os.environ), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        run = subprocess.run(
            [executable, "version"],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return VersionInfo(0)
    version = run.stdout.decode(errors="replace").strip().removeprefix("v")
    return VersionInfo.parse(version) if VersionInfo.is_valid(version) else VersionInfo(0)


def main() -> int:
    """`make test` builds the CLI before several test workers need it."""
    root = Path(__file__).parent.parent
    try:
        pulumi(root, root / ".cache", report=print)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
