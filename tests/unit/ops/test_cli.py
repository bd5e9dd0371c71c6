"""The command line on AWS, with moto for boto3 and a fake `pulumi` for the backend."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError, NoCredentialsError
from moto import mock_aws

from config.problems import UserError
from ecs import types
from ops import logs, status, why
from ops.cli import main
from ops.cloud import requesting
from tests.declared import SMALL_STACK, STACKS
from tests.executables import write_python
from tests.git import commit_all
from tests.unit.ops.boto import answering, client

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["promote", "dev", "dev"], "FROM and TO must be different stacks"),
        (["promote", "dev", "prod", "--home", "x"], "--home requires --simulator"),
        (["unused-images", "dev", "--dry-run"], "unrecognized arguments: --dry-run"),
        (["status", "dev", "--home", "x"], "--home requires --simulator"),
    ],
)
def test_wrong_usage_exits_with_64_and_names_the_problem(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 64
    assert capsys.readouterr().err.endswith(f"python -m ops: error: {message}\n")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--since=2x", "argument --since: '2x': not a time. Use a number with s, m, h or d: 15m."),
        (
            "--grep=(",
            "argument --grep: '(': not a regular expression: missing ), unterminated subpattern at position 0.",
        ),
    ],
)
def test_an_invalid_option_of_logs_exits_with_64_and_says_what_is_valid(
    option: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["logs", "dev", option])
    assert exited.value.code == 64
    assert capsys.readouterr().err.endswith(f"python -m ops logs: error: {message}\n")


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["debug"],
        ["logs"],
        ["promote"],
        ["restart"],
        ["rollback"],
        ["scale"],
        ["status"],
        ["stop-rollout"],
        ["tag-sources"],
        ["unused-images"],
        ["verify"],
        ["why"],
    ],
)
def test_the_help_fits_into_80_columns(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []


def test_an_empty_state_directory_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", "dev", "prod", "--simulator", "--home", str(tmp_path)]) == 1
    up = f".venv/bin/python -m simulator up --home {tmp_path}"
    assert capsys.readouterr().err == f"{tmp_path}: no stack is deployed there. Deploy one with `{up}`.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not yours"}}, "PutImage"),
            "An error occurred (AccessDeniedException) when calling the PutImage operation: not yours",
        ),
        (NoCredentialsError(), "Unable to locate credentials"),
    ],
)
def test_an_error_of_aws_names_account_and_region(error: Exception, message: str) -> None:
    with pytest.raises(UserError) as rejected, requesting("ECR", ACCOUNT, REGION):
        raise error
    assert str(rejected.value) == (f"ECR of account {ACCOUNT} in {REGION}: {message}. Use credentials of that account.")


@pytest.fixture
def tasks() -> int:
    """The number of running tasks; one is desired."""
    return 1


@pytest.fixture
def reference(tasks: int, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """The image of the one service on AWS."""
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
        log = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/mrgnl-authsvc"}}
        container = {"name": "authsvc", "image": image, "memory": 512, "logConfiguration": log}
        services.register_task_definition(family="mrgnl-authsvc", containerDefinitions=[container])
        services.create_service(cluster="mrgnl", serviceName="authsvc", taskDefinition="mrgnl-authsvc", desiredCount=1)
        yield image


@pytest.fixture
def project(tmp_path: Path, reference: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the stack dev, which runs the service, and the stack file of prod, without images."""
    outputs = {
        "images": {"authsvc": reference},
        "services": {"authsvc": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/mrgnl/authsvc"},
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
    }
    stack = {"type": types.STACK, "urn": "urn:stack", "outputs": outputs}
    responses = {
        "version": "v3.232.0",
        "export": json.dumps({"version": 3, "deployment": {"resources": [stack]}}),
        "history": "[]",
        "ls": json.dumps([{"name": "dev", "current": True}]),
    }
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.parent.mkdir()
    write_python(pulumi, f"import sys\nfor word in sys.argv: print({responses!r}.get(word, ''), end='')\n")
    monkeypatch.setenv("PATH", str(pulumi.parent), prepend=":")
    root = tmp_path / "project"
    root.mkdir()
    shutil.copy(STACKS / "services.py", root)
    settings = {key: value for key, value in yaml.safe_load(SMALL_STACK).items() if key != "build"}
    config: Any = {"aws:region": REGION, "marginalia:stack": {**settings, "images": {}}}
    (root / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": config}))
    commit_all(root)
    return root


@pytest.mark.parametrize("verb", [status, logs, why], ids=lambda verb: verb.__name__)
def test_the_help_of_a_verb_that_reads_lists_its_permissions(verb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([verb.__name__.rpartition(".")[2], "--help"])
    listed = re.findall(r"^  ([a-z]+:[A-Za-z]+)$", capsys.readouterr().out, re.MULTILINE)
    assert listed == list(verb.PERMISSIONS)


def test_status_on_aws_says_no_by_its_exit_code(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of moto: it has no service deployments; the service has no database and no load balancer."""
    monkeypatch.setattr("ops.deployments.last", answering(None))
    assert main(["status", "dev"], root=project) == 2
    printed = capsys.readouterr().out
    assert "│ authsvc" in printed
    assert (
        "- database: mrgnl does not exist. `pulumi up --refresh --policy-pack policy --stack dev` creates an empty"
        in printed
    )


def test_a_stack_that_the_backend_does_not_have_is_one_message(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    executable = project.parent / "bin" / "pulumi"
    write_python(executable, "import sys\nsys.exit(print('v3.232.0') if 'version' in sys.argv else"
                 " \"error: no stack named 'prd' found\")\n")  # fmt: skip
    assert main(["status", "prd"], root=project) == 1
    assert capsys.readouterr().err == (
        "prd: the backend has no such stack. Did you mean prod? `pulumi stack ls` lists the stacks, `pulumi whoami -v`"
        " shows the backend.\n"
    )


def test_following_ends_cleanly_with_an_interrupt(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    client("logs").create_log_group(logGroupName="/ecs/mrgnl-authsvc")
    monkeypatch.setattr("time.sleep", interrupt)
    assert main(["logs", "dev", "--follow"], root=project) == 0
    assert capsys.readouterr() == ("", "")


def test_no_line_is_an_exit_code_of_its_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client("logs").create_log_group(logGroupName="/ecs/mrgnl-authsvc")
    assert main(["logs", "dev", "--json"], root=project) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"dev: no such line since [-0-9]{10} [0-9:]{5} UTC\. Look further back: --since 2h\n", err)


def tags() -> list[str]:
    [image] = client("ecr").describe_images(repositoryName="mrgnl-authsvc")["imageDetails"]
    return image["imageTags"]


def pinned(root: Path) -> dict[str, str]:
    return yaml.safe_load((root / "Pulumi.prod.yaml").read_text())["config"]["marginalia:stack"]["images"]


@pytest.mark.parametrize("tasks", [0])
def test_a_rollout_in_progress_on_aws_is_not_promoted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", "dev", "prod"], root=project) == 1
    assert capsys.readouterr().err == (
        "dev/authsvc: rollout in progress (0 of 1 tasks; PRIMARY IN_PROGRESS). Wait for it to complete.\n"
    )
    assert (tags(), pinned(project)) == (["working"], {})


def test_an_unknown_profile_is_an_error(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "typo")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    assert main(["promote", "dev", "prod"], root=project) == 1
    assert capsys.readouterr().err == (
        "AWS: The config profile (typo) could not be found. Check the profile and the credentials.\n"
    )


def test_a_promotion_tags_the_image_on_aws_and_pins_it(
    project: Path, reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["promote", "dev", "prod"], root=project) == 0
    digits = reference.rpartition(":")[2]
    assert (tags(), pinned(project)) == (["working", f"promoted-prod-{digits[:12]}"], {"authsvc": reference})
    assert capsys.readouterr().out.endswith("\n  pulumi preview --policy-pack policy --stack prod\n")


def test_a_promoted_image_that_still_runs_is_not_unused_after_a_revert(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["promote", "dev", "prod"], root=project) == 0
    (project / "Pulumi.prod.yaml").unlink()
    capsys.readouterr()
    assert main(["unused-images", "dev"], root=project) == 0
    assert capsys.readouterr().out == "No unused images: every promoted image is pinned or running.\n"


def test_a_restart_on_aws_asks_ecs_for_a_new_deployment(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restart", "dev", "authsvc", "--yes"], root=project) == 0
    assert capsys.readouterr().out.endswith(
        "dev/authsvc: a new deployment of mrgnl-authsvc:1 was started. The next update keeps it.\n"
        "Follow it: python -m ops status dev\n"
    )
