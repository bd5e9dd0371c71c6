from __future__ import annotations

import json

import pytest

from ecs import types
from review.deployment import permissions
from review.deployment.state import State, states
from tests.unit.review.deployments import STACK, Raw, compared, component, references, resource

SERVICE = component("promptsvc")


def policy(role: Raw, *resources: str, actions: tuple[str, ...] = ("s3:GetObject",)) -> Raw:
    statement = {"Sid": "Read", "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    inputs = {"role": role["id"], "policy": json.dumps({"Statement": [statement]})}
    return resource(
        types.ROLE_POLICY, f"{role['urn'].rpartition('::')[-1]}-policy", SERVICE, inputs, **references(role=role)
    )


def definition(execution: Raw, task: Raw, parent: Raw = SERVICE) -> Raw:
    roles = references(executionRoleArn=execution, taskRoleArn=task)
    return resource(types.TASK_DEFINITION, f"definition-of-{parent['urn']}", parent, **roles)


def state(*resources: Raw) -> State:
    return states([], [STACK, SERVICE, *resources])[1]


@pytest.mark.parametrize(
    "names", [("promptsvc-task-execution", "promptsvc-task-role"), ("b", "a"), ("x-task-role", "y")]
)
def test_a_role_is_named_after_its_use_whatever_its_logical_name(names: tuple[str, str]) -> None:
    execution, task = (resource(types.ROLE, name, SERVICE) for name in names)
    policies = [policy(execution, "image", actions=("ecr:Get",)), policy(task, "content")]
    found = permissions.grants(state(execution, task, definition(execution, task), *policies))
    assert [each for each in permissions.sentences(found) if " on " in each] == [
        "promptsvc's execution role may ecr:Get on image",
        "promptsvc's task role may s3:GetObject on content",
    ]


def test_a_role_that_no_task_definition_uses_has_its_logical_name() -> None:
    role = resource(types.ROLE, "x-task-role", SERVICE)
    found = permissions.grants(state(role, policy(role, "a")))
    assert "role x-task-role may s3:GetObject on a" in permissions.sentences(found)


def test_a_role_that_two_services_use_is_named_after_both() -> None:
    authsvc = component("authsvc")
    task, shared = (resource(types.ROLE, name, SERVICE) for name in ("task", "shared"))
    definitions = [definition(shared, task), definition(shared, task, authsvc)]
    found = permissions.grants(state(authsvc, task, shared, *definitions, policy(shared, "a")))
    sentence = "authsvc's execution role and promptsvc's execution role may s3:GetObject on a"
    assert sentence in permissions.sentences(found)


def test_the_grants_of_a_task_role_are_those_of_the_policies_that_reference_it() -> None:
    execution, task = (resource(types.ROLE, name, SERVICE) for name in ("x-task-role", "other"))
    tasks = definition(execution, task)
    ecs = resource(types.SERVICE, "service", SERVICE, **references(taskDefinition=tasks))
    policies = [policy(execution, "image", actions=("ecr:Get",)), policy(task, "content")]
    found = permissions.of_task_role(state(execution, task, tasks, ecs, *policies), "promptsvc")
    assert [(each.action, each.resource) for each in found] == [("s3:GetObject", "content")]


def test_only_the_new_grant_of_a_longer_statement_is_reported() -> None:
    execution, task = (resource(types.ROLE, name, SERVICE) for name in ("e", "t"))
    base = [SERVICE, execution, task, definition(execution, task)]
    old = policy(task, "a")
    wider = compared([*base, old], [*base, policy(task, "b", "a")], ("update", old))
    assert (wider.granted, wider.revoked) == (("promptsvc's task role may s3:GetObject on b",), ())
    more = compared([*base, old], [*base, policy(task, "a", actions=("s3:*",))], ("update", old))
    assert (more.granted, more.revoked) == (
        ("promptsvc's task role may s3:* on a",),
        ("promptsvc's task role may s3:GetObject on a",),
    )


def test_a_grant_has_its_principal_and_its_condition() -> None:
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": ["arn:aws:iam::000000000001:root", "*"]},
        "NotAction": "ecr:Get",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    inputs = {"repository": "mrgnl-x", "policy": json.dumps({"Statement": statement})}
    new = resource(types.REPOSITORY_POLICY, "policy", SERVICE, inputs)
    other = resource(types.EIP, "address", SERVICE)
    condition = "if aws:SecureTransport Bool false"
    assert compared([SERVICE, other], [SERVICE, other, new], ("create", new)).granted == (
        f"repository mrgnl-x: account 000000000001 may not everything except ecr:Get, {condition}",
        f"repository mrgnl-x: everyone may not everything except ecr:Get, {condition}",
    )
