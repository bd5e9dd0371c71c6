from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from ecs import types
from simulator.cloud import REDACTED, Cloud, Request, ResourceType
from simulator.failure import InitFailedError
from simulator.sdk import UNKNOWN
from simulator.store import Object, Store
from tests.declared import EVERYTHING, ROOT
from tests.unit.simulator.world import TRUST, World, network, rejection


def role(world: World, name: str = "role") -> Object:
    return world.create(types.ROLE, name, name=name, assumeRolePolicy=TRUST)


def test_an_object_has_the_inputs_and_the_computed_outputs(world: World) -> None:
    created = world.create(types.CLUSTER, "cluster", name="mrgnl")
    arn = "arn:aws:ecs:us-east-1:000000000000:cluster/mrgnl"
    assert (created.id, created.urn, created.properties) == (arn, "cluster", {"name": "mrgnl", "arn": arn})


def test_a_replacement_has_another_id(world: World) -> None:
    first = world.create(types.VPC, cidrBlock="10.0.0.0/16")
    world.delete(first)
    second = world.create(types.VPC, cidrBlock="10.0.0.0/16")
    assert first.id != second.id
    assert world.all(types.VPC) == [second]


def test_a_missing_name_is_generated_and_an_explicit_name_is_kept(world: World) -> None:
    assert world.create(types.LOG_GROUP, "logs").properties["name"] == "logs-physical"
    assert world.create(types.LOG_GROUP, "logs", name="/ecs/mrgnl").properties["name"] == "/ecs/mrgnl"


def test_an_update_keeps_the_id_and_the_outputs(world: World) -> None:
    created = world.create(types.CLUSTER, name="mrgnl")
    changed = world.update(created, settings=[{"name": "containerInsights", "value": "enabled"}])
    assert changed.id == created.id
    assert changed.properties["arn"] == created.properties["arn"]
    assert changed.properties["settings"] == [{"name": "containerInsights", "value": "enabled"}]


def test_a_second_delete_succeeds(world: World) -> None:
    created = world.create(types.LOG_GROUP, name="/ecs/mrgnl")
    world.delete(created)
    world.delete(created)
    assert world.all(types.LOG_GROUP) == []


def test_a_second_object_with_the_same_name_is_rejected(world: World) -> None:
    role(world, "first")
    assert (
        world.rejection(types.ROLE, "second", name="first", assumeRolePolicy=TRUST) == "name 'first' is taken by first"
    )


def test_a_preview_rejects_a_known_name_that_another_resource_has(world: World) -> None:
    role(world, "first")
    trust = {"assumeRolePolicy": TRUST}
    refused = rejection(lambda: world.preview(types.ROLE, "second", name="first", **trust))
    assert refused == "name 'first' is taken by first"
    world.preview(types.ROLE, "first", name="first", **trust)  # its own replacement
    world.preview(types.ROLE, "second", name=UNKNOWN, **trust)
    world.preview(types.ROLE_POLICY, "third", name="policy", policy=EVERYTHING, role=UNKNOWN)  # perhaps of another role


def test_a_name_that_an_interrupted_update_left_is_rejected_with_the_command_to_run(world: World) -> None:
    role(world)
    assert world.rejection(types.ROLE, "role", name="role", assumeRolePolicy=TRUST) == (
        "name 'role' is taken by role; perhaps an interrupted update created it: run `make refresh`"
    )


def test_a_name_that_is_taken_is_rejected_with_the_code_of_aws(world: World) -> None:
    world.create(types.NAMESPACE, "first", name="mrgnl")
    assert world.rejection(types.NAMESPACE, "second", name="mrgnl") == (
        "NamespaceAlreadyExists: name 'mrgnl' is taken by first"
    )


def test_what_was_deleted_by_hand_can_be_put_again_but_not_changed(world: World) -> None:
    role(world)
    group = world.create(types.LOG_GROUP, name="/ecs/mrgnl", retentionInDays=30)
    policy = world.create(types.ROLE_POLICY, "policy", name="policy", role="role", policy=EVERYTHING)
    for each in (group, policy):
        world.store.remove(each)
    assert world.update(policy, policy=f"{EVERYTHING} ").properties["policy"] == f"{EVERYTHING} "
    assert rejection(lambda: world.update(group, retentionInDays=60)) == (
        "ResourceNotFoundException: /ecs/mrgnl does not exist"
    )


@pytest.mark.parametrize("other", [{"account": "000000000001"}, {"region": "eu-west-1"}])
def test_a_name_can_be_used_again_in_another_account_or_region(world: World, other: dict[str, str]) -> None:
    world.create(types.LOG_GROUP, name="/ecs/mrgnl")
    assert world.replace(**other).create(types.LOG_GROUP, name="/ecs/mrgnl")


def test_a_bucket_name_is_unique_across_all_accounts_and_regions(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
    world.create(types.BUCKET, "ours", bucket="marginalia-content")
    other = world.replace(account="000000000001", region="eu-west-1")
    assert other.rejection(types.BUCKET, "theirs", bucket="marginalia-content") == (
        "BucketAlreadyExists: bucket 'marginalia-content' is taken by ours"
    )


def test_the_name_of_an_inline_policy_is_unique_within_its_role(world: World) -> None:
    for name in ("one", "two"):
        role(world, name)
        world.create(types.ROLE_POLICY, f"{name}-policy", name="policy", role=name, policy=EVERYTHING)
    assert world.rejection(types.ROLE_POLICY, "third", name="policy", role="two", policy=EVERYTHING) == (
        "name 'policy' is taken by two-policy"
    )


def test_a_reference_to_a_missing_object_is_rejected_and_nothing_is_stored(world: World) -> None:
    assert world.rejection(
        types.VPC_ENDPOINT,
        vpcId="vpc-1",
        routeTableIds=["rtb-1", "rtb-2"],
        serviceName="com.amazonaws.us-east-1.s3",
        vpcEndpointType="Gateway",
    ) == (
        "vpcId 'vpc-1' does not exist: no aws:ec2/vpc:Vpc has this id;"
        " routeTableIds 'rtb-1' does not exist: no aws:ec2/routeTable:RouteTable has this id;"
        " routeTableIds 'rtb-2' does not exist: no aws:ec2/routeTable:RouteTable has this id"
    )
    assert world.all(types.VPC_ENDPOINT) == []


def test_a_reference_to_an_object_of_another_account_is_rejected(world: World) -> None:
    vpc = world.replace(account="000000000001").create(types.VPC, cidrBlock="10.0.0.0/16")
    assert world.rejection(types.INTERNET_GATEWAY, vpcId=vpc.id) == (
        f"vpcId '{vpc.id}' does not exist: no aws:ec2/vpc:Vpc has this id"
    )


def test_an_object_in_use_cannot_be_deleted(world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: DependencyViolation."""
    vpc, subnets = network(world)
    assert rejection(lambda: world.delete(vpc)) == (
        f"{vpc.id} is in use by subnet-a (vpcId); {vpc.id} is in use by subnet-b (vpcId)"
    )
    assert world.all(types.VPC) == [vpc]
    for each in (*subnets, vpc):
        world.delete(each)
    assert world.all(types.VPC) == []


def test_a_role_with_inline_policies_cannot_be_deleted(world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"""
    created = role(world)
    world.create(types.ROLE_POLICY, "policy", role="role", policy=EVERYTHING)
    assert rejection(lambda: world.delete(created)) == "role is in use by policy (role)"


def test_a_lifecycle_policy_does_not_block_the_delete_of_its_repository(world: World) -> None:
    repository = world.create(types.REPOSITORY, name="mrgnl-promptsvc")
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    world.create(types.LIFECYCLE_POLICY, repository="mrgnl-promptsvc", policy=json.dumps({"rules": [rule]}))
    world.delete(repository)
    assert world.all(types.REPOSITORY) == []


def test_the_delete_of_a_secret_removes_its_versions(world: World) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
    secret, other = (world.create(types.SECRET, name, name=name) for name in ("one", "two"))
    for each in (secret, other):
        world.create(types.SECRET_VERSION, secretId=each.id, secretString="x")
    world.delete(secret)
    assert [each.properties["secretId"] for each in world.all(types.SECRET_VERSION)] == [other.id]


def test_a_task_definition_with_skip_destroy_is_retained_on_delete(world: World) -> None:
    role(world)
    arn = "arn:aws:iam::000000000000:role/role"
    task: dict[str, str] = {
        "family": "mrgnl",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "containerDefinitions": '[{"name": "mrgnl", "image": "mrgnl"}]',
    }
    created = world.create(types.TASK_DEFINITION, **task, executionRoleArn=arn, taskRoleArn=arn, skipDestroy=True)
    world.delete(created)
    assert world.all(types.TASK_DEFINITION) == [created]


ORDER = {"subnet": frozenset({"vpc"}), "other": frozenset[str]()}


@pytest.mark.parametrize("name", sorted(ORDER))
def test_an_object_of_the_same_update_is_visible_only_to_its_dependents(world: World, name: str) -> None:
    update = world.replace(run="this", ancestors=lambda urn: ORDER[urn])  # pyright: ignore[reportUnknownLambdaType]
    vpc = update.create(types.VPC, "vpc", cidrBlock="10.0.0.0/16")
    inputs: dict[str, str] = {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/20", "availabilityZone": "us-east-1a"}
    if name == "subnet":
        assert update.create(types.SUBNET, name, **inputs)
    else:
        assert update.rejection(types.SUBNET, name, **inputs) == (
            f"vpcId '{vpc.id}' does not exist: no aws:ec2/vpc:Vpc has this id"
        )


def test_an_object_of_an_earlier_update_is_visible_to_every_resource(world: World) -> None:
    vpc = world.replace(run="before").create(types.VPC, "vpc", cidrBlock="10.0.0.0/16")
    update = world.replace(run="this", ancestors=lambda urn: frozenset[str]())  # pyright: ignore[reportUnknownLambdaType]
    assert update.create(types.INTERNET_GATEWAY, vpcId=vpc.id)


def test_init_errors_are_raised_and_the_change_is_stored(world: World) -> None:
    def not_ready(request: Request, properties: dict[str, object]) -> list[str]:
        return [f"{request.urn}: {properties['state']} created"]

    resource_type = ResourceType(id="it", outputs={"state": lambda _: "half"}, init_errors=not_ready)
    half = world.replace(types={"test:index:It": resource_type})
    expected = "urn: half created", "it", {"state": "half"}
    with pytest.raises(InitFailedError) as of_create:
        half.create("test:index:It", "urn", size=1)
    assert (str(of_create.value), of_create.value.id, of_create.value.outputs) == expected
    created = half.get("test:index:It", "it")
    with pytest.raises(InitFailedError) as of_update:
        half.update(created, size=2)
    assert (str(of_update.value), of_update.value.id, of_update.value.outputs) == expected
    assert half.get("test:index:It", "it").properties == {"size": 2, "state": "half"}


def test_the_file_of_the_store_contains_no_secret(tmp_path: Path) -> None:
    hunter2 = "hunter2-hunter2"
    with closing(Store(tmp_path / "cloud.sqlite")) as store:
        world = World(store=store)
        _, subnets = network(world)
        world.create(types.DB_SUBNET_GROUP, name="mrgnl", subnetIds=[each.id for each in subnets])
        database = world.replace(secret=frozenset({"password"})).create(
            types.DB_INSTANCE,
            allocatedStorage=20.0,
            engine="postgres",
            identifier="mrgnl",
            instanceClass="db.t4g.micro",
            username="marginalia",
            password=hunter2,
            port=5432.0,
            dbSubnetGroupName="mrgnl",
            skipFinalSnapshot=True,
        )
        world.replace(secret=frozenset({"password"})).update(database, password=f"{hunter2}-new")
        secret = world.create(types.SECRET, name="url")
        world.replace(secret=frozenset({"secretString"})).create(
            types.SECRET_VERSION, secretId=secret.id, secretString=hunter2
        )
        files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert b"mrgnl" in files["cloud.sqlite"]
    assert [name for name, content in files.items() if b"hunter2" in content] == []


def test_a_random_password_is_not_stored(world: World) -> None:
    created = world.create(types.RANDOM_PASSWORD, length=32.0)
    assert created.properties == {"length": 32.0, "result": REDACTED}


def test_every_reference_names_a_simulated_type(world: World) -> None:
    cloud = Cloud(store=world.store, root=ROOT, types=world.types)
    referenced = {token for kind in cloud.types.values() for token, _ in kind.references.values()}
    assert referenced <= set(cloud.types)
