"""What AWS, or its provider, refuses of the update of an existing object, in their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ecs import types
from simulator.aws.ecs_service import strategy
from simulator.aws.ecs_strategy import effective
from simulator.check import Checks
from simulator.cloud import Change, Request, as_list

instance = Checks[Change](f"{types.DB_INSTANCE}, changed")
subnet_group = Checks[Change](f"{types.DB_SUBNET_GROUP}, changed")
balancer = Checks[Change](f"{types.LOAD_BALANCER}, changed")
capacity_providers = Checks[Change](f"{types.CAPACITY_PROVIDERS}, changed")
service = Checks[Change](f"{types.SERVICE}, changed")
versioning = Checks[Change](f"{types.BUCKET_VERSIONING}, changed")


# https://github.com/hashicorp/terraform/issues/22462
@instance(
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html",
    confirmed="recorded answer",
)
def a_version_is_not_lowered(change: Change) -> Iterator[str]:
    """An instance keeps its engine version or gets a newer one."""
    before, after = _versions(change)
    shared = min(len(before), len(after))  # `16` is the newest minor version, or the one that runs
    if after[:shared] < before[:shared]:
        engine, old, new = (
            change.before["engine"],
            change.before["engineVersion"],
            change.request.inputs["engineVersion"],
        )
        yield f"InvalidParameterCombination: Cannot upgrade {engine} from {old} to {new}"


@instance("https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html")
def a_major_version_needs_its_flag(change: Change) -> Iterator[str]:
    """A new major version of PostgreSQL needs AllowMajorVersionUpgrade."""
    before, after = _versions(change)
    allowed = change.request.inputs.get("allowMajorVersionUpgrade")
    if change.before.get("engine") == "postgres" and before[:1] < after[:1] and before and not allowed:
        yield (
            "InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when upgrading to a new"
            " major version"
        )


@instance("https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html")
def storage_is_not_decreased(change: Change) -> Iterator[str]:
    """Storage is never decreased. The provider sends no smaller one while RDS may increase it by itself."""
    before, after = (each.get("allocatedStorage", 0) for each in (change.before, change.request.inputs))
    is_sent = (change.request.inputs.get("maxAllocatedStorage") or 0) <= after
    if change.changes("allocatedStorage") and after < before and is_sent:
        yield f"InvalidParameterCombination: allocated storage cannot be decreased: {before:.0f} GiB to {after:.0f} GiB"


# https://github.com/hashicorp/terraform-provider-aws/issues/512
@instance(
    "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html", confirmed="recorded answer"
)
def a_subnet_group_is_exchanged_only_with_the_vpc(change: Change) -> Iterator[str]:
    """An instance moves to another subnet group only in another VPC."""
    if change.changes("dbSubnetGroupName"):
        name, former = change.request.inputs["dbSubnetGroupName"], change.before.get("dbSubnetGroupName")
        vpcs = {each: _vpcs(change.request, _group_subnets(change.request, each)) for each in (name, former)}
        if vpcs[name] and vpcs[name] == vpcs[former]:
            yield (
                f"InvalidVPCNetworkStateFault: You cannot move DB instance {change.before['identifier']} to subnet"
                f" group {name}. The specified DB subnet group and DB instance are in the same VPC."
            )


# https://github.com/hashicorp/terraform-provider-aws/issues/27459
@subnet_group(
    "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html",
    confirmed="recorded answer",
)
def a_subnet_group_stays_in_its_vpc(change: Change) -> Iterator[str]:
    """The new subnets are in the VPC of the former ones."""
    if _moves(change, "subnetIds"):
        yield "InvalidParameterValue: The new Subnets are not in the same Vpc as the existing subnet group"


@balancer(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html", confirmed="nobody"
)
def a_load_balancer_stays_in_its_vpc(change: Change) -> Iterator[str]:
    """The new subnets are in the VPC of the former ones."""
    if _moves(change, "subnets"):
        yield f"InvalidSubnet: the subnets of load balancer '{change.request.id}' must stay in its VPC"


@capacity_providers("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html")
def a_capacity_provider_in_use_stays(change: Change) -> Iterator[str]:
    """A capacity provider that a service uses stays associated with its cluster."""
    wanted, cluster = change.request.inputs.get("capacityProviders", []), change.before["clusterName"]
    for each in change.request.all(types.SERVICE):
        if each.properties["cluster"].endswith(f":cluster/{cluster}"):
            for strategy in each.properties.get("capacityProviderStrategies", []):
                if (name := strategy["capacityProvider"]) not in wanted:
                    yield (
                        f"ResourceInUseException: The specified capacity provider is in use and cannot be removed:"
                        f" {name} by {each.properties['name']}"
                    )


# capacityProviderStrategyCustomizeDiff:
# https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/service.go
@service("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html", confirmed="provider")
def another_strategy_needs_a_new_deployment(change: Change) -> Iterator[str]:
    """A changed capacity provider strategy needs forceNewDeployment."""
    if change.changes("capacityProviderStrategies") and not change.request.inputs.get("forceNewDeployment"):
        yield "force_new_deployment should be true when capacity_provider_strategy is being updated"


@service(
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-deployment-strategies.html", confirmed="nobody"
)
def the_strategy_changes_between_two_deployments(change: Change) -> Iterator[str]:
    """The deployment strategy is not changed while a deployment is in progress."""
    before, after = strategy(change.before), strategy(effective(change.request))
    if before != after and change.before.get("rollout") == "in progress":
        yield (
            f"InvalidParameterException: the deployment strategy cannot be changed from {before} to {after} while a"
            " deployment is in progress"
        )


@versioning("https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html")
def versioning_is_never_disabled(change: Change) -> Iterator[str]:
    """The versioning of a bucket is suspended, never disabled."""
    before, after = (each.get("versioningConfiguration", {}) for each in (change.before, change.request.inputs))
    if after.get("status") == "Disabled" and (status := before.get("status", "Disabled")) != "Disabled":
        yield f"versioning_configuration.status cannot be updated from '{status}' to 'Disabled'"


def _versions(change: Change) -> tuple[list[int], list[int]]:
    """The numbers of the engine versions before and after; empty for one that is not known or no number."""
    before, after = (
        [int(each) for each in text.split(".")] if text.replace(".", "").isdigit() else []
        for text in (str(each.get("engineVersion") or "") for each in (change.before, change.request.inputs))
    )
    return before, after


def _group_subnets(request: Request, name: str | None) -> list[str]:
    return [subnet for each in request.all(types.DB_SUBNET_GROUP, name=name) for subnet in each.properties["subnetIds"]]


def _vpcs(request: Request, subnets: Iterable[str]) -> set[str]:
    return {each.properties["vpcId"] for each in request.all(types.SUBNET) if each.id in subnets}


def _moves(change: Change, key: str) -> bool:
    """Whether subnets of another VPC take the place of the former ones."""
    if not change.changes(key):
        return False
    before, after = (_vpcs(change.request, as_list(each.get(key))) for each in (change.before, change.request.inputs))
    return bool(before and after and before != after)
