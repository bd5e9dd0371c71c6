"""What two states and the engine's steps mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.aws.ec2 import EGRESS_RULE as OUT
from simulator.aws.ec2 import INGRESS_RULE as IN
from simulator.diff.changes import Edit
from simulator.diff.differences import Change
from simulator.diff.headline import headline
from simulator.diff.losses import Loss
from tests.unit.simulator.diff.deployments import (
    GROUP,
    HIDDEN,
    INSTANCE,
    PREFIX,
    Raw,
    compared,
    component,
    resource,
    service,
)

ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:key-AbCdEf"
DATABASE = component("database", "marginalia:database:Database")
ADDRESS = resource("aws:ec2/eip:Eip", "address", DATABASE)


@pytest.mark.parametrize(
    ("before", "after", "summary"),
    [
        ({}, {"image": f"x/mrgnl-authsvc@sha256:{'b' * 64}"}, "new image"),
        ({}, {"environment": [{"name": "B", "value": "1"}]}, "environment B added, GRPC_PORT removed"),
        ({}, {"secrets": [{"name": "KEY", "valueFrom": f"{ARN}:::v1"}]}, "secret KEY added"),
        ({}, {"sizes": (512, 1024)}, "size"),
        ({}, {"probe": 30}, "health check"),
        ({}, {"user": "root"}, "container settings"),
        ({"portMappings": [{"name": "grpc", "containerPort": 1}]}, {"portMappings": [{"name": "grpc"}]}, "port"),
    ],
)
def test_a_service_rolls_out_for_a_reason_in_one_word(
    before: dict[str, Any], after: dict[str, Any], summary: str
) -> None:
    old, new = service("authsvc", **before), service("authsvc", **after)
    [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
    assert (rollout.service, rollout.kind, [each.summary for each in rollout.reasons]) == (
        "authsvc",
        "rolls out",
        [summary],
    )


def test_another_version_of_a_secret_is_told_without_the_version_and_another_secret_by_its_arn() -> None:
    def changed(reference: str) -> tuple[Change, ...]:
        old = service("authsvc", secrets=[{"name": "KEY", "valueFrom": f"{ARN}:::v1"}])
        new = service("authsvc", secrets=[{"name": "KEY", "valueFrom": reference}])
        [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
        return rollout.reasons[0].changes

    assert changed(f"{ARN}:::v2") == (Change(what="secret KEY", before=ARN, after=f"another version of {ARN}"),)
    other = ARN.replace("key", "other")
    assert changed(f"{other}:::v1") == (Change(what="secret KEY", before=ARN, after=other),)


def test_container_definitions_that_are_a_secret_are_not_compared_and_the_page_says_so() -> None:
    old, new = service("authsvc"), service("authsvc")
    new[1]["inputs"]["containerDefinitions"] = HIDDEN
    [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
    assert [each.summary for each in rollout.reasons] == ["its container definitions are a secret, and not compared"]


def test_a_service_without_a_step_of_the_engine_does_not_roll_out() -> None:
    changes = compared(service("authsvc"), service("authsvc", image="other"))
    assert (changes.rollouts, changes.is_empty, headline(changes)) == ((), True, "nothing changes")


def test_what_holds_data_is_lost_first_and_with_its_reason() -> None:
    old = resource(INSTANCE, "z-instance", DATABASE, {"dbName": "a", "skipFinalSnapshot": True})
    new = resource(INSTANCE, "z-instance", DATABASE, {"dbName": "b", "skipFinalSnapshot": True})
    address = resource("aws:ec2/eip:Eip", "a-address", DATABASE)
    changes = compared([DATABASE, old, address], [DATABASE, new], ("replace", new), ("delete", address))
    instance = Loss(
        component="database",
        type=INSTANCE,
        name="z-instance",
        operation="replaced",
        data="its databases are lost: no final snapshot is taken",
        causes=(Change(what="dbName", before="a", after="b"),),
        follows=False,
    )
    lost = Loss(
        component="database",
        type="aws:ec2/eip:Eip",
        name="a-address",
        operation="deleted",
        data=None,
        causes=(),
        follows=False,
    )
    assert changes.losses == (instance, lost)
    assert headline(changes) == "1 resource is replaced (holding data: RDS instance), 1 resource is deleted"


@pytest.mark.parametrize(
    ("type", "inputs", "data"),
    [
        (INSTANCE, {"finalSnapshotIdentifier": "last"}, "the new one is empty; the final snapshot last keeps the data"),
        ("aws:s3/bucket:Bucket", {"forceDestroy": True}, "every object in it is deleted, all versions"),
        ("aws:s3/bucket:Bucket", {}, "S3 refuses while it holds objects: empty or copy it first"),
        ("aws:secretsmanager/secret:Secret", {"recoveryWindowInDays": 0}, "it cannot be restored"),
        ("aws:secretsmanager/secret:Secret", {"recoveryWindowInDays": 7}, "it can be restored for 7 days"),
        ("aws:ecr/repository:Repository", {}, "ECR refuses while it holds images"),
        ("aws:cloudwatch/logGroup:LogGroup", {}, "its logs are deleted"),
    ],
)
def test_what_becomes_of_the_data_is_said(type: str, inputs: dict[str, Any], data: str) -> None:
    gone = resource(type, "gone", DATABASE, inputs)
    [loss] = compared([DATABASE, gone], [DATABASE, component("x")], ("delete", gone)).losses
    assert loss.data == data


def rule(kind: str, name: str, parent: Raw, own: Raw, **inputs: Any) -> Raw:
    given = {"securityGroupId": own["id"], "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, **inputs}
    return resource(kind, name, parent, given)


def test_a_way_between_two_groups_takes_a_rule_on_either_side() -> None:
    chatsvc = component("chatsvc")
    here = resource(GROUP, "chatsvc-access-group", chatsvc, id="sg-00000000000000001")
    there = resource(GROUP, "database-access-group", DATABASE, id="sg-00000000000000002")
    out = rule(OUT, "out", chatsvc, here, referencedSecurityGroupId=there["id"])
    into = rule(IN, "in", chatsvc, there, referencedSecurityGroupId=here["id"])
    base = [chatsvc, DATABASE, here, there]
    assert compared(base, [*base, out], ("create", out)).reachable == ()
    changes = compared(base, [*base, out, into], ("create", out), ("create", into))
    assert [str(each) for each in changes.reachable] == ["chatsvc → database on 5432/tcp"]
    assert headline(changes) == "chatsvc newly reaches database, nothing is replaced"
    back = compared([*base, out, into], base, ("delete", out), ("delete", into))
    assert [str(each) for each in back.unreachable] == ["chatsvc → database on 5432/tcp"]


def test_what_opens_to_the_internet_stands_in_the_headline() -> None:
    group = resource(GROUP, "database-access-group", DATABASE, id="sg-00000000000000002")
    opened = rule(IN, "open", DATABASE, group, cidrIpv4="0.0.0.0/0", ipProtocol="-1")
    changes = compared([DATABASE, group], [DATABASE, group, opened], ("create", opened))
    assert [str(each) for each in changes.reachable] == ["the internet → database on every port"]
    assert headline(changes) == "the internet newly reaches database, nothing is replaced"


def test_of_a_longer_statement_only_the_new_grant_is_told() -> None:
    def policy(*resources: str, actions: tuple[str, ...] = ("s3:GetObject",)) -> Raw:
        statement = {"Sid": "Read", "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
        document = json.dumps({"Statement": [statement]})
        role = "promptsvc-task-role"
        return resource("aws:iam/rolePolicy:RolePolicy", "policy", component("x"), {"role": role, "policy": document})

    old = policy("a")
    wider = compared([component("x"), old], [component("x"), policy("b", "a")], ("update", old))
    assert (wider.granted, wider.revoked) == (("promptsvc's task role may s3:GetObject on b",), ())
    more = compared([component("x"), old], [component("x"), policy("a", actions=("s3:*",))], ("update", old))
    assert (more.granted, more.revoked) == (
        ("promptsvc's task role may s3:* on a",),
        ("promptsvc's task role may s3:GetObject on a",),
    )


def test_who_is_let_in_and_under_which_condition_is_part_of_a_grant() -> None:
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": ["arn:aws:iam::000000000001:root", "*"]},
        "NotAction": "ecr:Get",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    inputs = {"repository": "mrgnl-x", "policy": json.dumps({"Statement": statement})}
    made = resource("aws:ecr/repositoryPolicy:RepositoryPolicy", "policy", component("x"), inputs)
    other = resource("aws:ec2/eip:Eip", "address", component("x"))
    condition = "if aws:SecureTransport Bool false"
    assert compared([component("x"), other], [component("x"), other, made], ("create", made)).granted == (
        f"repository mrgnl-x: account 000000000001 may not everything but ecr:Get, {condition}",
        f"repository mrgnl-x: everybody may not everything but ecr:Get, {condition}",
    )


def test_a_change_in_place_is_told_by_property_and_one_that_only_follows_a_new_id_is_not() -> None:
    old = resource("aws:lb/listener:Listener", "http", DATABASE, {"port": 80})
    new = resource("aws:lb/listener:Listener", "http", DATABASE, {"port": 81})
    edit = Edit(
        component="database",
        type="aws:lb/listener:Listener",
        name="http",
        is_new=False,
        changes=(Change(what="port", before="80", after="81"),),
    )
    assert compared([DATABASE, old], [DATABASE, new], ("update", new)).edits == (edit,)
    assert compared([DATABASE, old], [DATABASE, old], ("update", old)).edits == ()


def test_what_loses_its_protection_is_told_though_the_engine_takes_no_step() -> None:
    old = resource(INSTANCE, "instance", DATABASE, protect=True)
    [edit] = compared([DATABASE, old], [DATABASE, {**old, "protect": False}]).edits
    assert edit.changes == (Change(what="protect", before="true", after="false"),)


def test_an_edit_of_the_provider_is_told_with_what_follows_from_it_in_aws() -> None:
    def provider(**inputs: str) -> Raw:
        kind = "pulumi:providers:aws"
        return {"urn": f"{PREFIX}{kind}::aws", "type": kind, "custom": True, "id": "x", "inputs": inputs}

    old = provider(region="us-east-1", defaultTags='{"tags": {"stack": "dev"}}')
    new = provider(region="us-east-1", defaultTags='{"tags": {"stack": "dev", "team": "x"}}')
    changes = compared([DATABASE, old, ADDRESS], [DATABASE, new, ADDRESS], ("update", new))
    edit = Edit(
        component="",
        type="pulumi:providers:aws",
        name="aws",
        is_new=False,
        changes=(
            Change(what="defaultTags.tags.team", before=None, after="x"),
            Change(what="every resource that takes tags is updated in place", before=None, after=None),
        ),
    )
    assert changes.edits == (edit,)
    assert headline(changes) == "the stack's AWS provider changes, nothing is replaced"
    assert [(each.operation, each.name) for each in changes.steps] == [("update", "aws")]
    moved = compared([DATABASE, old, ADDRESS], [DATABASE, provider(region="us-east-2"), ADDRESS], ("update", new))
    assert moved.edits[0].changes[-1].what == "what is deployed stays in the former region: destroy it first"


def test_a_provider_is_no_resource_of_a_first_deployment() -> None:
    new = {"urn": f"{PREFIX}pulumi:providers:aws::aws", "type": "pulumi:providers:aws", "custom": True}
    changes = compared([], [DATABASE, new, ADDRESS], ("create", new), ("create", ADDRESS))
    assert headline(changes) == "first deployment: 0 services, 1 resource"


def test_the_headline_of_a_service_that_rolls_out_says_why() -> None:
    old, new = service("promptsvc"), service("promptsvc", image=f"x/mrgnl-promptsvc@sha256:{'b' * 64}")
    changes = compared(old, new, ("replace", new[1]), ("update", new[2]))
    assert headline(changes) == "1 service rolls out (promptsvc: new image), nothing is replaced"


def test_an_environment_variable_that_differs_only_far_from_its_beginning_is_told_whole() -> None:
    values = ["x" * 500 + end for end in "12"]
    old, new = (service("authsvc", environment=[{"name": "A", "value": each}]) for each in values)
    [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
    assert rollout.reasons[0].changes == (Change(what="environment A", before=values[0], after=values[1]),)
