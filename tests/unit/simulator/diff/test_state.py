from __future__ import annotations

from simulator.diff.state import SECRET, states
from tests.unit.simulator.diff.deployments import HIDDEN, STACK, Raw, component, resource

DATABASE = component("database", "marginalia:database:Database")


def only(*resources: Raw) -> Raw:
    _, after = states([], [STACK, DATABASE, *resources])
    [last] = [each for each in after.resources.values() if each.urn == resources[-1]["urn"]]
    return last.inputs


def test_a_secret_is_a_word_however_deep_it_lies() -> None:
    given = resource("aws:rds/instance:Instance", "db", DATABASE, {"password": HIDDEN, "more": [{"key": HIDDEN}]})
    assert only(given) == {"password": SECRET, "more": [{"key": SECRET}]}


def test_a_text_that_is_json_is_a_structure_and_one_that_only_begins_like_it_is_text() -> None:
    given = resource("aws:iam/role:Role", "role", DATABASE, {"policy": '{"b": [1.0]}', "name": "{service}"})
    assert only(given) == {"policy": {"b": [1]}, "name": "{service}"}


def test_ids_arns_and_names_that_were_generated_are_logical_names_also_within_a_text() -> None:
    group = resource("aws:ec2/securityGroup:SecurityGroup", "group", DATABASE, id="sg-0123456789abcdef0")
    arn = "arn:aws:iam::000000000000:role/role-0123abc"
    role = resource("aws:iam/role:Role", "role", DATABASE, {"name": "role-0123abc"})
    role["outputs"] = {"name": "role-0123abc", "arn": arn}
    user = resource("aws:x/user:User", "user", DATABASE, {"of": [group["id"]], "as": f"{arn}/x", "by": "role-0123abc"})
    assert only(group, role, user) == {"of": ["group"], "as": "role/x", "by": "role"}


def test_a_secret_keeps_its_name_though_its_version_has_its_arn() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:url-161c1b"
    secret = resource("aws:secretsmanager/secret:Secret", "url", DATABASE, id=arn)
    version = resource("aws:secretsmanager/secretVersion:SecretVersion", "version", DATABASE, id=f"{arn}|v1")
    version["outputs"] = {"arn": arn, "versionId": "v1"}
    user = resource("aws:x/user:User", "user", DATABASE, {"from": arn})
    assert only(secret, version, user) == {"from": "url"}


def test_a_resource_belongs_to_its_outermost_component() -> None:
    inner = {**component("database-access", "marginalia:network:Access"), "parent": DATABASE["urn"]}
    group = resource("aws:ec2/securityGroup:SecurityGroup", "group", inner)
    _, after = states([], [STACK, DATABASE, inner, group])
    assert [(each.component, each.component_type) for each in after.resources.values()] == [
        ("database", "marginalia:database:Database")
    ]


def test_a_resource_that_was_renamed_is_the_same_one_under_its_new_name() -> None:
    old = resource("aws:s3/bucket:Bucket", "old", DATABASE, id="content")
    new = resource("aws:s3/bucket:Bucket", "new", DATABASE, id="content")
    before, after = states([STACK, DATABASE, old], [STACK, DATABASE, new])
    assert before.resources == after.resources


def test_what_waits_to_be_deleted_does_not_hide_what_replaced_it() -> None:
    new = resource("aws:s3/bucket:Bucket", "bucket", DATABASE, {"bucket": "new"})
    old = {**resource("aws:s3/bucket:Bucket", "bucket", DATABASE, {"bucket": "old"}), "delete": True}
    _, after = states([], [STACK, DATABASE, new, old])
    assert [each.inputs for each in after.resources.values()] == [{"bucket": "new"}]
