from __future__ import annotations

from ecs import types
from review.deployment.state import states
from simulator.cloud import REDACTED
from simulator.sdk import DEFAULTS
from tests.unit.review.deployments import ENCRYPTED, STACK, Raw, component, references, resource, service, urn

DATABASE = component("database", "marginalia:database:Database")


def only(*resources: Raw) -> Raw:
    _, after = states([], [STACK, DATABASE, *resources])
    [last] = [each for each in after.resources.values() if each.urn == resources[-1]["urn"]]
    return last.inputs


def test_a_secret_is_redacted_at_any_depth() -> None:
    given = resource(types.DB_INSTANCE, "db", DATABASE, {"password": ENCRYPTED, "more": [{"key": ENCRYPTED}]})
    assert only(given) == {"password": REDACTED, "more": [{"key": REDACTED}]}


def test_a_json_string_is_parsed_and_an_invalid_one_stays_a_string() -> None:
    given = resource(types.ROLE, "role", DATABASE, {"policy": '{"b": [1.0]}', "name": "{service}"})
    assert only(given) == {"policy": {"b": [1]}, "name": "{service}"}


def test_generated_ids_arns_and_names_are_replaced_by_logical_names_also_within_a_string() -> None:
    group = resource(types.SECURITY_GROUP, "group", DATABASE, id="sg-0123456789abcdef0")
    arn = "arn:aws:iam::000000000000:role/role-0123abc"
    role = resource(types.ROLE, "role", DATABASE, {"name": "role-0123abc", DEFAULTS: ["name"]})
    role["outputs"] = {"name": "role-0123abc", "arn": arn}
    user = resource("aws:x/user:User", "user", DATABASE, {"of": [group["id"]], "as": f"{arn}/x", "by": "role-0123abc"})
    assert only(group, role, user) == {"of": ["group"], "as": "role/x", "by": "role"}


def test_a_name_that_the_program_chose_is_kept_though_it_looks_generated() -> None:
    cluster = resource(types.CLUSTER, "cluster", DATABASE, {"name": "mrgnl-0123abc"})
    user = resource("aws:x/user:User", "user", DATABASE, {"of": "mrgnl-0123abc"})
    assert only(cluster, user) == {"of": "mrgnl-0123abc"}, "the provider did not list the name among its defaults"


def test_an_arn_is_replaced_by_the_name_of_its_resource_and_not_of_a_component_that_outputs_it() -> None:
    arn = "arn:aws:iam::000000000000:role/x"
    role = resource(types.ROLE, "role", DATABASE)
    role["outputs"] = {"arn": arn}
    database = {**DATABASE, "outputs": {"arn": arn}}
    user = resource("aws:x/user:User", "user", DATABASE, {"of": arn})
    _, after = states([], [STACK, database, role, user])
    assert after.resources[urn(user)].inputs == {"of": "role"}


def test_a_secrets_arn_is_replaced_by_the_name_of_the_secret_and_not_of_its_version() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:url-161c1b"
    secret = resource(types.SECRET, "url", DATABASE, id=arn)
    version = resource(types.SECRET_VERSION, "version", DATABASE, id=f"{arn}|v1")
    version["outputs"] = {"arn": arn, "versionId": "v1"}
    user = resource("aws:x/user:User", "user", DATABASE, {"from": arn})
    assert only(secret, version, user) == {"from": "url"}


def test_a_resource_has_its_outermost_and_its_innermost_component() -> None:
    inner = component("database-access", "marginalia:network:Access", DATABASE)
    group = resource(types.SECURITY_GROUP, "group", inner)
    _, after = states([], [STACK, DATABASE, inner, group])
    assert [(each.component, each.parent) for each in after.resources.values()] == [("database", "database-access")]


def test_a_renamed_resource_has_its_new_name_in_both_states() -> None:
    old = resource(types.BUCKET, "old", DATABASE, id="content")
    new = resource(types.BUCKET, "new", DATABASE, id="content")
    before, after = states([STACK, DATABASE, old], [STACK, DATABASE, new])
    assert before.resources == after.resources


def test_a_resource_that_is_pending_deletion_does_not_hide_its_replacement() -> None:
    new = resource(types.BUCKET, "bucket", DATABASE, {"bucket": "new"})
    old = {**resource(types.BUCKET, "bucket", DATABASE, {"bucket": "old"}), "delete": True}
    _, after = states([], [STACK, DATABASE, new, old])
    assert [each.inputs for each in after.resources.values()] == [{"bucket": "new"}]


def test_a_reference_to_a_renamed_resource_has_its_new_urn() -> None:
    old = resource(types.BUCKET, "old", DATABASE, id="content")
    new = resource(types.BUCKET, "new", DATABASE, id="content")
    user = resource("aws:x/user:User", "user", DATABASE, **references(of=old))
    before, _ = states([STACK, DATABASE, old, user], [STACK, DATABASE, new])
    assert before.resources[urn(user)].references == {"of": {urn(new)}}


def test_a_services_task_definition_is_the_one_that_its_ecs_service_references() -> None:
    parent, definition, ecs = service("authsvc")
    job = resource(types.TASK_DEFINITION, "a-job", parent, {"cpu": "4096"})
    _, after = states([], [STACK, parent, job, definition, ecs])
    found = after.task_definition("authsvc")
    assert found
    assert found.name == "authsvc-task-definition"
