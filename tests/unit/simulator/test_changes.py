"""What AWS refuses of a change of a running stack, and of a deletion."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ecs import types
from simulator.aws import changes, deletions
from simulator.check import Check, Checks
from simulator.store import Object
from tests.program.mutations import deployed, stored
from tests.unit.simulator.world import World, network, rejection

EVERY: list[Check[Any]] = [
    check
    for module in (changes, deletions)
    for found in vars(module).values()
    if isinstance(found, Checks)
    for check in cast(Checks[Any], found).all
]


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.reasons.__name__)
def test_a_check_of_a_change_claims_something_and_names_its_page(check: Check[Any]) -> None:
    assert check.claim.endswith(".")
    assert check.page.startswith("https://docs.aws.amazon.com/")


HTTPS: dict[str, Any] = {
    "network": {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": "public"},
    "ingress": {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"},
}


@pytest.fixture
def stack() -> World:
    """What the program declares with a domain and public addresses."""
    return deployed(**HTTPS)


def another_vpc(world: World) -> list[str]:
    """The subnets of another VPC."""
    return [each.id for each in network(world)[1]]


def group(world: World, *subnets: str) -> Object:
    return world.create(types.DB_SUBNET_GROUP, "more", name="more", subnetIds=list(subnets))


def with_a_fixed_storage(stack: World) -> Object:
    """The database with 40 GiB. One that grows by itself ignores a smaller number."""
    stack.update(stored(stack, "database-instance"), allocatedStorage=40.0, maxAllocatedStorage=0.0)
    return stored(stack, "database-instance")


def test_a_database_keeps_its_storage_its_version_and_its_subnet_group(stack: World) -> None:
    instance = with_a_fixed_storage(stack)
    same_vpc = group(stack, *stored(stack, "database-subnets").properties["subnetIds"])
    refused = {
        "allocated storage cannot be decreased: 40 GiB to 30 GiB": {"allocatedStorage": 30.0},
        "InvalidParameterCombination: Cannot upgrade postgres from 16 to 15.7": {"engineVersion": "15.7"},
        "The AllowMajorVersionUpgrade flag must be present": {"engineVersion": "17"},
        "InvalidVPCNetworkStateFault: You cannot move DB instance mrgnl": {"dbSubnetGroupName": same_vpc.id},
    }
    for reason, inputs in refused.items():
        assert reason in rejection(lambda inputs=inputs: stack.update(instance, **inputs))
    for inputs in (
        {"engineVersion": "16.4"},
        {"allocatedStorage": 50.0},
        {"instanceClass": "db.m7g.large", "multiAz": True},
        {"engineVersion": "17", "allowMajorVersionUpgrade": True, "parameterGroupName": "default.postgres17"},
    ):
        assert stack.update(stored(stack, "database-instance"), **inputs)


def test_a_preview_refuses_less_storage_and_an_older_version_of_a_database(stack: World) -> None:
    instance = with_a_fixed_storage(stack)
    assert "cannot be decreased" in rejection(lambda: stack.preview_update(instance, allocatedStorage=30.0))
    assert "Cannot upgrade" in rejection(lambda: stack.preview_update(instance, engineVersion="15"))
    stack.preview_update(instance, allocatedStorage=40.0)


def test_a_database_moves_to_the_subnet_group_of_another_vpc(stack: World) -> None:
    other = group(stack, *another_vpc(stack))
    assert stack.update(stored(stack, "database-instance"), dbSubnetGroupName=other.id, vpcSecurityGroupIds=[])


def test_a_subnet_group_and_a_load_balancer_stay_in_their_vpc(stack: World) -> None:
    subnets, balancer = stored(stack, "database-subnets"), stored(stack, "ingress-balancer")
    others = another_vpc(stack)
    assert rejection(lambda: stack.update(subnets, subnetIds=others)).startswith("InvalidParameterValue: The new Subn")
    assert "must stay in its VPC" in rejection(lambda: stack.update(balancer, subnets=others))
    private = [stored(stack, f"network-private-us-east-1{zone}").id for zone in "ab"]
    assert stack.update(subnets, subnetIds=[*subnets.properties["subnetIds"][::-1]])
    assert stack.update(subnets, subnetIds=[*private])


def test_a_capacity_provider_in_use_a_strategy_and_versioning_have_their_rules(stack: World) -> None:
    providers, service, versions = (
        stored(stack, name) for name in ("cluster-capacity", "mcp-service", "bucket-versioning")
    )
    in_use = rejection(lambda: stack.update(providers, capacityProviders=["FARGATE_SPOT"]))
    assert in_use.startswith("ResourceInUseException: The specified capacity provider is in use")
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1.0}]
    undeployed = {"capacityProviderStrategies": spot, "forceNewDeployment": False}
    assert rejection(lambda: stack.update(service, **undeployed)).startswith("force_new_deployment should be true")
    disabled = rejection(lambda: stack.update(versions, versioningConfiguration={"status": "Disabled"}))
    assert disabled == "versioning_configuration.status cannot be updated from 'Enabled' to 'Disabled'"
    assert stack.update(versions, versioningConfiguration={"status": "Suspended"})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("mcp-access-group", "DependencyViolation: resource {id} has a dependent object: tasks of mcp-service"),
        ("network-public-us-east-1a", "DependencyViolation: The subnet '{id}' has dependencies: tasks of mcp-service"),
        ("network-internet", "DependencyViolation: network {vpc} has some mapped public addresses: ingress-balancer"),
        ("ingress-target", "ResourceInUse: Target group '{id}' is currently in use by a listener: ingress-https"),
        ("ingress-certificate", "ResourceInUseException: Certificate {id} is in use: ingress-https"),
        ("cluster-namespace", "ResourceInUse: Namespace {id} contains services: authsvc-service"),
        ("database-subnets", "{id} is in use by database-instance"),
        ("cluster-cluster", "{id} is in use by authsvc-service"),
        ("mcp-task-execution", "{id} is in use by mcp-task-execution-policy"),
    ],
)
def test_an_object_in_use_is_not_deleted(stack: World, name: str, reason: str) -> None:
    found = stored(stack, name)
    wanted = reason.format(id=found.id, vpc=stored(stack, "network-vpc").id)
    assert wanted in rejection(lambda: stack.delete(found))


def test_a_target_group_with_a_weight_in_a_listeners_action_is_in_use(stack: World) -> None:
    target, listener = stored(stack, "ingress-target"), stored(stack, "ingress-https")
    block = {"type": "forward", "forward": {"targetGroups": [{"arn": target.id, "weight": 1.0}]}}
    stack.update(listener, defaultActions=[block])
    assert "is currently in use by a listener: ingress-https" in rejection(lambda: stack.delete(target))


def test_a_subnet_has_one_route_table_and_gets_another_by_an_update(world: World) -> None:
    vpc, [subnet, other] = network(world)
    tables = [world.create(types.ROUTE_TABLE, name, vpcId=vpc.id) for name in ("first", "second")]
    association = world.create(types.ROUTE_TABLE_ASSOCIATION, "routes", subnetId=subnet.id, routeTableId=tables[0].id)
    assert world.rejection(types.ROUTE_TABLE_ASSOCIATION, "more", subnetId=subnet.id, routeTableId=tables[1].id) == (
        f"Resource.AlreadyAssociated: the specified association for route table {tables[1].id} conflicts with an"
        " existing association: routes"
    )
    assert world.create(types.ROUTE_TABLE_ASSOCIATION, "other", subnetId=other.id, routeTableId=tables[0].id)
    assert world.update(association, routeTableId=tables[1].id)
