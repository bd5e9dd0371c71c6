"""Public addresses, public access and access to a task, by resource type."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ecs import types
from review.changes.concerns.concern import Check, Checks, Event, Finding, Severity, changed, containers, switched_on
from review.deployment.connectivity import INTERNET
from review.deployment.state import Properties
from review.deployment.toolbox import toolbox

S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/"
ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
UPDATE: frozenset[Event] = frozenset({"update"})
NEW: frozenset[Event] = frozenset({"create", "update"})
GONE: frozenset[Event] = frozenset({"update", "detach"})


def _public_access(before: Properties, after: Properties) -> Finding:
    off = [each for each in BLOCKS if before.get(each) is True and after.get(each) is not True]
    return f"public access is no longer blocked ({', '.join(off)})" if off else None


def _acl(before: Properties, after: Properties) -> Finding:
    acl = str(after.get("acl", ""))
    return f"the ACL is {acl}" if acl.startswith("public-") and acl != before.get("acl") else None


def _internet_route(before: Properties, after: Properties) -> Finding:
    new = _to_internet_gateway(after) and not _to_internet_gateway(before)
    return "subnets newly route to the internet gateway" if new else None


def _to_internet_gateway(table: Properties) -> bool:
    routes = cast(list[Properties], table.get("routes") or [])
    return any(route.get("gatewayId") and route.get("cidrBlock") in INTERNET for route in routes)


def _external(before: Properties, after: Properties) -> Finding:
    return "newly has public addresses" if before.get("internal") is True and not after.get("internal") else None


def _new(_before: Properties, _after: Properties) -> Finding:
    return "a new public address"


def _released(_before: Properties, _after: Properties) -> Finding:
    return "the public address is given up: what leaves through it has another one, which others may not allow"


def _policy(before: Properties, after: Properties) -> Finding:
    """AWS's default policy of an endpoint allows everything."""
    old, new = before.get("policy"), after.get("policy")
    if old == new or old is None:
        return None
    return "the policy no longer limits access" if new is None else "the policy changes"


def _container(property: str, clause: str, safe: object) -> Callable[[Properties, Properties], Finding]:
    """Containers that had the safe value and have it no longer."""

    def finding(before: Properties, after: Properties) -> Finding:
        old, new = (containers(each) for each in (before, after))
        found = [name for name in old.keys() & new.keys() if old[name].get(property) == safe != new[name].get(property)]
        return clause if found else None

    return finding


def _root(before: Properties, after: Properties) -> Finding:
    old, new = (containers(each) for each in (before, after))
    found = [name for name in old.keys() & new.keys() if _is_root(new[name]) and not _is_root(old[name])]
    return "the container runs as root" if found else None


def _toolbox(before: Properties, after: Properties) -> Finding:
    """Also another toolbox."""
    old, new = (toolbox(each) for each in (before, after))
    return f"a shell can be opened with the access of the service, in {new}" if new and new != old else None


def _is_root(container: Properties) -> bool:
    """Without a user it is the image's, which is not root here."""
    return str(container.get("user", "")).split(":")[0] in ("root", "0")


def _attached(before: Properties, after: Properties) -> Finding:
    old, new = (cast(list[str], each.get("managedPolicyArns") or []) for each in (before, after))
    added = [each for each in new if each not in old]
    return f"newly has {', '.join(added)}" if added else None


def _unbounded(before: Properties, after: Properties) -> Finding:
    old, new = before.get("permissionsBoundary"), after.get("permissionsBoundary")
    return "the permissions boundary is removed" if old and not new else None


def _address(
    finding: Callable[[Properties, Properties], Finding],
    source: str,
    severity: Severity = "warning",
    on: frozenset[Event] = UPDATE,
) -> Check:
    return Check(topic="address", severity=severity, finding=finding, source=source, on=on)


def _exposure(
    finding: Callable[[Properties, Properties], Finding],
    source: str,
    severity: Severity = "caution",
    on: frozenset[Event] = UPDATE,
) -> Check:
    return Check(topic="exposure", severity=severity, finding=finding, source=source, on=on)


def _permission(
    finding: Callable[[Properties, Properties], Finding], source: str, on: frozenset[Event] = UPDATE
) -> Check:
    return Check(topic="permissions", severity="warning", finding=finding, source=source, on=on)


CHECKS: Checks = {
    types.BUCKET: (_exposure(_acl, f"{S3}acl-overview.html", on=NEW),),
    types.BUCKET_PUBLIC_ACCESS: (_exposure(_public_access, f"{S3}access-control-block-public-access.html", on=GONE),),
    types.DB_INSTANCE: (
        _address(
            switched_on("publiclyAccessible", "newly has a public address"),
            f"{RDS}USER_VPC.WorkingWithRDSInstanceinaVPC.html",
            "caution",
            NEW,
        ),
    ),
    types.SERVICE: (
        _address(
            switched_on("networkConfiguration.assignPublicIp", "tasks newly have public addresses"),
            f"{ECS}fargate-task-networking.html",
        ),
        _permission(switched_on("enableExecuteCommand", "a shell can be opened in tasks"), f"{ECS}ecs-exec.html"),
    ),
    types.SUBNET: (
        _address(
            switched_on("mapPublicIpOnLaunch", "newly assigns public addresses"),
            f"{VPC}subnet-public-ip.html",
            on=NEW,
        ),
    ),
    types.EIP: (
        _address(_new, f"{VPC}vpc-eips.html", on=frozenset({"create"})),
        _address(_released, f"{VPC}vpc-eips.html", on=frozenset({"delete"})),
    ),
    types.LOAD_BALANCER: (_address(_external, f"{ELB}application-load-balancers.html", "caution"),),
    types.LISTENER: (
        _exposure(
            changed("sslPolicy", "the TLS policy changes from {before} to {after}"),
            f"{ELB}describe-ssl-policies.html",
            "warning",
        ),
    ),
    types.ROUTE_TABLE: (_exposure(_internet_route, f"{VPC}VPC_Internet_Gateway.html", "warning"),),
    types.VPC_ENDPOINT: (
        _permission(_policy, "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"),
    ),
    types.ROLE: (
        _permission(_attached, f"{IAM}access_policies_managed-vs-inline.html"),
        _permission(_unbounded, f"{IAM}access_policies_boundaries.html"),
    ),
    types.TASK_DEFINITION: (
        _permission(
            _container("readonlyRootFilesystem", "the container can write to its file system", True),
            f"{ECS}task_definition_parameters.html",
        ),
        _permission(_root, f"{ECS}task_definition_parameters.html"),
        _permission(_toolbox, f"{ECS}ecs-exec.html", NEW),
    ),
}
