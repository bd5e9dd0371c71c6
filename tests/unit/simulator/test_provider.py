from __future__ import annotations

from typing import Any, NoReturn

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2

from simulator.aws import INVOKES, ecs, rds
from simulator.aws.cloudwatch import LOG_GROUP
from simulator.cloud import HIDDEN
from simulator.provider import SECRET, SIGNATURE, UNKNOWN, Provider
from tests.unit.simulator.world import World

URN = "urn:pulumi:dev::marginalia::x::it"


class AbortedError(Exception):
    pass


class Context:
    """As much of a gRPC context as a refusal needs."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise AbortedError(code, details)


CONTEXT: Any = Context()


@pytest.fixture
def provider(world: World) -> Provider:
    """The aws package's, signed in to the simulator's account."""
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
    """What differs, and what of it needs a replacement."""
    request = provider_pb2.DiffRequest(urn=URN, type=type, old_inputs=struct(old), news=struct(new))
    answer = provider.Diff(request, CONTEXT)
    assert (answer.changes == provider_pb2.DiffResponse.DIFF_SOME) is bool(answer.diffs)
    return list(answer.diffs), list(answer.replaces)


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
    expected = (grpc.StatusCode.UNIMPLEMENTED, f"{token} is not simulated: say in {file} how the cloud answers for it")
    with pytest.raises(AbortedError) as type_refused:
        check(provider, token, {})
    with pytest.raises(AbortedError) as invoke_refused:
        provider.Invoke(provider_pb2.InvokeRequest(tok=token), CONTEXT)
    assert (type_refused.value.args, invoke_refused.value.args) == (expected, expected)


def test_a_refusal_is_a_failed_request_with_the_clouds_own_words(provider: Provider) -> None:
    create(provider, LOG_GROUP, {"name": "/ecs/mrgnl"})
    with pytest.raises(AbortedError) as refused:
        create(provider, "aws:ec2/internetGateway:InternetGateway", {"vpcId": "vpc-1"})
    assert refused.value.args == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "vpcId 'vpc-1' does not exist: no aws:ec2/vpc:Vpc has this id",
    )


def test_a_name_that_is_not_given_is_made_up_once_and_then_kept(provider: Provider) -> None:
    made_up = check(provider, LOG_GROUP, {})
    assert made_up == {"name": "it-0123456", "__defaults": ["name"]}
    kept = check(provider, LOG_GROUP, {}, olds={"name": "it-fedcba9"})
    assert kept == {"name": "it-fedcba9", "__defaults": ["name"]}
    assert check(provider, LOG_GROUP, {"name": "given"}, olds=made_up) == {"name": "given"}


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
def test_a_task_definitions_size_is_replaced_and_its_tags_are_changed_in_place(
    provider: Provider, old: dict[str, Any], new: dict[str, Any], changed: str, replaced: str
) -> None:
    assert diff(provider, ecs.TASK_DEFINITION, old, new) == (changed.split(), replaced.split())


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ({"name": "mcp"}, {"name": "mcp"}, True),
        ({"name": "mcp-1234567"}, {"name": "mcp-1234567", "__defaults": ["name"]}, False),
        ({"name": "mcp"}, {"name": "gateway"}, False),
    ],
)
def test_what_is_replaced_goes_first_only_where_the_program_gave_the_name_and_kept_it(
    provider: Provider, old: dict[str, Any], new: dict[str, Any], first: bool
) -> None:
    """https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/"""
    olds, news = struct({"cluster": "a", **old}), struct({"cluster": "b", **new})
    request = provider_pb2.DiffRequest(urn=URN, type=ecs.SERVICE, old_inputs=olds, news=news)
    assert provider.Diff(request, CONTEXT).deleteBeforeReplace is first


def test_registry_credentials_are_no_difference_of_an_image(world: World) -> None:
    """pulumi-docker does not look at them, and they are new at each run."""
    provider = Provider("docker", world.cloud, INVOKES)
    before, after = ({"registry": {"password": word}, "imageName": "a"} for word in ("one", "two"))
    assert diff(provider, "docker:index/image:Image", before, after) == ([], [])


def test_a_preview_makes_nothing_and_knows_nothing_of_what_the_cloud_will_compute(
    world: World, provider: Provider
) -> None:
    answer = create(provider, LOG_GROUP, {"name": "/ecs/mrgnl"}, preview=True)
    assert (answer.id, plain(answer.properties)) == ("", {"name": "/ecs/mrgnl", "arn": UNKNOWN})
    assert world.all(LOG_GROUP) == []


def test_a_secret_goes_back_to_the_engine_marked_and_is_not_kept(world: World, provider: Provider) -> None:
    answer = create(provider, LOG_GROUP, {"name": "/ecs/mrgnl", "tags": {"deep": [secret("hunter2")]}})
    assert plain(answer.properties)["tags"] == {"deep": [secret("hunter2")]}
    [made] = world.all(LOG_GROUP)
    assert made.properties["tags"] == HIDDEN


def test_a_refresh_tells_what_was_changed_and_takes_secrets_from_the_state(world: World, provider: Provider) -> None:
    inputs = {"name": "/ecs/mrgnl", "retentionInDays": 30.0, "tags": secret("hunter2")}
    made = create(provider, LOG_GROUP, inputs)
    [there] = world.all(LOG_GROUP)
    world.change(there, retentionInDays=7)
    request = provider_pb2.ReadRequest(
        urn=URN, type=LOG_GROUP, id=made.id, inputs=struct(inputs), properties=made.properties
    )
    answer = provider.Read(request, CONTEXT)
    assert plain(answer.inputs) == {**inputs, "retentionInDays": 7}
    assert plain(answer.properties) == {**plain(made.properties), "retentionInDays": 7}


def test_a_refresh_finds_that_something_is_gone(provider: Provider) -> None:
    request = provider_pb2.ReadRequest(urn=URN, type=LOG_GROUP, id="/ecs/mrgnl")
    assert provider.Read(request, CONTEXT).id == ""


def test_a_password_that_changes_is_changed_in_place(provider: Provider) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html"""
    before, after = ({"identifier": "mrgnl", "password": secret(word)} for word in ("one", "two"))
    assert diff(provider, rds.INSTANCE, before, after) == (["password"], [])
