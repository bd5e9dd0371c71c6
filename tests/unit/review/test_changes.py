"""The changes that are computed from two states and the engine's steps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from review.changes.differences import Change
from review.changes.replacements import Replacement
from review.changes.stack import Edit
from review.render.headline import headline
from tests.unit.review.deployments import (
    ENCRYPTED,
    PREFIX,
    Raw,
    compared,
    component,
    resource,
    service,
)

ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:key-AbCdEf"
DATABASE = component("database", "marginalia:database:Database")
ADDRESS = resource(types.EIP, "address", DATABASE)


@pytest.mark.parametrize(
    ("before", "after", "summary"),
    [
        ({}, {"image": f"x/mrgnl-authsvc@sha256:{'b' * 64}"}, "new image"),
        ({}, {"environment": [{"name": "B", "value": "1"}]}, "B added, GRPC_PORT removed"),
        ({}, {"secrets": [{"name": "KEY", "valueFrom": f"{ARN}:::v1"}]}, "secret KEY added"),
        ({}, {"sizes": (512, 1024)}, "size"),
        ({}, {"probe": 30}, "health check"),
        ({}, {"user": "root"}, "container settings"),
        ({"portMappings": [{"name": "grpc", "containerPort": 1}]}, {"portMappings": [{"name": "grpc"}]}, "port"),
    ],
)
def test_a_rollout_has_one_short_reason(before: dict[str, Any], after: dict[str, Any], summary: str) -> None:
    old, new = service("authsvc", **before), service("authsvc", **after)
    [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
    assert (rollout.service, rollout.kind, [each.summary for each in rollout.reasons]) == (
        "authsvc",
        "rolls out",
        [summary],
    )


def migrated(parent: Raw, digit: str) -> Raw:
    value = {"insecureValue": f"sha256:{digit * 64} in db-ABC"}
    return resource(types.PARAMETER, "authsvc-migrated", parent, value)


def test_a_rollout_with_a_migration_shows_that_it_runs_first() -> None:
    old, new = (service("authsvc", image=f"x/mrgnl-authsvc@sha256:{digit * 64}") for digit in "ab")
    before, after = migrated(old[0], "a"), migrated(new[0], "b")
    found = compared([*old, before], [*new, after], ("replace", new[1]), ("update", after), ("update", new[2]))
    assert headline(found) == "1 service rolls out (authsvc: new image, migration first)"
    assert found.edits == ()


def test_a_migration_without_a_rollout_is_a_change_of_its_own() -> None:
    """As of a service that gets its first one, or after the database was replaced."""
    old = service("authsvc")
    for before, operation in (([], "create"), ([migrated(old[0], "a")], "update")):
        after = migrated(old[0], "b")
        [edit] = compared([*old, *before], [*old, after], (operation, after)).edits
        assert (edit.component, edit.name, [each.property for each in edit.changes]) == (
            "authsvc",
            "authsvc-migrated",
            ["runs /service -migrate of the image first, once"],
        )


def test_a_new_service_shows_its_migration() -> None:
    new = service("authsvc")
    after = migrated(new[0], "b")
    [rollout] = compared(service("chatsvc"), [*service("chatsvc"), *new, after], ("create", after)).rollouts
    assert rollout.reasons[0].changes[0] == Change(property="first runs", before=None, after="/service -migrate")


def test_a_redeploy_number_is_the_reason_of_a_rollout() -> None:
    old, new = service("authsvc"), service("authsvc")
    more = {"triggers": {"redeploy": "2"}, "forceNewDeployment": True}
    new[2] = {**new[2], "inputs": {**new[2]["inputs"], **more}}
    changes = compared(old, new, ("update", new[2]))
    assert headline(changes) == "1 service rolls out (authsvc: redeploy)"
    [rollout] = changes.rollouts
    assert rollout.reasons[0].changes == (Change(property="redeploy", before=None, after="2"),)


def test_a_change_that_ecs_applies_to_running_tasks_is_no_rollout() -> None:
    old, new = service("authsvc"), service("authsvc")
    new[2] = {**new[2], "inputs": {**new[2]["inputs"], "desiredCount": 2}}
    assert compared(old, new, ("update", new[2])).rollouts == ()


def test_a_second_container_with_the_same_new_image_gives_no_second_reason() -> None:
    def with_gate(digit: str) -> list[Raw]:
        image = f"x/mrgnl-authsvc@sha256:{digit * 64}"
        found = service("authsvc", image=image)
        [container] = json.loads(found[1]["inputs"]["containerDefinitions"])
        gate = {"name": "start_gate", "image": image, "essential": False}
        found[1]["inputs"]["containerDefinitions"] = json.dumps([container, gate])
        return found

    old, new = with_gate("a"), with_gate("b")
    [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
    assert [each.summary for each in rollout.reasons] == ["new image"]
    other = service("chatsvc")
    [added] = compared(other, [*other, *new], ("create", new[1]), ("create", new[2])).rollouts
    assert [each.property for each in added.reasons[0].changes].count("image") == 1


def test_a_secrets_version_is_not_shown_and_another_secret_is_shown_by_its_arn() -> None:
    def changed(reference: str) -> tuple[Change, ...]:
        old = service("authsvc", secrets=[{"name": "KEY", "valueFrom": f"{ARN}:::v1"}])
        new = service("authsvc", secrets=[{"name": "KEY", "valueFrom": reference}])
        [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
        return rollout.reasons[0].changes

    assert changed(f"{ARN}:::v2") == (Change(property="secret KEY", before=ARN, after=f"another version of {ARN}"),)
    other = ARN.replace("key", "other")
    assert changed(f"{other}:::v1") == (Change(property="secret KEY", before=ARN, after=other),)


def test_secret_container_definitions_are_not_compared() -> None:
    old, new = service("authsvc"), service("authsvc")
    new[1]["inputs"]["containerDefinitions"] = ENCRYPTED
    [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
    assert [each.summary for each in rollout.reasons] == ["container definitions are secret and not compared"]


def test_a_service_without_an_engine_step_does_not_roll_out() -> None:
    changes = compared(service("authsvc"), service("authsvc", image="other"))
    assert (changes.rollouts, changes.is_empty, headline(changes)) == ((), True, "nothing changes")


def test_a_replaced_resource_with_data_comes_first_and_has_its_causes() -> None:
    old = resource(types.DB_INSTANCE, "z-instance", DATABASE, {"dbName": "a", "skipFinalSnapshot": True})
    new = resource(types.DB_INSTANCE, "z-instance", DATABASE, {"dbName": "b", "skipFinalSnapshot": True})
    address = resource(types.EIP, "a-address", DATABASE)
    changes = compared([DATABASE, old, address], [DATABASE, new], ("replace", new), ("delete", address))
    instance = Replacement(
        component="database",
        type=types.DB_INSTANCE,
        name="z-instance",
        operation="replaced",
        data="its databases are lost: no final snapshot is taken",
        causes=(Change(property="dbName", before="a", after="b"),),
        follows=False,
    )
    deleted = Replacement(
        component="database",
        type=types.EIP,
        name="a-address",
        operation="deleted",
        data=None,
        causes=(),
        follows=False,
    )
    assert changes.replacements == (instance, deleted)
    assert headline(changes) == "1 RDS instance with data is replaced, 1 public address is deleted"


@pytest.mark.parametrize(
    ("type", "inputs", "data"),
    [
        (
            types.DB_INSTANCE,
            {"finalSnapshotIdentifier": "last"},
            "the new instance is empty; the final snapshot last keeps the data",
        ),
        (types.BUCKET, {"forceDestroy": True}, "all versions of all its objects are deleted"),
        (types.BUCKET, {}, "S3 rejects the deletion unless the bucket is empty; copy its objects first"),
        (types.SECRET, {"recoveryWindowInDays": 0}, "it cannot be restored"),
        (types.SECRET, {"recoveryWindowInDays": 7}, "it can be restored for 7 days"),
        (types.REPOSITORY, {}, "ECR rejects the deletion unless the repository is empty"),
        (types.LOG_GROUP, {}, "its logs are deleted"),
    ],
)
def test_a_deleted_resource_has_the_effect_on_its_data(type: str, inputs: dict[str, Any], data: str) -> None:
    deleted = resource(type, "deleted", DATABASE, inputs)
    [replacement] = compared([DATABASE, deleted], [DATABASE, component("x")], ("delete", deleted)).replacements
    assert replacement.data == data


def test_an_update_is_reported_unless_it_only_follows_a_new_id() -> None:
    old = resource(types.LISTENER, "http", DATABASE, {"port": 80})
    new = resource(types.LISTENER, "http", DATABASE, {"port": 81})
    edit = Edit(
        component="database",
        type=types.LISTENER,
        name="http",
        is_new=False,
        changes=(Change(property="port", before="80", after="81"),),
    )
    assert compared([DATABASE, old], [DATABASE, new], ("update", new)).edits == (edit,)
    assert compared([DATABASE, old], [DATABASE, old], ("update", old)).edits == ()


def test_a_removed_protection_is_reported_without_an_engine_step() -> None:
    old = resource(types.DB_INSTANCE, "instance", DATABASE, protect=True)
    [edit] = compared([DATABASE, old], [DATABASE, {**old, "protect": False}]).edits
    assert edit.changes == (Change(property="protect", before="true", after="false"),)


def test_an_edit_of_the_provider_is_reported_with_its_effect_on_aws() -> None:
    def provider(**inputs: str) -> Raw:
        kind = types.AWS_PROVIDER
        return {"urn": f"{PREFIX}{kind}::aws", "type": kind, "custom": True, "id": "x", "inputs": inputs}

    old = provider(region="us-east-1", defaultTags='{"tags": {"stack": "dev"}}')
    new = provider(region="us-east-1", defaultTags='{"tags": {"stack": "dev", "team": "x"}}')
    changes = compared([DATABASE, old, ADDRESS], [DATABASE, new, ADDRESS], ("update", new))
    edit = Edit(
        component="",
        type=types.AWS_PROVIDER,
        name="aws",
        is_new=False,
        changes=(
            Change(property="defaultTags.tags.team", before=None, after="x"),
            Change(property="every resource that takes tags is updated in place", before=None, after=None),
        ),
    )
    assert changes.edits == (edit,)
    assert headline(changes) == "the stack's AWS provider changes"
    assert [(each.operation, each.name) for each in changes.steps] == [("update", "aws")]
    moved = compared([DATABASE, old, ADDRESS], [DATABASE, provider(region="us-east-2"), ADDRESS], ("update", new))
    assert moved.edits[0].changes[-1].property == (
        "the deployed resources stay in the former region: destroy the stack first"
    )


def test_a_provider_is_not_counted_as_a_resource() -> None:
    new = {"urn": f"{PREFIX}pulumi:providers:aws::aws", "type": types.AWS_PROVIDER, "custom": True}
    changes = compared([], [DATABASE, new, ADDRESS], ("create", new), ("create", ADDRESS))
    assert headline(changes) == "first deployment: 0 services, 1 resource"


def test_the_headline_of_a_rollout_has_its_reason() -> None:
    old, new = service("promptsvc"), service("promptsvc", image=f"x/mrgnl-promptsvc@sha256:{'b' * 64}")
    changes = compared(old, new, ("replace", new[1]), ("update", new[2]))
    assert headline(changes) == "1 service rolls out (promptsvc: new image)"


def test_the_values_of_a_change_are_not_cut() -> None:
    values = ["x" * 500 + end for end in "12"]
    old, new = (service("authsvc", environment=[{"name": "A", "value": each}]) for each in values)
    [rollout] = compared(old, new, ("replace", new[1]), ("update", new[2])).rollouts
    assert rollout.reasons[0].changes == (Change(property="environment A", before=values[0], after=values[1]),)


@pytest.mark.parametrize(
    ("before", "after", "summary"),
    [
        ("info", "debug", "LEVEL=debug"),
        (None, "debug", "LEVEL=debug"),
        ("info", None, "LEVEL removed"),
        ("info", "x" * 25, "LEVEL changed"),
        (None, "x" * 25, "LEVEL added"),
    ],
)
def test_a_short_value_of_a_variable_is_in_the_headline(before: str | None, after: str | None, summary: str) -> None:
    old, new = (
        service("authsvc", environment=[{"name": "LEVEL", "value": value}] if value else [])
        for value in (before, after)
    )
    changes = compared(old, new, ("replace", new[1]), ("update", new[2]))
    assert headline(changes) == f"1 service rolls out (authsvc: {summary})"


def test_a_single_changed_property_is_in_the_headline_with_its_values() -> None:
    old, new = (resource(types.LISTENER, "http", DATABASE, {"port": port}) for port in (80, 81))
    assert headline(compared([DATABASE, old], [DATABASE, new], ("update", new))) == "database's listener: port 80 → 81"
