"""The command line, and the way to AWS: boto3 before moto, and a `pulumi` that only answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError, NoCredentialsError
from moto import mock_aws

from promotion.cli import main
from promotion.cloud import asking
from promotion.errors import PromotionError
from tests.declared import SMALL_STACK
from tests.unit.promotion.boto import client

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dev"], "FROM and TO, or FROM and --releasable"),
        (["dev", "prod", "--releasable"], "FROM and TO, or FROM and --releasable"),
        (["dev", "dev"], "FROM and TO are the same stack"),
        (["dev", "--releasable", "--dry-run"], "--releasable goes with neither --service nor --dry-run"),
        (["dev", "--releasable", "--service", "mcp"], "--releasable goes with neither --service nor --dry-run"),
        (["dev", "prod", "--home", "x"], "--home goes with --simulator"),
    ],
)
def test_what_is_not_understood_is_said_and_exits_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
    assert capsys.readouterr().err.endswith(f"python -m promotion: error: {message}\n")


def test_a_simulator_in_which_nothing_was_brought_up_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev", "prod", "--simulator", "--home", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}: nothing was ever brought up there; `python -m simulator up` does\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not yours"}}, "PutImage"),
            "An error occurred (AccessDeniedException) when calling the PutImage operation: not yours",
        ),
        (NoCredentialsError(), "Unable to locate credentials"),
    ],
)
def test_what_aws_refuses_is_one_message_that_names_account_and_region(error: Exception, said: str) -> None:
    with pytest.raises(PromotionError) as refused, asking("ECR", ACCOUNT, REGION):
        raise error
    assert str(refused.value) == (f"ECR of account {ACCOUNT} in {REGION}: {said} (it takes that account's credentials)")


@pytest.fixture
def tasks() -> int:
    """That run, of the one that is to run."""
    return 1


@pytest.fixture
def reference(tasks: int, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """AWS, with one service; gives the image that it runs."""
    monkeypatch.setenv("MOTO_ECS_SERVICE_RUNNING", str(tasks))
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "none")
    with mock_aws():
        registry, services = client("ecr"), client("ecs")
        registry.create_repository(repositoryName="mrgnl-authsvc")
        manifest = json.dumps({"schemaVersion": 2, "layers": []})
        media_type = "application/vnd.oci.image.manifest.v1+json"
        pushed = registry.put_image(
            repositoryName="mrgnl-authsvc",
            imageManifest=manifest,
            imageManifestMediaType=media_type,
            imageTag="working",
        )
        digest = pushed["image"]["imageId"]["imageDigest"]
        image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mrgnl-authsvc@{digest}"
        services.create_cluster(clusterName="mrgnl")
        container = {"name": "authsvc", "image": image, "memory": 512}
        services.register_task_definition(family="mrgnl-authsvc", containerDefinitions=[container])
        services.create_service(cluster="mrgnl", serviceName="authsvc", taskDefinition="mrgnl-authsvc", desiredCount=1)
        yield image


@pytest.fixture
def project(tmp_path: Path, reference: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose stack dev runs the service, as `pulumi` says, and whose stack prod waits for it."""
    outputs = {
        "images": {"authsvc": reference},
        "services": {"authsvc": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/mrgnl/authsvc"},
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
    }
    stack = {"type": "pulumi:pulumi:Stack", "urn": "urn:stack", "outputs": outputs}
    answers = {
        "version": "v3.232.0",
        "export": json.dumps({"version": 3, "deployment": {"resources": [stack]}}),
        "history": "[]",
        "ls": json.dumps([{"name": "dev", "current": True}]),
    }
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.parent.mkdir()
    pulumi.write_text(
        f"#!{sys.executable}\nimport sys\nfor word in sys.argv: print({answers!r}.get(word, ''), end='')\n"
    )
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", str(pulumi.parent), prepend=":")
    root = tmp_path / "project"
    root.mkdir()
    settings = {key: value for key, value in yaml.safe_load(SMALL_STACK).items() if key != "build"}
    config: Any = {"aws:region": REGION, "marginalia:stack": {**settings, "images": {}}}
    (root / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": config}))
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    for arguments in (["init"], ["add", "."], ["commit", "-m", "as it was"]):
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607
    return root


def tags() -> list[str]:
    [image] = client("ecr").describe_images(repositoryName="mrgnl-authsvc")["imageDetails"]
    return image["imageTags"]


def pinned(root: Path) -> dict[str, str]:
    return yaml.safe_load((root / "Pulumi.prod.yaml").read_text())["config"]["marginalia:stack"]["images"]


@pytest.mark.parametrize("tasks", [0])
def test_a_rollout_on_aws_that_goes_on_is_not_promoted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dev", "prod"], root=project) == 1
    assert capsys.readouterr().err == (
        "dev: authsvc: its rollout is not complete: 0 of 1 tasks run, and the deployments are PRIMARY IN_PROGRESS:"
        " wait for it\n"
    )
    assert (tags(), pinned(project)) == (["working"], {})


def test_a_profile_that_there_is_none_of_is_one_message(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "typo")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    assert main(["dev", "prod"], root=project) == 1
    assert capsys.readouterr().err == "AWS cannot be asked: The config profile (typo) could not be found\n"


def test_what_runs_on_aws_is_tagged_and_written(
    project: Path, reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev", "prod"], root=project) == 0
    digits = reference.rpartition(":")[2]
    assert (tags(), pinned(project)) == (["working", f"promoted-prod-{digits[:12]}"], {"authsvc": reference})
    assert capsys.readouterr().out.endswith("\n  pulumi preview --stack prod\n")


def test_what_was_promoted_on_aws_and_reverted_is_needed_as_long_as_it_runs(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev", "prod"], root=project) == 0
    (project / "Pulumi.prod.yaml").unlink()
    capsys.readouterr()
    assert main(["dev", "--releasable"], root=project) == 0
    assert capsys.readouterr().out == "Every promoted image is pinned, or runs.\n"
