from __future__ import annotations

import json
from typing import Any, NoReturn, cast

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2

from config.problems import UserError
from ecs import types
from simulator import serving
from simulator.aws import INVOKES
from simulator.cloud import REDACTED
from simulator.faults import Fault, Faults
from simulator.provider import Provider
from simulator.sdk import SECRET, SIGNATURE, UNKNOWN
from tests.unit.simulator.world import World

URN = "urn:pulumi:dev::marginalia::x::it"


class AbortedError(Exception):
    pass


class Context:
    """A gRPC context that implements only `abort`."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise AbortedError(code, details)


CONTEXT: Any = Context()


@pytest.fixture
def provider(world: World) -> Provider:
    """The provider of the aws package, configured with the account and region of `world`."""
    provider = Provider("aws", world.cloud, INVOKES)
    args = struct({"region": world.region, "allowedAccountIds": f'["{world.account}"]'})
    provider.Configure(provider_pb2.ConfigureRequest(args=args), CONTEXT)
    return provider


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    return json_format.MessageToDict(message)


def check(provider: Provider, type: str, news: dict[str, Any], olds: dict[str, Any] | None = None) -> dict[str, Any]:
    request = provider_pb2.CheckRequest(
        urn=URN, type=type, name="it", news=struct(news), olds=struct(olds or {}), randomSeed=b"\x01\x23\x45\x67\x89"
    )
    return plain(provider.Check(request, CONTEXT).inputs)


def diff(provider: Provider, type: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The changed inputs, and those that replace the resource."""
    request = provider_pb2.DiffRequest(urn=URN, type=type, old_inputs=struct(old), news=struct(new))
    response = provider.Diff(request, CONTEXT)
    assert (response.changes == provider_pb2.DiffResponse.DIFF_SOME) is bool(response.diffs)
    return list(response.diffs), list(response.replaces)


def create(provider: Provider, type: str, properties: dict[str, Any], *, preview: bool = False) -> Any:
    request = provider_pb2.CreateRequest(urn=URN, type=type, properties=struct(properties), preview=preview)
    return provider.Create(request, CONTEXT)


def secret(value: str) -> dict[str, str]:
    return {SIGNATURE: SECRET, "value": value}


@pytest.mark.parametrize(
    ("token", "file"),
    [
        ("aws:sqs/queue:Queue", "simulator/aws/sqs.py"),
        ("aws:ecs/tag:Tag", "simulator/aws/ecs.py"),
        ("docker:index/network:Network", "simulator/docker.py"),
        ("random:index/randomPet:RandomPet", "simulator/random.py"),
    ],
)
def test_an_unknown_type_or_function_names_the_file_to_extend(provider: Provider, token: str, file: str) -> None:
    expected = (grpc.StatusCode.UNIMPLEMENTED, f"{token}: not simulated. Add it to TYPES or INVOKES in {file}.")
    with pytest.raises(AbortedError) as type_error:
        check(provider, token, {})
    with pytest.raises(AbortedError) as invoke_error:
        provider.Invoke(provider_pb2.InvokeRequest(tok=token), CONTEXT)
    assert (type_error.value.args, invoke_error.value.args) == (expected, expected)


def test_a_rejected_request_fails_with_the_message_of_the_cloud(provider: Provider) -> None:
    create(provider, types.LOG_GROUP, {"name": "/ecs/mrgnl"})
    with pytest.raises(AbortedError) as error:
        create(provider, types.INTERNET_GATEWAY, {"vpcId": "vpc-1"})
    assert error.value.args == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "vpcId 'vpc-1' does not exist: no aws:ec2/vpc:Vpc has this id",
    )


def test_a_fault_makes_no_random_resource_fail_as_it_needs_no_request(world: World) -> None:
    faulty = world.replace(faults=Faults((Fault("create-unfinished", "it"), Fault("expired", "it"))))
    provider = Provider("random", faulty.cloud, {})
    assert create(provider, types.RANDOM_PASSWORD, {"length": 40}).id
    assert not faulty.faults.played


def test_a_missing_name_is_generated_once_and_then_kept(provider: Provider) -> None:
    generated = check(provider, types.LOG_GROUP, {})
    assert generated == {"name": "it-0123456", "__defaults": ["name"]}
    kept = check(provider, types.LOG_GROUP, {}, olds={"name": "it-fedcba9"})
    assert kept == {"name": "it-fedcba9", "__defaults": ["name"]}
    assert check(provider, types.LOG_GROUP, {"name": "explicit"}, olds=generated) == {"name": "explicit"}


@pytest.mark.parametrize(
    ("old", "new", "changed", "replaced"),
    [
        ({"cpu": "256"}, {"cpu": "256"}, "", ""),
        ({"cpu": "256", "tags": {}}, {"cpu": "512", "tags": {"a": "b"}}, "cpu tags", "cpu"),
        ({"tags": {"a": "b"}}, {}, "tags", ""),
        ({"cpu": secret("256")}, {"cpu": "256"}, "", ""),
        ({"cpu": secret("256")}, {"cpu": secret("512")}, "cpu", "cpu"),
        ({"cpu": "256"}, {"cpu": UNKNOWN}, "cpu", "cpu"),
        ({"__defaults": []}, {"__defaults": ["x"]}, "", ""),
    ],
)
def test_a_new_size_replaces_a_task_definition_and_new_tags_update_it(
    provider: Provider, old: dict[str, Any], new: dict[str, Any], changed: str, replaced: str
) -> None:
    assert diff(provider, types.TASK_DEFINITION, old, new) == (changed.split(), replaced.split())


@pytest.mark.parametrize(
    ("old", "new", "delete_first"),
    [
        ({"name": "mcp"}, {"name": "mcp"}, True),
        ({"name": "mcp-1234567"}, {"name": "mcp-1234567", "__defaults": ["name"]}, False),
        ({"name": "mcp"}, {"name": "gateway"}, False),
    ],
)
def test_a_replacement_deletes_first_only_if_it_keeps_an_explicit_name(
    provider: Provider, old: dict[str, Any], new: dict[str, Any], delete_first: bool
) -> None:
    """https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/"""
    olds, news = struct({"cluster": "a", **old}), struct({"cluster": "b", **new})
    request = provider_pb2.DiffRequest(urn=URN, type=types.SERVICE, old_inputs=olds, news=news)
    assert provider.Diff(request, CONTEXT).deleteBeforeReplace is delete_first


def test_the_policy_that_expires_images_is_deleted_before_its_replacement_is_put(provider: Provider) -> None:
    """https://github.com/pulumi/pulumi-aws/pull/2085"""
    olds, news = (struct({"repository": "mcp", "policy": policy}) for policy in ("{}", "[]"))
    request = provider_pb2.DiffRequest(urn=URN, type=types.LIFECYCLE_POLICY, old_inputs=olds, news=news)
    response = provider.Diff(request, CONTEXT)
    assert (list(response.replaces), response.deleteBeforeReplace) == (["policy"], True)


@pytest.mark.parametrize(("value", "changed"), [("", ["containerDefinitions"]), ("x", [])])
def test_an_input_that_the_cloud_does_not_keep_is_a_change_in_the_next_preview(
    provider: Provider, value: str, changed: list[str]
) -> None:
    inputs = {
        "family": "it",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "containerDefinitions": json.dumps(
            [{"name": "it", "image": "it", "environment": [{"name": "A", "value": value}]}]
        ),
    }
    olds = create(provider, types.TASK_DEFINITION, inputs).properties
    request = provider_pb2.DiffRequest(
        urn=URN, type=types.TASK_DEFINITION, olds=olds, old_inputs=struct(inputs), news=struct(inputs)
    )
    response = provider.Diff(request, CONTEXT)
    assert (list(response.diffs), list(response.replaces)) == (changed, changed)


def test_new_registry_credentials_are_not_a_difference_of_an_image(world: World) -> None:
    """pulumi-docker ignores the credentials, which differ in each update."""
    provider = Provider("docker", world.cloud, INVOKES)
    before, after = ({"registry": {"password": password}, "imageName": "a"} for password in ("one", "two"))
    assert diff(provider, types.DOCKER_IMAGE, before, after) == ([], [])


def test_the_preview_of_a_create_stores_nothing_and_returns_unknown_outputs(world: World, provider: Provider) -> None:
    response = create(provider, types.LOG_GROUP, {"name": "/ecs/mrgnl"}, preview=True)
    assert (response.id, plain(response.properties)) == ("", {"name": "/ecs/mrgnl", "arn": UNKNOWN})
    assert world.all(types.LOG_GROUP) == []


def test_a_secret_is_returned_to_the_engine_as_a_secret_and_is_not_stored(world: World, provider: Provider) -> None:
    response = create(provider, types.LOG_GROUP, {"name": "/ecs/mrgnl", "tags": {"deep": [secret("hunter2")]}})
    assert plain(response.properties)["tags"] == {"deep": [secret("hunter2")]}
    [created] = world.all(types.LOG_GROUP)
    assert created.properties["tags"] == REDACTED


def test_a_refresh_returns_changed_inputs_and_takes_secrets_from_the_state(world: World, provider: Provider) -> None:
    inputs = {"name": "/ecs/mrgnl", "retentionInDays": 30.0, "tags": secret("hunter2")}
    created = create(provider, types.LOG_GROUP, inputs)
    [existing] = world.all(types.LOG_GROUP)
    world.change(existing, retentionInDays=7)
    request = provider_pb2.ReadRequest(
        urn=URN, type=types.LOG_GROUP, id=created.id, inputs=struct(inputs), properties=created.properties
    )
    response = provider.Read(request, CONTEXT)
    assert plain(response.inputs) == {**inputs, "retentionInDays": 7}
    assert plain(response.properties) == {**plain(created.properties), "retentionInDays": 7}


def test_a_refresh_of_a_missing_object_returns_no_id(provider: Provider) -> None:
    request = provider_pb2.ReadRequest(urn=URN, type=types.LOG_GROUP, id="/ecs/mrgnl")
    assert provider.Read(request, CONTEXT).id == ""


def test_a_new_password_updates_a_database_in_place(provider: Provider) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html"""
    before, after = ({"identifier": "mrgnl", "password": secret(password)} for password in ("one", "two"))
    assert diff(provider, types.DB_INSTANCE, before, after) == (["password"], [])


def test_a_machine_without_loopback_is_one_message_and_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "LOOPBACK", "192.0.2.1")  # RFC 5737: no interface has it
    cloud = cast(Any, None)
    with pytest.raises(UserError, match=r"192\.0\.2\.1: .*: enable it"), serving.serving(cloud, {}, {"aws": ""}):
        pass
