"""`verify`: whether a stack would start, on the simulator's clients."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecs import types
from ecs.image import Reference
from ops import verify_account, verify_services
from ops.check import Check
from ops.verify import Verdict, verify
from simulator.boto.service_quotas import ServiceQuotas
from tests.unit.ops import boto
from tests.unit.ops.operated import SERVICES, Operated

QUOTA = ("quota", "Fargate vCPUs")
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:model-api-key-AbCdEf"


@pytest.fixture(autouse=True)
def deployed(operated: Operated) -> None:
    """The stack's own resources, whose names are taken by itself."""
    operated.outputs.update(ids={types.BUCKET: ("marginalia-content-test",), types.CLUSTER: ("mrgnl",)})


def verdict(operated: Operated) -> Verdict:
    return verify(operated.cloud, "prod", operated.root)


def results(operated: Operated) -> dict[tuple[str, str], Check]:
    return {(each.kind, each.subject): each for each in verdict(operated).checks}


def problem(operated: Operated, kind: str, subject: str) -> str:
    """The message of the one check that found a problem."""
    found = results(operated)
    assert [key for key, each in found.items() if each.state != "ok"] == [(kind, subject)]
    assert verdict(operated).exit_code == 2
    return found[kind, subject].message


def test_a_deployed_stack_that_would_start_passes_every_check(operated: Operated) -> None:
    found = results(operated)
    assert {key: each.message for key, each in found.items()} == {
        ("image", "promptsvc"): "",
        ("role", "promptsvc"): "",
        QUOTA: "",
    }
    assert verdict(operated).exit_code == 0


def test_it_changes_nothing_and_needs_exactly_the_permissions_that_it_names(operated: Operated) -> None:
    (operated.root / "services.py").write_text(SERVICES.replace("True)", 'True, secrets=("MODEL_API_KEY",))', 1))
    operated.pin("b", secrets={"promptsvc": {"MODEL_API_KEY": SECRET}})
    operated.outputs.update(ids={})
    pinned = results(operated)
    operated.write(build={"context": "."}, secrets={"promptsvc": {"MODEL_API_KEY": SECRET}})
    built = results(operated)
    assert {"image", "secret", "role", "name", "quota"} == {kind for kind, _ in {**pinned, **built}}
    assert operated.actions == {*verify_services.PERMISSIONS, *verify_account.PERMISSIONS}


def test_an_image_that_ecr_does_not_have(operated: Operated) -> None:
    operated.pin("f")
    assert problem(operated, "image", "promptsvc") == (
        "Pulumi.prod.yaml: marginalia:stack.images.promptsvc: sha256:ffffffffffff does not exist in 000000000000's"
        " mrgnl-promptsvc. Promote an image that exists: python -m ops promote FROM prod"
    )


def test_a_toolbox_that_ecr_does_not_have(operated: Operated) -> None:
    toolbox = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-promptsvc@sha256:{'f' * 64}"
    operated.pin("b", debug={"image": toolbox})
    assert problem(operated, "image", "debug") == (
        "Pulumi.prod.yaml: marginalia:stack.debug.image: sha256:ffffffffffff does not exist in 000000000000's"
        " mrgnl-promptsvc. Push it: docs/howto/debug.md"
    )


def test_an_image_for_another_processor(operated: Operated) -> None:
    operated.pin("b", architecture="arm64")
    assert problem(operated, "image", "promptsvc") == (
        "Pulumi.prod.yaml: marginalia:stack.images.promptsvc: sha256:bbbbbbbbbbbb is for linux/amd64, not linux/arm64."
        " Build it for that, or change marginalia:stack.architecture."
    )


def test_a_secret_that_does_not_exist(operated: Operated) -> None:
    (operated.root / "services.py").write_text(SERVICES.replace("True)", 'True, secrets=("MODEL_API_KEY",))', 1))
    operated.pin("b", secrets={"promptsvc": {"MODEL_API_KEY": SECRET}})
    assert problem(operated, "secret", "promptsvc MODEL_API_KEY") == (
        f"Pulumi.prod.yaml: marginalia:stack.secrets.promptsvc.MODEL_API_KEY: {SECRET} does not exist. Create it:"
        " aws secretsmanager create-secret --name NAME --secret-string file:///dev/stdin"
    )


def test_an_execution_role_that_may_not_read_a_secret(operated: Operated) -> None:
    operated.promptsvc.deny("secretsmanager:GetSecretValue")
    assert problem(operated, "role", "promptsvc") == (
        f"prod/promptsvc: execution may not secretsmanager:GetSecretValue on {operated.promptsvc.secret}."
        " Restore its policy: update prod"
    )


def test_the_name_of_a_cluster_that_the_stack_does_not_manage(operated: Operated) -> None:
    operated.outputs.update(ids={types.BUCKET: ("marginalia-content-test",)})
    assert problem(operated, "name", "cluster mrgnl") == (
        "Pulumi.prod.yaml: marginalia:stack.prefix: the cluster mrgnl exists, and prod does not manage it. Choose"
        " another name, delete it, or adopt it with `pulumi import`."
    )


def test_a_quota_below_a_rollout_at_the_highest_numbers(operated: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.boto.service_quotas.DEFAULT", 6.0)
    operated.pin("b", sizes={"promptsvc": {"cpu": 1024, "memory": 2048, "max": 4}})
    assert problem(operated, *QUOTA) == (
        "Pulumi.prod.yaml: a rollout at `max` of all services needs 8 vCPUs of FARGATE; the quota L-3032A538 is 6."
        " Raise it: aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538"
        " --desired-value 8; or lower marginalia:stack.sizes."
    )


def test_what_may_not_be_read_is_unknown(
    operated: Operated, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not yours"}}, "GetServiceQuota")

    monkeypatch.setattr(ServiceQuotas, "get_service_quota", denied)
    assert operated.run("verify", "prod", "--json") == 1
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (printed["starts"], [each["state"] for each in printed["checks"]]) == (False, ["ok", "ok", "unknown"])


@pytest.fixture
def stubbed() -> Generator[tuple[Any, Any]]:
    with boto.stub("ecr") as found:
        yield found


def test_an_index_names_its_platforms(stubbed: tuple[Any, Any]) -> None:
    reference = Reference.parse(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/mrgnl-mcp@sha256:{'1' * 64}")
    index = {"manifests": [{"platform": {"os": "linux", "architecture": each}} for each in ("amd64", "arm64")]}
    assert verify_services.platforms(stubbed[0], reference, index) == ["linux/amd64", "linux/arm64"]


def test_the_platform_of_an_image_is_in_its_configuration(stubbed: tuple[Any, Any]) -> None:
    """On botocore's stub: moto's layers have no content."""
    found, stub = stubbed
    reference = Reference.parse(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/mrgnl-mcp@sha256:{'1' * 64}")
    digest = f"sha256:{'2' * 64}"
    stub.add_response(
        "get_download_url_for_layer",
        {"downloadUrl": 'data:application/json,{"os":"linux","architecture":"arm64"}', "layerDigest": digest},
        {"registryId": "111122223333", "repositoryName": "mrgnl-mcp", "layerDigest": digest},
    )
    assert verify_services.platforms(found, reference, {"config": {"digest": digest}}) == ["linux/arm64"]
