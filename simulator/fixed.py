"""Settings that a deployment fixes. AWS rejects their change when half of the update is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv4Network

from config import stackfile
from config.catalogue import FILE
from config.load import Configuration
from config.stackfile import KEY
from ecs import types
from ecs.database import least_increase
from ecs.network import blocks
from simulator.store import Object, Store

GUIDE = "docs/howto/remove-a-service.md"
STACK_GUIDE = "docs/howto/third-stack.md"


def problems(store: Store, configuration: Configuration, stack: str) -> Iterator[str]:
    """One line for each fixed setting that the configuration changes."""
    yield from _range(store, configuration, stack)
    yield from _zones(store, configuration, stack)
    yield from _storage(store, configuration, stack)
    yield from _protocols(store, configuration, stack)
    yield from _protected(store, configuration, stack)


def _range(store: Store, configuration: Configuration, stack: str) -> Iterator[str]:
    """The range of another VPC than the deployed one.

    AWS moves neither a load balancer nor a DB subnet group to another VPC, and detaches no internet gateway from one
    with public addresses: https://github.com/hashicorp/terraform-provider-aws/issues/27459,
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
    """
    cidr = str(configuration.settings.network.cidr)
    deployed = sorted(each.properties["cidrBlock"] for each in _of(store, types.VPC, stack))
    fixed = _of(store, types.LOAD_BALANCER, stack) + _of(store, types.DB_SUBNET_GROUP, stack)
    if fixed and cidr not in deployed:
        yield (
            f"{stackfile.name(stack)}: {KEY}.network.cidr: {cidr}: {stack} is deployed in {', '.join(deployed)}, and"
            f" AWS moves no load balancer and no database to another VPC. Create another stack: {STACK_GUIDE}"
        )


def _zones(store: Store, configuration: Configuration, stack: str) -> Iterator[str]:
    """The zone whose new subnets would have the blocks of another zone's subnets.

    A subnet is created before the one that it replaces is deleted, and EC2 answers InvalidSubnet.Conflict.
    """
    network = configuration.settings.network
    vpcs = {each.id for each in _of(store, types.VPC, stack) if each.properties["cidrBlock"] == str(network.cidr)}
    deployed = {
        IPv4Network(each.properties["cidrBlock"]): each.properties["availabilityZone"]
        for each in _of(store, types.SUBNET, stack)
        if each.properties["vpcId"] in vpcs
    }
    public, _ = blocks(network.cidr)
    before = [deployed[block] for block in public if block in deployed]
    for block, zone in zip(public, network.zones, strict=False):
        if deployed.get(block, zone) != zone:
            yield (
                f"{stackfile.name(stack)}: {KEY}.network.zones: {zone} would get {block}, which {deployed[block]} has:"
                f" the order determines the ranges. Keep {', '.join(before)} in this order; add and remove at the end."
            )
            return


def _storage(store: Store, configuration: Configuration, stack: str) -> Iterator[str]:
    """Less storage than the database has, or an increase after which each update would ask for less than RDS gave.

    Neither is a problem while RDS may increase the storage by itself: the provider then compares only increases. But a
    new limit must leave room for an increase.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    """
    wanted, limit = configuration.settings.database.storage, configuration.settings.database.storage_limit
    for each in _of(store, types.DB_INSTANCE, stack):
        deployed, least = each.properties["allocatedStorage"], least_increase(each.properties["allocatedStorage"])
        found = f"{stackfile.name(stack)}: {KEY}.database.storage: {wanted}: the database of {stack} has {deployed:.0f}"
        if limit:
            if limit < least and limit != each.properties.get("maxAllocatedStorage"):
                yield (
                    f"{stackfile.name(stack)}: {KEY}.database.max-storage: {limit}: the database of {stack} has"
                    f" {deployed:.0f} GiB, and RDS takes no limit below 10 % more. Set {least} or more, or set both"
                    f" storage and max-storage to {deployed:.0f}, so that RDS increases nothing"
                )
        elif wanted < deployed:
            yield (
                f"{found} GiB, and RDS does not decrease storage. Set {deployed:.0f} or more, or copy the data into"
                f" another stack: {STACK_GUIDE}"
            )
        elif deployed < wanted < least:
            yield f"{found} GiB, and RDS increases storage by at least 10 %. Set {least} or more"


def _protocols(store: Store, configuration: Configuration, stack: str) -> Iterator[str]:
    """The services whose protocol Service Connect knows: ECS does not change it.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
    """
    tasks = {each.properties["arn"]: each.properties for each in _of(store, types.TASK_DEFINITION, stack)}
    services = {each.properties["name"]: each.properties for each in _of(store, types.SERVICE, stack)}
    for entry in configuration.services:
        service = services.get(entry.name, {})
        connected = service.get("serviceConnectConfiguration", {}).get("services", [])
        for container in json.loads(tasks.get(service.get("taskDefinition", ""), {}).get("containerDefinitions", "[]")):
            for port in container.get("portMappings", []):
                if connected and not entry.public and port.get("appProtocol") != entry.protocol:
                    yield (
                        f"{FILE}: {entry.name}.protocol: {stack} runs it with {port.get('appProtocol')!r}, and ECS does"
                        f" not change the protocol of a running service. Give the service a new name: {GUIDE}"
                    )


def _protected(store: Store, configuration: Configuration, stack: str) -> Iterator[str]:
    """The names of a protected database and of its bucket: another name replaces them.

    The engine refuses it too, but `up` without a preview when a part of the update is done.
    """
    settings = configuration.settings
    if not any(each.properties.get("deletionProtection") for each in _of(store, types.DB_INSTANCE, stack)):
        return
    for key, wanted, kind, name in (
        ("prefix", settings.prefix, types.DB_INSTANCE, "identifier"),
        ("bucket.name", settings.bucket.name, types.BUCKET, "bucket"),
    ):
        deployed = sorted(each.properties[name] for each in _of(store, kind, stack))
        if deployed and wanted not in deployed:
            yield (
                f"{stackfile.name(stack)}: {KEY}.{key}: {wanted}: would delete {', '.join(deployed)} with its data,"
                f" which is protected. Copy the data, set `protect: false`, run `make up STACK={stack}`, then change"
                " it: docs/runbook.md#delete-a-stack"
            )


def _of(store: Store, kind: str, stack: str) -> list[Object]:
    return [each for each in store.find(kind) if each.stack == stack]
