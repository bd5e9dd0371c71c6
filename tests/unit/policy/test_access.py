"""Who may do what, and what is reached from where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy import access
from policy.rule import Resource
from tests.unit.policy.resources import resource, said, said_of

BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:database-url-AbCdEf"


def policy(type: str = ROLE_POLICY, **statement: Any) -> Resource:
    allow = {"Sid": "Read", "Effect": "Allow", **statement}
    return resource(type, props={access.DOCUMENTS[type]: json.dumps({"Statement": [allow]})})


def test_named_actions_on_named_resources_and_a_registry_token_pass() -> None:
    assert said(access.PERMISSIONS, policy(Action=["secretsmanager:GetSecretValue"], Resource=[SECRET])) == []
    assert said(access.PERMISSIONS, policy(Action="ecr:GetAuthorizationToken", Resource="*")) == []


def test_denying_everything_to_everybody_without_tls_passes() -> None:
    tls = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::content"]}
    assert said(access.PERMISSIONS, policy(BUCKET_POLICY, **tls)) == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            {"Action": ["s3:GetObject", "s3:Put*"], "Resource": "arn:aws:s3:::content/*"},
            "statement Read allows s3:Put*: name each action",
        ),
        (
            {"Action": "s3:ListBucket", "Resource": ["*"]},
            "statement Read allows it on *: name the resource; only ecr:GetAuthorizationToken knows none",
        ),
        (
            {"Action": ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], "Resource": "*"},
            "statement Read allows it on *: name the resource; only ecr:GetAuthorizationToken knows none",
        ),
        (
            {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::*"},
            "statement Read allows it on arn:aws:s3:::*: name the resource; only ecr:GetAuthorizationToken knows none",
        ),
        (
            {"NotAction": "iam:PassRole", "Resource": SECRET},
            "statement Read allows all but what NotAction names: name what is allowed instead",
        ),
        (
            {"Sid": 1, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::content/a", "Principal": {"AWS": ["*"]}},
            "statement 1 allows it to everybody: name the accounts, roles or services",
        ),
        (
            {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::content/a", "Principal": "*"},
            "statement Read allows it to everybody: name the accounts, roles or services",
        ),
    ],
)
def test_a_statement_that_allows_more_than_it_names_is_refused(statement: dict[str, Any], message: str) -> None:
    assert said(access.PERMISSIONS, policy(**statement)) == [message]


def test_a_role_that_anybody_may_assume_is_refused_and_one_for_tasks_passes() -> None:
    def role(**principal: str) -> Resource:
        return policy("aws:iam/role:Role", Principal=principal, Action="sts:AssumeRole")

    assert said(access.PERMISSIONS, role(Service="ecs-tasks.amazonaws.com")) == []
    assert said(access.PERMISSIONS, role(AWS="*")) == [
        "statement Read allows it to everybody: name the accounts, roles or services"
    ]


@pytest.mark.parametrize(
    ("type", "props"),
    [
        (access.ATTACHMENT, {}),
        (access.ROLE, {"managedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}),
        (access.ROLE, {"inlinePolicies": [{"name": "all", "policy": "{}"}]}),
    ],
)
def test_permissions_that_no_rule_reads_are_refused(type: str, props: dict[str, Any]) -> None:
    assert said(access.WRITTEN_HERE, resource(access.ROLE)) == []
    assert said(access.WRITTEN_HERE, resource(type, props=props)) == [
        "permissions come from where no rule reads them: write them as an aws.iam.RolePolicy"
    ]


def test_a_document_that_is_no_text_is_read_too() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::content/a"}
    given = resource(ROLE_POLICY, props={"policy": {"Statement": statement}})
    assert said(access.PERMISSIONS, given) == ["statement 1 allows s3:*: name each action"]


@pytest.mark.parametrize(
    ("type", "key", "message"),
    [
        (
            access.INSTANCE,
            "publiclyAccessible",
            "the database has a public address: set publicly_accessible to False",
        ),
        (
            access.SUBNET,
            "mapPublicIpOnLaunch",
            "all that starts in the subnet gets a public address: set map_public_ip_on_launch to False",
        ),
    ],
)
def test_what_gives_public_addresses_is_refused(type: str, key: str, message: str) -> None:
    assert said(access.PRIVATE, resource(type)) == []
    assert said(access.PRIVATE, resource(type, props={key: False})) == []
    assert said(access.PRIVATE, resource(type, props={key: True})) == [message]


def service(**configuration: Any) -> Resource:
    return resource(access.SERVICE, "mcp-service", {"networkConfiguration": configuration})


NAT = resource(access.NAT_GATEWAY, "network-nat")
S3 = resource(access.VPC_ENDPOINT, "network-s3", {"vpcEndpointType": "Gateway"})
LOGS = resource(access.VPC_ENDPOINT, "network-logs", {"vpcEndpointType": "Interface"})


@pytest.mark.parametrize("other", [NAT, LOGS])
def test_a_task_with_a_public_address_beside_another_way_out_is_refused(other: Resource) -> None:
    assert said_of(access.PRIVATE_TASKS, [S3, other, service(assignPublicIp=True)]) == [
        (
            "mcp-service",
            f"its tasks have public addresses, though {other.name} is their way out: set assign_public_ip to False, or"
            " `network.egress: public` for the stack",
        )
    ]
    assert said_of(access.PRIVATE_TASKS, [S3, other, service(assignPublicIp=False)]) == []


def test_a_task_with_a_public_address_passes_where_nothing_else_leads_out() -> None:
    assert said_of(access.PRIVATE_TASKS, [S3, service(assignPublicIp=True)]) == []


OUTER = resource(access.SECURITY_GROUP, "balancer-group")
INNER = resource(access.SECURITY_GROUP, "mcp-group")
BALANCER = resource(access.LOAD_BALANCER, "balancer", uses={"securityGroups": [OUTER]})
MCP = resource(access.SERVICE, "mcp", uses={"networkConfiguration": [INNER]})


def way_in(group: Resource, **peer: str) -> Resource:
    return resource(access.INGRESS_RULE, "way", peer, uses={"securityGroupId": [group]})


@pytest.mark.parametrize(
    "way",
    [
        way_in(OUTER, cidrIpv4="0.0.0.0/0"),
        way_in(OUTER, cidrIpv6="::/0"),
        way_in(INNER, referencedSecurityGroupId="sg-1"),
        way_in(INNER, cidrIpv4="10.20.0.0/16"),
        way_in(INNER, cidrIpv6="fd00::/8"),
    ],
)
def test_the_internet_at_the_load_balancer_and_the_network_within_pass(way: Resource) -> None:
    assert said_of(access.FROM_THE_INTERNET, [OUTER, INNER, BALANCER, MCP, way]) == []


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "198.51.100.0/24", "10.0.0.0/7"])
def test_the_internet_at_a_service_is_refused(cidr: str) -> None:
    assert said_of(access.FROM_THE_INTERNET, [OUTER, INNER, BALANCER, MCP, way_in(INNER, cidrIpv4=cidr)]) == [
        ("way", f"lets {cidr} reach more than the load balancer: let a security group in instead")
    ]


def test_the_internet_at_a_security_group_that_no_resource_is_is_refused() -> None:
    way = resource(access.INGRESS_RULE, "way", {"cidrIpv4": "0.0.0.0/0", "securityGroupId": "sg-0123"})
    assert said_of(access.FROM_THE_INTERNET, [OUTER, BALANCER, way]) == [
        ("way", "lets 0.0.0.0/0 reach more than the load balancer: let a security group in instead")
    ]


@pytest.mark.parametrize(
    ("type", "key"),
    [
        (access.SERVICE, "networkConfiguration"),
        (access.INSTANCE, "vpcSecurityGroupIds"),
        (access.VPC_ENDPOINT, "securityGroupIds"),
    ],
)
def test_a_security_group_shared_with_the_load_balancer_is_refused(type: str, key: str) -> None:
    sharer = resource(type, uses={key: [OUTER]})
    assert said_of(access.FROM_THE_INTERNET, [OUTER, BALANCER, sharer, way_in(OUTER, cidrIpv6="::/0")]) == [
        ("way", "lets ::/0 reach more than the load balancer: let a security group in instead")
    ]


@pytest.mark.parametrize(
    ("type", "props"),
    [
        (access.SECURITY_GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),
        (access.OLD_RULE, {"type": "ingress", "cidrBlocks": ["0.0.0.0/0"]}),
    ],
)
def test_a_way_in_that_is_no_ingress_rule_is_refused(type: str, props: dict[str, Any]) -> None:
    assert said_of(access.FROM_THE_INTERNET, [resource(type), resource(type, "open", props)]) == [
        ("open", "lets something in by another way than an ingress rule: use components.access.Access")
    ]
