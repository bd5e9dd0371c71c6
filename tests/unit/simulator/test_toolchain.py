from __future__ import annotations

from pathlib import Path

import pytest
from pulumi import automation as auto

from simulator import toolchain
from simulator.errors import SimulatorError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; nothing is in it yet."""
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


def chosen(root: Path, said: list[str] | None = None) -> str:
    """The command that is used."""
    say = (said if said is not None else []).append
    command: auto.PulumiCommand = toolchain.pulumi(root, root / ".cache", say=say)
    return command.command


# A Go that builds a pulumi without a look at the source: it answers in the file that follows -o.
GO = 'while [ "$1" != "-o" ]; do shift; done\n/bin/echo "$@" > "$2"'


@pytest.mark.parametrize("version", ["v3.200.0", "3.200.0", "v3.200.1", "v3.201.0", "v4.0.0", "v3.200.0+dirty"])
def test_a_pulumi_on_path_that_is_recent_enough_is_used(root: Path, path: Path, version: str) -> None:
    executable(path / "pulumi", f"echo {version}")
    assert chosen(root) == str(path / "pulumi")


@pytest.mark.parametrize(
    "script",
    ["echo v3.199.9", "echo v2.999.0", "echo v3.200.0-alpha.1", "echo hello", "exit 1"],
    ids=["older", "major-older", "before-the-release", "no-version", "broken"],
)
def test_a_pulumi_on_path_that_is_too_old_or_does_not_say_is_passed_over(root: Path, path: Path, script: str) -> None:
    executable(path / "pulumi", script)
    executable(path / "go", GO)
    assert chosen(root) == str(root / ".cache/pulumi-3.200.0/bin/pulumi")


def test_the_pinned_one_is_built_once_from_the_pinned_module(root: Path, path: Path) -> None:
    executable(path / "go", f'/bin/pwd >> "{root}/built"\n{GO}')
    said: list[str] = []
    first = chosen(root, said)
    assert chosen(root, said) == first == str(root / ".cache/pulumi-3.200.0/bin/pulumi")
    assert (root / "built").read_text().splitlines() == [str(root / "tools/pulumi")]
    assert "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" in Path(first).read_text()
    assert "version.Version=v3.200.0" in Path(first).read_text()
    assert said[0].startswith("Building the Pulumi CLI 3.200.0 from its checksummed source")


def test_one_that_was_built_for_another_version_is_not_used(root: Path, path: Path) -> None:
    executable(root / ".cache/pulumi-3.199.0/bin/pulumi", "echo v3.199.0")
    executable(path / "go", GO)
    assert chosen(root) == str(root / ".cache/pulumi-3.200.0/bin/pulumi")


@pytest.mark.usefixtures("path")
def test_without_pulumi_and_go_one_message_says_what_to_install(root: Path) -> None:
    with pytest.raises(SimulatorError) as refused:
        chosen(root)
    assert str(refused.value) == (
        "There is no pulumi 3.200.0 or later on PATH, and no Go to build one with. Either install Pulumi"
        " (https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install), then try again."
    )


def test_a_build_that_fails_leaves_no_binary_behind(root: Path, path: Path) -> None:
    executable(path / "go", f"{GO}\nexit 1")
    with pytest.raises(SimulatorError) as refused:
        chosen(root)
    assert str(refused.value) == f"The Pulumi CLI could not be built in {root}/tools/pulumi: Go says why above."
    assert not (root / ".cache/pulumi-3.200.0/bin/pulumi").exists()


@pytest.mark.usefixtures("path")
def test_a_module_that_pins_no_pulumi_is_refused(root: Path) -> None:
    (root / "tools/pulumi/go.mod").write_text("module tools\n")
    with pytest.raises(SimulatorError) as refused:
        chosen(root)
    assert str(refused.value) == "tools/pulumi/go.mod does not require github.com/pulumi/pulumi/pkg/v3"
