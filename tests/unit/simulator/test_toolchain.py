from __future__ import annotations

from pathlib import Path

import pytest
from pulumi import automation as auto

from config.problems import UserError
from simulator import toolchain


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout that pins Pulumi 3.200.0."""
    module = tmp_path / "tools" / "pulumi"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module tools\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.200.0\n")
    return tmp_path


def executable(file: Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def selected(root: Path, lines: list[str] | None = None) -> str:
    """The path of the selected CLI."""
    report = (lines if lines is not None else []).append
    command: auto.PulumiCommand = toolchain.pulumi(root, root / ".cache", report=report)
    return command.command


# A fake `go` that writes its arguments into the file after -o.
GO = 'while [ "$1" != "-o" ]; do shift; done\n/bin/echo "$@" > "$2"'


@pytest.mark.parametrize("version", ["v3.200.0", "3.200.0", "v3.200.1", "v3.201.0", "v4.0.0", "v3.200.0+dirty"])
def test_a_pulumi_on_path_that_is_recent_enough_is_used(root: Path, path: Path, version: str) -> None:
    executable(path / "pulumi", f"echo {version}")
    assert selected(root) == str(path / "pulumi")


@pytest.mark.parametrize(
    "script",
    ["echo v3.199.9", "echo v2.999.0", "echo v3.200.0-alpha.1", "echo hello", "exit 1", r"printf '\374'"],
    ids=["older", "major-older", "before-the-release", "no-version", "broken", "no-text"],
)
def test_a_pulumi_on_path_that_is_too_old_or_reports_no_version_is_not_used(
    root: Path, path: Path, script: str
) -> None:
    executable(path / "pulumi", script)
    executable(path / "go", GO)
    assert selected(root) == str(root / ".cache/pulumi-3.200.0/bin/pulumi")


def test_the_pinned_cli_is_built_once_from_the_pinned_module(root: Path, path: Path) -> None:
    executable(path / "go", f'/bin/pwd >> "{root}/built"\n{GO}')
    lines: list[str] = []
    first = selected(root, lines)
    assert selected(root, lines) == first == str(root / ".cache/pulumi-3.200.0/bin/pulumi")
    assert (root / "built").read_text().splitlines() == [str(root / "tools/pulumi")]
    assert "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" in Path(first).read_text()
    assert "version.Version=v3.200.0" in Path(first).read_text()
    assert lines == [
        "PATH has no pulumi 3.200.0 or later: building it from checksummed source, once. `make clean` removes it."
    ]


@pytest.mark.parametrize("name", ["GOFLAGS", "GOOS", "GOTOOLCHAIN", "PULUMI_HOME"])
def test_no_variable_of_the_caller_changes_the_built_cli(
    root: Path, path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "leaks")
    executable(path / "go", f'/usr/bin/env > "{root}/environment"\n{GO}')
    selected(root)
    assert "leaks" not in (root / "environment").read_text()


def test_a_build_without_a_home_folder_stores_its_packages_in_the_cache(
    root: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    for name in ("GOCACHE", "GOPATH"):
        monkeypatch.delenv(name, raising=False)
    executable(path / "go", f'/usr/bin/env > "{root}/environment"\n{GO}')
    selected(root)
    assert f"GOCACHE={root}/.cache/go-build\n" in (root / "environment").read_text()


@pytest.mark.usefixtures("path")
def test_an_installed_cli_that_cannot_be_started_is_not_used(root: Path, path: Path) -> None:
    (path / "pulumi").write_bytes(b"\x7fELF of another machine")
    (path / "pulumi").chmod(0o755)
    executable(path / "go", GO)
    assert selected(root) == str(root / ".cache/pulumi-3.200.0/bin/pulumi")


def test_a_cache_that_cannot_be_written_is_one_message(root: Path, path: Path) -> None:
    (root / ".cache").write_text("a file")
    executable(path / "go", GO)
    with pytest.raises(UserError) as error:
        selected(root)
    assert str(error.value).endswith(": Not a directory. Allow it, or put pulumi 3.200.0 or later on PATH.")


def test_a_cli_that_was_built_for_another_version_is_not_used(root: Path, path: Path) -> None:
    executable(root / ".cache/pulumi-3.199.0/bin/pulumi", "echo v3.199.0")
    executable(path / "go", GO)
    assert selected(root) == str(root / ".cache/pulumi-3.200.0/bin/pulumi")


@pytest.mark.usefixtures("path")
def test_the_error_without_pulumi_and_go_names_both(root: Path) -> None:
    with pytest.raises(UserError) as error:
        selected(root)
    assert str(error.value) == (
        "PATH: no pulumi 3.200.0 or later, and no go to build it. Install Pulumi"
        " (https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install), then try again."
    )


def test_a_failed_build_leaves_no_binary(root: Path, path: Path) -> None:
    executable(path / "go", f"{GO}\nexit 1")
    with pytest.raises(UserError) as error:
        selected(root)
    assert str(error.value) == f"{root}/tools/pulumi: the Pulumi CLI could not be built. See the output of go above."
    assert not (root / ".cache/pulumi-3.200.0/bin/pulumi").exists()


@pytest.mark.usefixtures("path")
def test_a_go_mod_without_pulumi_is_rejected(root: Path) -> None:
    (root / "tools/pulumi/go.mod").write_text("module tools\n")
    with pytest.raises(UserError) as error:
        selected(root)
    assert str(error.value) == "tools/pulumi/go.mod: does not require github.com/pulumi/pulumi/pkg/v3. Add it."
