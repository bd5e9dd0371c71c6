"""Who may do what, and what is reached from where."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, cast

from policy.rule import Resource, Rule, StackRule, of, used

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
INSTANCE = "aws:rds/instance:Instance"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
ROLE = "aws:iam/role:Role"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
SERVICE = "aws:ecs/service:Service"
SUBNET = "aws:ec2/subnet:Subnet"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"

PRIVATE_IPV4 = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""https://www.rfc-editor.org/rfc/rfc1918"""
PRIVATE_IPV6 = IPv6Network("fc00::/7")
"""https://www.rfc-editor.org/rfc/rfc4193"""

DOCUMENTS = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    ROLE: "assumeRolePolicy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
}
"""The input that is a policy document, by type."""
UNSCOPED = "ecr:GetAuthorizationToken"
"""The one action in use that AWS scopes to no resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"""


def _permissions(resource: Resource) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html"""
    document = resource.props[DOCUMENTS[resource.type]]
    parsed: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    for number, statement in enumerate(_each(parsed["Statement"]), start=1):
        if statement["Effect"] == "Allow":
            for message in _allowed(statement):
                yield f"statement {statement.get('Sid', number)} {message}"


def _allowed(statement: Mapping[str, Any]) -> Iterator[str]:
    for key in ("NotAction", "NotPrincipal", "NotResource"):
        if key in statement:
            yield f"allows all but what {key} names: name what is allowed instead"
    actions = _each(statement.get("Action", ()))
    for action in actions:
        if "*" in action or "?" in action:
            yield f"allows {action}: name each action"
    for resource in _each(statement.get("Resource", ())):
        # The last part of an ARN: arn:aws:s3:::* is every bucket there is.
        if resource.split(":", 5)[-1] == "*" and set(actions) != {UNSCOPED}:
            yield f"allows it on {resource}: name the resource; only {UNSCOPED} knows none"
    principal = statement.get("Principal", {})
    if "*" in _each(principal["AWS"] if isinstance(principal, Mapping) and "AWS" in principal else principal):
        yield "allows it to everybody: name the accounts, roles or services"


def _each(value: Any) -> Sequence[Any]:
    """A list that may be written as its one element."""
    return cast(Sequence[Any], value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


PERMISSIONS = Rule(
    name="permissions-name-what-they-allow",
    description="No wildcard among actions, and none for all resources or everybody.",
    types=frozenset(DOCUMENTS),
    check=_permissions,
)


def _unread(resource: Resource) -> Iterator[str]:
    if resource.type == ATTACHMENT or resource.props.get("managedPolicyArns") or resource.props.get("inlinePolicies"):
        yield "permissions come from where no rule reads them: write them as an aws.iam.RolePolicy"


WRITTEN_HERE = Rule(
    name="permissions-are-written-as-role-policies",
    description="A role has no permission but those of its RolePolicy resources.",
    types=frozenset({ATTACHMENT, ROLE}),
    check=_unread,
)


def _public_by_itself(resource: Resource) -> Iterator[str]:
    if resource.props.get("publiclyAccessible"):
        yield "the database has a public address: set publicly_accessible to False"
    if resource.props.get("mapPublicIpOnLaunch"):
        yield "all that starts in the subnet gets a public address: set map_public_ip_on_launch to False"


PRIVATE = Rule(
    name="databases-and-subnets-give-no-public-address",
    description="Nothing has a public address that did not ask for it.",
    types=frozenset({INSTANCE, SUBNET}),
    check=_public_by_itself,
)


def _public_tasks(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Only a stack of `egress: public` has neither a NAT gateway nor interface endpoints: its tasks need addresses."""
    others = [
        *of(resources, NAT_GATEWAY),
        *(each for each in of(resources, VPC_ENDPOINT) if each.props.get("vpcEndpointType") == "Interface"),
    ]
    for service in of(resources, SERVICE):
        if others and service.props.get("networkConfiguration", {}).get("assignPublicIp"):
            yield (
                service,
                f"its tasks have public addresses, though {others[0].name} is their way out: set assign_public_ip to"
                " False, or `network.egress: public` for the stack",
            )


PRIVATE_TASKS = StackRule(
    name="tasks-have-no-public-address",
    description="Tasks have public addresses only in a stack of `egress: public`.",
    check=_public_tasks,
)


def _from_the_internet(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """A preview does not know a security group's id, but from which resource it comes."""
    outer = used(of(resources, LOAD_BALANCER), "securityGroups")
    inner = (
        used(of(resources, SERVICE), "networkConfiguration")
        | used(of(resources, INSTANCE), "vpcSecurityGroupIds")
        | used(of(resources, VPC_ENDPOINT), "securityGroupIds")
    )
    for rule in of(resources, INGRESS_RULE):
        cidr, group = rule.props.get("cidrIpv4") or rule.props.get("cidrIpv6"), used([rule], "securityGroupId")
        # A group that comes from no resource is one that no rule here knows.
        if cidr and _is_public(cidr) and not (group and group <= outer - inner):
            yield rule, f"lets {cidr} reach more than the load balancer: let a security group in instead"
    for other in of(resources, SECURITY_GROUP, OLD_RULE):
        # What is not said by an ingress rule of its own would pass above.
        if other.props.get("ingress") or other.props.get("type") == "ingress":
            yield other, "lets something in by another way than an ingress rule: use components.access.Access"


def _is_public(cidr: str) -> bool:
    network = ip_network(cidr)
    if isinstance(network, IPv6Network):
        return not network.subnet_of(PRIVATE_IPV6)
    return not any(network.subnet_of(each) for each in PRIVATE_IPV4)


FROM_THE_INTERNET = StackRule(
    name="the-internet-reaches-only-the-load-balancer",
    description="Ingress from the internet ends at the load balancer.",
    check=_from_the_internet,
)
