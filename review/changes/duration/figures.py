"""How long AWS and the provider take to create, change and delete a resource, by its type.

Figures of public logs are of Terraform, whose provider Pulumi runs: "Creation complete after 2m54s". The medians are
those of public repositories with such a line in November 2026, without obvious examples and simulators.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ecs import types
from review.changes.duration.wait import Wait
from review.deployment.state import Properties, Resource

Operation = Literal["create", "update", "delete"]
Key = tuple[str, Operation]

PROVIDER = "https://github.com/hashicorp/terraform-provider-aws"

REQUEST = Wait(
    what="a request",
    seconds=1,
    source="0 to 2 s for addresses, route tables and subnets: https://github.com/DevopsArtFactory/terraform-provisioning/pull/7",
    weak=True,
)
"""Of each resource that has no figure of its own."""

FIGURES: Mapping[Key, Wait] = {
    (types.VPC, "create"): Wait(
        what="EC2 creates the VPC",
        seconds=15,
        source="median of 5 logs, 8 to 22 s, among them https://github.com/DevopsArtFactory/terraform-provisioning/pull/7",
        weak=True,
    ),
    (types.NAT_GATEWAY, "create"): Wait(
        what="EC2 creates the NAT gateway",
        seconds=107,
        source="median of 17 logs, 84 to 125 s; over a minute in"
        " https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/999",
        weak=True,
    ),
    (types.NAT_GATEWAY, "delete"): Wait(
        what="EC2 deletes the NAT gateway", seconds=56, source="median of 4 logs, 42 to 61 s", weak=True
    ),
    (types.LOAD_BALANCER, "create"): Wait(
        what="ELB creates the load balancer",
        seconds=156,
        source="median of 11 logs, 135 to 190 s, among them https://github.com/DataBiosphere/azul/pull/5780",
        weak=True,
    ),
    (types.LOAD_BALANCER, "delete"): Wait(
        what="ELB deletes the load balancer", seconds=30, source="median of 3 logs, 15 to 153 s", weak=True
    ),
    (types.CERTIFICATE_VALIDATION, "create"): Wait(
        what="ACM validates the certificate", seconds=107, source="median of 5 logs, 61 to 532 s", weak=True
    ),
    **{
        (types.RECORD, operation): Wait(
            what="Route 53 distributes the record",
            seconds=60,
            source="https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html",
        )
        for operation in ("create", "update", "delete")
    },
    **{
        (types.NAMESPACE, operation): Wait(
            what="Cloud Map creates or deletes the namespace",
            seconds=45,
            source="30 to 60 s for one with DNS: https://alchemy.run/providers/aws/cloudmap/privatednsnamespace",
            weak=True,
        )
        for operation in ("create", "delete")
    },
    (types.CLUSTER, "create"): Wait(
        what="ECS creates the cluster", seconds=11, source="median of 5 logs, 10 to 12 s", weak=True
    ),
    **{
        (types.DOCKER_IMAGE, operation): Wait(
            what="the image is built and pushed",
            seconds=30,
            source="docs/performance.md: 25 s for five from a cold cache; a guess of 5 s for the push",
            weak=True,
        )
        for operation in ("create", "update")
    },
}

ENDPOINT = Wait(
    what="EC2 creates the interface endpoint",
    seconds=100,
    source=f"half of 200 and 208 s for a creation and a deletion: {PROVIDER}/pull/38363",
    weak=True,
)

DATABASE = Wait(
    what="RDS creates the instance",
    seconds=452,
    source=f"median of 13 logs, 302 to 1026 s; 417 and 584 s with the deletion: {PROVIDER}/pull/28434",
    weak=True,
)
STANDBY = Wait(
    what="RDS creates the standby",
    seconds=357,
    source="https://github.com/hashicorp/terraform/issues/498, of 2014",
    weak=True,
)
DATABASE_UPDATE = Wait(
    what="the provider looks whether RDS changed the instance",
    seconds=90,
    source=f"{PROVIDER}/issues/44925",
    weak=True,
)
DATABASE_RESTART = Wait(
    what="RDS moves the instance to another class or engine version",
    seconds=452,
    source="a guess: as long as a creation",
    weak=True,
)
RESTARTING = frozenset({"engineVersion", "instanceClass"})
"""Changes of an RDS instance that wait for the maintenance window without `applyImmediately`.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html"""
DATABASE_DELETION = Wait(
    what="RDS deletes the instance", seconds=195, source="the mean of 2 logs, 105 and 285 s", weak=True
)
SNAPSHOT = Wait(
    what="RDS takes the final snapshot",
    seconds=271,
    source=f"738 s with one, 467 s without: {PROVIDER}/pull/14778",
    weak=True,
)


def waits(resource: Resource, operation: Operation, before: Resource | None) -> tuple[Wait, ...]:
    """Of any resource but an ECS service and a parameter that runs a task. `before`: of an update."""
    if resource.type == types.DB_INSTANCE:
        return _database(resource.inputs, operation, before.inputs if before else {})
    if resource.type == types.VPC_ENDPOINT and resource.inputs.get("vpcEndpointType") == "Interface":
        return (ENDPOINT,) if operation == "create" else (REQUEST,)
    return (FIGURES.get((resource.type, operation), REQUEST),)


def _database(inputs: Properties, operation: Operation, before: Properties) -> tuple[Wait, ...]:
    if operation == "create":
        return (DATABASE, STANDBY) if inputs.get("multiAz") else (DATABASE,)
    if operation == "delete":
        return (DATABASE_DELETION,) if inputs.get("skipFinalSnapshot") else (SNAPSHOT, DATABASE_DELETION)
    changed = {key for key in inputs.keys() | before.keys() if inputs.get(key) != before.get(key)}
    restarts = inputs.get("applyImmediately") and changed & RESTARTING
    standby = inputs.get("multiAz") and not before.get("multiAz")
    return (
        DATABASE_UPDATE,
        *((DATABASE_RESTART,) if restarts else ()),
        *((STANDBY,) if standby else ()),
    )
