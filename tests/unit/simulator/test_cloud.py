from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from simulator.aws import ec2, ecr, ecs, iam, rds, s3, secretsmanager
from simulator.aws.cloudwatch import LOG_GROUP
from simulator.cloud import HIDDEN, Call, Cloud, PartialError, ResourceType
from simulator.store import Object, Store
from tests.declared import ROOT
from tests.unit.simulator.world import World, network, refusal

ROLE = "aws:iam/role:Role"


def role(world: World, name: str = "role") -> Object:
    return world.create(ROLE, name, name=name, assumeRolePolicy="{}")


def test_an_object_is_what_was_asked_for_and_what_the_cloud_computes(world: World) -> None:
    made = world.create(ecs.CLUSTER, "cluster", name="mrgnl")
    arn = "arn:aws:ecs:us-east-1:000000000000:cluster/mrgnl"
    assert (made.id, made.urn, made.properties) == (arn, "cluster", {"name": "mrgnl", "arn": arn})


def test_no_two_objects_have_the_same_id_even_if_one_replaces_the_other(world: World) -> None:
    first = world.create(ec2.VPC, cidrBlock="10.0.0.0/16")
    world.delete(first)
    second = world.create(ec2.VPC, cidrBlock="10.0.0.0/16")
    assert first.id != second.id
    assert world.all(ec2.VPC) == [second]


def test_a_name_that_is_not_given_is_filled_in_and_one_that_is_given_is_kept(world: World) -> None:
    assert world.create(LOG_GROUP, "logs").properties["name"] == "logs-physical"
    assert world.create(LOG_GROUP, "logs", name="/ecs/mrgnl").properties["name"] == "/ecs/mrgnl"


def test_a_change_in_place_keeps_the_id_and_what_was_computed(world: World) -> None:
    made = world.create(ecs.CLUSTER, name="mrgnl")
    changed = world.update(made, settings=[{"name": "containerInsights", "value": "enabled"}])
    assert changed.id == made.id
    assert changed.properties["arn"] == made.properties["arn"]
    assert changed.properties["settings"] == [{"name": "containerInsights", "value": "enabled"}]


def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_error(world: World) -> None:
    made = world.create(LOG_GROUP, name="/ecs/mrgnl")
    world.delete(made)
    world.delete(made)
    assert world.all(LOG_GROUP) == []


def test_a_name_is_taken_once_in_an_account_and_region(world: World) -> None:
    role(world, "first")
    assert world.refusal(ROLE, "second", name="first", assumeRolePolicy="{}") == "name 'first' is taken by first"


def test_a_name_left_by_an_update_that_was_cut_off_is_refused_with_what_settles_it(world: World) -> None:
    role(world)
    assert world.refusal(ROLE, "role", name="role", assumeRolePolicy="{}") == (
        "name 'role' is taken by role; perhaps an update that was cut off made it: `make refresh` settles that"
    )


@pytest.mark.parametrize("elsewhere", [{"account": "000000000001"}, {"region": "eu-west-1"}])
def test_a_name_is_free_in_another_account_or_region(world: World, elsewhere: dict[str, str]) -> None:
    world.create(LOG_GROUP, name="/ecs/mrgnl")
    assert world.but(**elsewhere).create(LOG_GROUP, name="/ecs/mrgnl")


def test_a_buckets_name_is_taken_in_the_whole_world(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html: unique across all accounts."""
    world.create(s3.BUCKET, "ours", bucket="marginalia-content")
    stranger = world.but(account="000000000001", region="eu-west-1")
    assert stranger.refusal(s3.BUCKET, "theirs", bucket="marginalia-content") == (
        "bucket 'marginalia-content' is taken by ours"
    )


def test_an_inline_policys_name_is_free_in_another_role(world: World) -> None:
    for name in ("one", "two"):
        role(world, name)
        world.create(iam.ROLE_POLICY, f"{name}-policy", name="policy", role=name, policy="{}")
    assert world.refusal(iam.ROLE_POLICY, "third", name="policy", role="two", policy="{}") == (
        "name 'policy' is taken by two-policy"
    )


def test_what_refers_to_something_that_does_not_exist_is_refused_and_leaves_nothing(world: World) -> None:
    assert world.refusal(
        ec2.VPC_ENDPOINT, vpcId="vpc-1", routeTableIds=["rtb-1", "rtb-2"], serviceName="s3", vpcEndpointType="Gateway"
    ) == (
        "vpcId 'vpc-1' does not exist: no aws:ec2/vpc:Vpc has this id;"
        " routeTableIds 'rtb-1' does not exist: no aws:ec2/routeTable:RouteTable has this id;"
        " routeTableIds 'rtb-2' does not exist: no aws:ec2/routeTable:RouteTable has this id"
    )
    assert world.all(ec2.VPC_ENDPOINT) == []


def test_something_in_another_account_does_not_exist_for_this_one(world: World) -> None:
    vpc = world.but(account="000000000001").create(ec2.VPC, cidrBlock="10.0.0.0/16")
    assert world.refusal(ec2.INTERNET_GATEWAY, vpcId=vpc.id) == (
        f"vpcId '{vpc.id}' does not exist: no aws:ec2/vpc:Vpc has this id"
    )


def test_what_is_in_use_is_not_deleted_until_it_is_free(world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: DependencyViolation."""
    vpc, subnets = network(world)
    assert refusal(lambda: world.delete(vpc)) == (
        f"{vpc.id} is in use by subnet-a (vpcId); {vpc.id} is in use by subnet-b (vpcId)"
    )
    assert world.all(ec2.VPC) == [vpc]
    for each in (*subnets, vpc):
        world.delete(each)
    assert world.all(ec2.VPC) == []


def test_a_role_is_not_deleted_while_it_has_inline_policies(world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"""
    made = role(world)
    world.create(iam.ROLE_POLICY, "policy", role="role", policy="{}")
    assert refusal(lambda: world.delete(made)) == "role is in use by policy (role)"


def test_a_part_does_not_keep_its_whole_from_being_deleted(world: World) -> None:
    repository = world.create(ecr.REPOSITORY, name="mrgnl-promptsvc")
    world.create(ecr.LIFECYCLE_POLICY, repository="mrgnl-promptsvc", policy="{}")
    world.delete(repository)
    assert world.all(ecr.REPOSITORY) == []


def test_a_deleted_secret_takes_its_versions_with_it(world: World) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html: and all of its versions."""
    secret, other = (world.create(secretsmanager.SECRET, name, name=name) for name in ("one", "two"))
    for each in (secret, other):
        world.create(secretsmanager.SECRET_VERSION, secretId=each.id, secretString="x")
    world.delete(secret)
    assert [each.properties["secretId"] for each in world.all(secretsmanager.SECRET_VERSION)] == [other.id]


def test_a_task_definition_that_is_not_to_be_destroyed_stays(world: World) -> None:
    role(world)
    arn = "arn:aws:iam::000000000000:role/role"
    task: dict[str, str] = {
        "family": "mrgnl",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "containerDefinitions": "[]",
    }
    made = world.create(ecs.TASK_DEFINITION, **task, executionRoleArn=arn, taskRoleArn=arn, skipDestroy=True)
    world.delete(made)
    assert world.all(ecs.TASK_DEFINITION) == [made]


ORDER = {"subnet": frozenset({"vpc"}), "stranger": frozenset[str]()}


@pytest.mark.parametrize("name", sorted(ORDER))
def test_an_object_of_the_same_update_counts_only_for_those_that_depend_on_it(world: World, name: str) -> None:
    update = world.but(run="this", ancestors=lambda urn: ORDER[urn])  # pyright: ignore[reportUnknownLambdaType]
    vpc = update.create(ec2.VPC, "vpc", cidrBlock="10.0.0.0/16")
    inputs: dict[str, str] = {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/20", "availabilityZone": "us-east-1a"}
    if name == "subnet":
        assert update.create(ec2.SUBNET, name, **inputs)
    else:
        assert update.refusal(ec2.SUBNET, name, **inputs) == (
            f"vpcId '{vpc.id}' does not exist: no aws:ec2/vpc:Vpc has this id"
        )


def test_an_object_of_an_earlier_update_counts_for_all(world: World) -> None:
    vpc = world.but(run="before").create(ec2.VPC, "vpc", cidrBlock="10.0.0.0/16")
    update = world.but(run="this", ancestors=lambda urn: frozenset[str]())  # pyright: ignore[reportUnknownLambdaType]
    assert update.create(ec2.INTERNET_GATEWAY, vpcId=vpc.id)


def test_what_goes_wrong_in_a_change_that_is_made_is_told_and_the_change_stays(world: World) -> None:
    def complains(call: Call, made: dict[str, object]) -> list[str]:
        return [f"{call.urn}: {made['state']} is not what was asked for"]

    kind = ResourceType(id="it", outputs={"state": lambda _: "half"}, complains=complains)
    half = world.but(types={"test:index:It": kind})
    told = "urn: half is not what was asked for", "it", {"state": "half"}
    with pytest.raises(PartialError) as of_create:
        half.create("test:index:It", "urn", size=1)
    assert (str(of_create.value), of_create.value.id, of_create.value.outputs) == told
    made = half.get("test:index:It", "it")
    with pytest.raises(PartialError) as of_update:
        half.update(made, size=2)
    assert (str(of_update.value), of_update.value.id, of_update.value.outputs) == told
    assert half.get("test:index:It", "it").properties == {"size": 2, "state": "half"}


def test_no_secret_reaches_the_file_of_the_store(tmp_path: Path) -> None:
    hunter2 = "hunter2-hunter2"
    with closing(Store(tmp_path / "cloud.sqlite")) as store:
        world = World(store=store)
        _, subnets = network(world)
        world.create(rds.SUBNET_GROUP, name="mrgnl", subnetIds=[each.id for each in subnets])
        database = world.but(secret=frozenset({"password"})).create(
            rds.INSTANCE,
            identifier="mrgnl",
            password=hunter2,
            port=5432.0,
            dbSubnetGroupName="mrgnl",
            skipFinalSnapshot=True,
        )
        world.but(secret=frozenset({"password"})).update(database, password=f"{hunter2}-new")
        secret = world.create(secretsmanager.SECRET, name="url")
        world.but(secret=frozenset({"secretString"})).create(
            secretsmanager.SECRET_VERSION, secretId=secret.id, secretString=hunter2
        )
        files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert b"mrgnl" in files["cloud.sqlite"]
    assert [name for name, content in files.items() if b"hunter2" in content] == []


def test_a_random_password_is_not_kept(world: World) -> None:
    made = world.create("random:index/randomPassword:RandomPassword", length=32.0)
    assert made.properties == {"length": 32.0, "result": HIDDEN}


def test_every_reference_names_a_type_that_is_simulated(world: World) -> None:
    cloud = Cloud(store=world.store, root=ROOT, types=world.types)
    referred = {token for kind in cloud.types.values() for token, _ in kind.refers.values()}
    assert referred <= set(cloud.types)
