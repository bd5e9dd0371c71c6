from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from config.load import Configuration
from ecs import types
from ecs.network import blocks
from simulator import fixed
from simulator.store import Object
from tests.declared import CATALOGUE, REGION
from tests.unit.config.stack_settings import read
from tests.unit.simulator.world import TRUST, World

CIDR = "10.20.0.0/16"
URN = "urn:pulumi:test::marginalia::"


def configuration(*zones: str, cidr: str = CIDR) -> Configuration:
    settings = read(f"network: {{cidr: {cidr}, zones: {json.dumps([f'{REGION}{zone}' for zone in zones])}}}")
    return Configuration(catalogue=CATALOGUE, settings=settings, region=REGION)


def deploy_network(world: World, *zones: str, stack: str = "test") -> None:
    """Creates the subnets of a stack with these zones."""
    urn = URN.replace("test", stack)
    vpc = world.create(types.VPC, f"{urn}vpc", cidrBlock=CIDR)
    for kind, ranges in zip(("public", "private"), blocks(IPv4Network(CIDR)), strict=True):
        for zone, block in zip(zones, ranges, strict=False):
            world.create(
                types.SUBNET,
                f"{urn}{kind}-{zone}",
                vpcId=vpc.id,
                cidrBlock=str(block),
                availabilityZone=f"{REGION}{zone}",
            )


@pytest.mark.parametrize(
    ("zones", "zone", "block", "owner"),
    [
        pytest.param("bac", "b", "10.20.0.0/20", "a", id="swapped"),
        pytest.param("bc", "b", "10.20.0.0/20", "a", id="first-removed"),
        pytest.param("ac", "c", "10.20.16.0/20", "b", id="middle-removed"),
        pytest.param("dabc", "d", "10.20.0.0/20", "a", id="prepended"),
        pytest.param("abd", "d", "10.20.32.0/20", "c", id="last-exchanged"),
    ],
)
def test_a_zone_that_would_get_the_range_of_another_zone_is_one_problem(
    world: World, zones: str, zone: str, block: str, owner: str
) -> None:
    deploy_network(world, *"abc")
    assert list(fixed.problems(world.store, configuration(*zones), "test")) == [
        f"Pulumi.test.yaml: marginalia:stack.network.zones: {REGION}{zone} would get {block}, which {REGION}{owner}"
        f" has: the order determines the ranges. Keep {REGION}a, {REGION}b, {REGION}c in this order;"
        " add and remove at the end."
    ]


@pytest.mark.parametrize("zones", ["abc", "ab", "abcd"])
def test_zones_are_added_and_removed_at_the_end(world: World, zones: str) -> None:
    deploy_network(world, *"abc")
    assert not list(fixed.problems(world.store, configuration(*zones), "test"))


def test_a_deployed_stack_keeps_the_range_of_its_vpc(world: World) -> None:
    deploy_network(world, *"ab")
    changed = configuration(*"ab", cidr="10.21.0.0/16")
    assert not list(fixed.problems(world.store, changed, "test")), "AWS replaces an empty VPC"
    subnets = [each.id for each in world.all(types.SUBNET)]
    world.create(types.DB_SUBNET_GROUP, f"{URN}subnets", name="mrgnl", subnetIds=subnets)
    assert list(fixed.problems(world.store, changed, "test")) == [
        "Pulumi.test.yaml: marginalia:stack.network.cidr: 10.21.0.0/16: test is deployed in 10.20.0.0/16, and AWS moves"
        " no load balancer and no database to another VPC. Create another stack: docs/howto/third-stack.md"
    ]
    assert not list(fixed.problems(world.store, changed, "other"))


def test_a_database_keeps_its_storage_or_gets_more(world: World) -> None:
    deploy_network(world, *"ab")
    world.store.put(Object(**WHERE, kind=types.DB_INSTANCE, id="db", properties={"allocatedStorage": 40}))
    less, same, rounded, more = (with_storage(number, number) for number in (30, 40, 43, 44))
    assert list(fixed.problems(world.store, less, "test")) == [
        "Pulumi.test.yaml: marginalia:stack.database.storage: 30: the database of test has 40 GiB, and RDS does not"
        " decrease storage. Set 40 or more, or copy the data into another stack: docs/howto/third-stack.md"
    ]
    assert list(fixed.problems(world.store, rounded, "test")) == [
        "Pulumi.test.yaml: marginalia:stack.database.storage: 43: the database of test has 40 GiB, and RDS increases"
        " storage by at least 10 %. Set 44 or more"
    ], "RDS makes it 44, and the next update asks for 43"
    assert not [*fixed.problems(world.store, same, "test"), *fixed.problems(world.store, more, "test")]


@pytest.mark.parametrize("storage", [20, 40, 43, 44])
def test_a_database_whose_storage_rds_may_increase_keeps_its_stack_file(world: World, storage: int) -> None:
    """RDS increased 20 GiB to 40, or rounds 43 up: the provider finds no difference."""
    deploy_network(world, *"ab")
    properties = {"allocatedStorage": 40, "maxAllocatedStorage": 60}
    world.store.put(Object(**WHERE, kind=types.DB_INSTANCE, id="db", properties=properties))
    assert not list(fixed.problems(world.store, with_storage(storage, 60), "test"))


def test_a_new_limit_of_the_storage_leaves_room_for_an_increase(world: World) -> None:
    deploy_network(world, *"ab")
    properties = {"allocatedStorage": 40, "maxAllocatedStorage": 40}
    world.store.put(Object(**WHERE, kind=types.DB_INSTANCE, id="db", properties=properties))
    assert list(fixed.problems(world.store, with_storage(20, 43), "test")) == [
        "Pulumi.test.yaml: marginalia:stack.database.max-storage: 43: the database of test has 40 GiB, and RDS takes no"
        " limit below 10 % more. Set 44 or more, or set both storage and max-storage to 40, so that RDS increases"
        " nothing"
    ]
    assert not list(fixed.problems(world.store, with_storage(20, 40), "test")), "the limit is reached, not changed"
    assert not list(fixed.problems(world.store, with_storage(20, 44), "test"))


def test_a_protected_database_and_its_bucket_keep_their_names(world: World) -> None:
    deploy_network(world, *"ab")
    properties = {"allocatedStorage": 20, "identifier": "former"}
    instance = Object(**WHERE, kind=types.DB_INSTANCE, id="db", properties=properties)
    world.store.put(Object(**WHERE, kind=types.BUCKET, id="b", properties={"bucket": "former-content"}))
    world.store.put(instance)
    assert not list(fixed.problems(world.store, with_storage(20), "test")), (
        "a stack that is not protected may lose both"
    )
    world.store.put(replace(instance, properties={**properties, "deletionProtection": True}))
    cure = (
        "Copy the data, set `protect: false`, run `make up STACK=test`, then change it: docs/runbook.md#delete-a-stack"
    )
    assert list(fixed.problems(world.store, with_storage(20), "test")) == [
        f"Pulumi.test.yaml: marginalia:stack.{key}: {new}: would delete {old} with its data, which is protected. {cure}"
        for key, new, old in (
            ("prefix", "mrgnl", "former"),
            ("bucket.name", "marginalia-content-test", "former-content"),
        )
    ]


WHERE = {"account": "000000000000", "region": REGION, "urn": f"{URN}instance", "run": ""}


def with_storage(number: int, limit: int = 80) -> Configuration:
    zones = [f"{REGION}a", f"{REGION}b"]
    settings = read(
        f"network: {{cidr: {CIDR}, zones: {json.dumps(zones)}}}\ndatabase: {{storage: {number}, max-storage: {limit}}}"
    )
    return Configuration(catalogue=CATALOGUE, settings=settings, region=REGION)


def test_the_zones_of_another_stack_have_no_effect(world: World) -> None:
    deploy_network(world, *"abc", stack="other")
    assert not list(fixed.problems(world.store, configuration("b", "a"), "test"))


def deploy_service(world: World, protocol: str, *, connected: bool = True) -> None:
    """Creates authsvc with this protocol."""
    cluster = world.create(types.CLUSTER, f"{URN}cluster", name="mrgnl")
    world.create(types.CAPACITY_PROVIDERS, f"{URN}providers", clusterName="mrgnl", capacityProviders=["FARGATE"])
    port = {"name": protocol, "containerPort": 9001, "protocol": "tcp", "appProtocol": protocol}
    container = {"name": "authsvc", "image": "x", "portMappings": [port]}
    task = world.create(
        types.TASK_DEFINITION,
        f"{URN}task",
        family="mrgnl-authsvc",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        executionRoleArn=world.create(types.ROLE, f"{URN}role", name="role", assumeRolePolicy=TRUST).properties["arn"],
        runtimePlatform={"cpuArchitecture": "X86_64"},
        containerDefinitions=json.dumps([container]),
    )
    alias = {"portName": protocol, "discoveryName": "authsvc", "clientAlias": [{"dnsName": "authsvc", "port": 9001}]}
    world.store.put(
        replace(
            cluster,
            kind=types.SERVICE,
            id="service",
            urn=f"{URN}service",
            properties={
                "name": "authsvc",
                "taskDefinition": task.properties["arn"],
                "serviceConnectConfiguration": {"services": [alias] if connected else []},
            },
        )
    )


def test_another_protocol_of_a_running_service_is_a_problem_with_the_cure(world: World) -> None:
    deploy_service(world, "http")
    assert list(fixed.problems(world.store, configuration("a", "b"), "test")) == [
        "services.py: authsvc.protocol: test runs it with 'http', and ECS does not change the protocol of a running"
        " service. Give the service a new name: docs/howto/remove-a-service.md"
    ]


def test_the_protocol_of_a_service_without_a_service_connect_name_can_change(world: World) -> None:
    deploy_service(world, "http", connected=False)
    assert not list(fixed.problems(world.store, configuration("a", "b"), "test"))


def test_a_service_that_keeps_its_protocol_is_no_problem(world: World) -> None:
    deploy_service(world, "grpc")
    assert not list(fixed.problems(world.store, configuration("a", "b"), "test"))
