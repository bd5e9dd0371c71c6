"""The builds that the Image component registers, on a Docker engine."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import urllib.request
from pathlib import Path

import pytest
from semver import Version

from image import build as provider
from image.bases import DOCKERFILE
from tests.declared import CATALOGUE, ROOT
from tests.image.conftest import Builds, copies, docker

MACHINE = {"x86-64": 0x3E, "arm64": 0xB7}
"""e_machine in an ELF header, at byte 18: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html"""

MANIFESTS = ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json")
"""An engine pushes the second type from the containerd image store, the default of Docker 29."""


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def context_as_sent(folder: Path, context: Path) -> list[str]:
    """The files of a context that the builder receives with the ignore file of the Dockerfile."""
    lister = folder / "Dockerfile"
    lister.write_text("FROM scratch\nCOPY . /\n")
    shutil.copy(ROOT / "image" / "Dockerfile.dockerignore", folder / "Dockerfile.dockerignore")
    docker("build", "--file", lister, "--output", f"type=local,dest={folder / 'sent'}", context)
    return listing(folder / "sent")


def test_the_builder_receives_only_the_files_that_the_build_needs(builds: Builds, tmp_path: Path) -> None:
    context = builds.context("promptsvc")
    for excluded in (
        ".env",
        ".git/config",
        "README.md",
        "signing.key",
        "internal/config/testdata/x.json",
        "bin/service",
    ):
        (context / excluded).parent.mkdir(parents=True, exist_ok=True)
        (context / excluded).write_text("not for the builder")
    needed = [
        "cmd/server/main.go",
        "go.mod",
        "go.sum",
        "internal/config/config.go",
        "internal/migrate/migrate.go",
        "internal/probe/probe.go",
        "internal/server/gateway.go",
        "internal/server/server.go",
    ]
    assert context_as_sent(tmp_path, context) == needed
    with provider.archive(context, DOCKERFILE, "Dockerfile") as sent, tarfile.open(fileobj=sent) as content:
        by_the_provider = sorted(each.name for each in content if not each.isdir())
    assert by_the_provider == [".dockerignore", "Dockerfile", *needed]


def test_an_ignore_file_of_the_context_has_no_effect(builds: Builds) -> None:
    (builds.context("authsvc") / ".dockerignore").write_text("internal\n")  # without which it does not compile
    assert builds.image("authsvc").startswith("sha256:")


@pytest.mark.parametrize("architecture", ["x86-64", "arm64"])
def test_each_architecture_is_cross_compiled_and_named_in_the_image(tmp_path: Path, architecture: str) -> None:
    builds = copies(tmp_path, architecture)
    alone = ("--build-arg", "BASE_IMAGE=scratch")  # offline, the base image exists for one architecture only
    platform = docker("inspect", "--format", "{{.Os}}/{{.Architecture}}", builds.image("mcp", *alone)).stdout.strip()
    assert platform == builds.inputs("mcp")["build"]["platform"]
    out = tmp_path / "out"
    docker("build", *builds.arguments("mcp", *alone, "--output", f"type=local,dest={out}"))
    header = (out / "service").read_bytes()[:20]
    assert (header[:4], int.from_bytes(header[18:20], "little")) == (b"\x7fELF", MACHINE[architecture])


def executable(builds: Builds, service: str, folder: Path) -> bytes:
    docker("build", *builds.arguments(service, "--output", f"type=local,dest={folder}"))
    return (folder / "service").read_bytes()


def test_the_compiler_is_the_toolchain_of_the_services_go_mod_or_that_of_a_newer_image(
    builds: Builds, tmp_path: Path
) -> None:
    wanted = re.search(r"^toolchain go(.*)$", (builds.context("mcp") / "go.mod").read_text(), re.MULTILINE)
    # The header of 32 bytes, a length, the version: https://github.com/golang/go/blob/go1.26.0/src/debug/buildinfo/buildinfo.go
    used = re.search(rb"\xff Go buildinf:.{19}go([\d.]+)", executable(builds, "mcp", tmp_path / "out"), re.DOTALL)
    assert wanted
    assert used
    assert Version.parse(used[1].decode()) >= Version.parse(wanted[1])


def test_a_vendored_module_is_built_without_a_download(builds: Builds, tmp_path: Path) -> None:
    """The documented way of a private module. `.invalid` resolves nowhere: https://www.rfc-editor.org/rfc/rfc6761"""
    context = builds.context("mcp")
    for path, text in {
        "go.mod": "module marginalia.sh/mcp\n\ngo 1.23\n\nrequire private.invalid/greeting v1.0.0\n",
        "go.sum": "",
        "vendor/modules.txt": "# private.invalid/greeting v1.0.0\n## explicit; go 1.23\nprivate.invalid/greeting\n",
        "vendor/private.invalid/greeting/greeting.go": 'package greeting\n\nconst Text = "of a vendored module"\n',
        "cmd/server/main.go": (
            'package main\n\nimport "private.invalid/greeting"\n\nfunc main() { println(greeting.Text) }\n'
        ),
    }.items():
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text(text)
    assert b"of a vendored module" in executable(builds, "mcp", tmp_path / "out")


def test_only_the_image_of_an_edited_service_changes(builds: Builds) -> None:
    before = {name: builds.image(name) for name in CATALOGUE.names}
    assert {name: builds.image(name) for name in CATALOGUE.names} == before
    main = builds.context("promptsvc") / "cmd" / "server" / "main.go"
    main.write_text(main.read_text().replace('"service:"', '"promptsvc:"'))
    after = {name: builds.image(name) for name in CATALOGUE.names}
    assert {name for name in CATALOGUE.names if after[name] != before[name]} == {"promptsvc"}


def test_the_files_that_the_provider_adds_to_a_context_change_no_image(builds: Builds) -> None:
    """It adds the Dockerfile under a random name, which `COPY . .` copies."""
    before = builds.image("mcp")
    assert {builds.image_by_the_provider("mcp") for _ in range(2)} == {before}


def test_the_registry_reports_the_pushed_digest(builds: Builds, registry: str) -> None:
    tag = f"{registry}/mrgnl-authsvc:working"
    docker("build", "--quiet", "--tag", tag, *builds.arguments("authsvc"))
    pushed = docker("push", tag).stdout.split("digest: ")[1].split()[0]
    manifest = urllib.request.Request(  # TEST_REGISTRY
        f"http://{registry}/v2/mrgnl-authsvc/manifests/working",
        headers={"Accept": ", ".join(MANIFESTS)},
    )
    with urllib.request.urlopen(manifest, timeout=10) as response:  # noqa: S310  # as above
        assert response.headers["Docker-Content-Digest"] == pushed
    # The provider reads the digest from here.
    digests = json.loads(docker("inspect", "--format", "{{json .RepoDigests}}", tag).stdout)
    assert f"{registry}/mrgnl-authsvc@{pushed}" in digests


def test_the_error_of_a_failed_build_has_the_command_that_shows_the_compiler_output(builds: Builds) -> None:
    """pulumi-docker shows the command that failed, but not its output."""
    main = builds.context("chatsvc") / "cmd" / "server" / "main.go"
    main.write_text(main.read_text().replace("func main()", "func main() int"))
    failed = docker("build", *builds.arguments("chatsvc"), check=False)
    assert failed.returncode != 0
    assert "func main must have no arguments and no return values" in failed.stderr
    last = failed.stderr.strip().splitlines()[-1]
    assert "executor failed running" in last or "did not complete successfully" in last
    assert "its output: docker build -f image/Dockerfile" in last
