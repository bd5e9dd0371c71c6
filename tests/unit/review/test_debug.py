"""What a page says of debug tasks: with which toolbox, and what they may do that their service may not."""

from __future__ import annotations

import json

from ecs import types
from review.changes.stack import Changes
from tests.unit.review.deployments import Raw, compared, component, references, resource, service

SERVICE = component("mcp")


def role(name: str, *actions: str) -> list[Raw]:
    found = resource(types.ROLE, name, SERVICE)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": ["arn:aws:s3:::content"]}
    inputs = {"role": found["id"], "policy": json.dumps({"Statement": [statement]})}
    return [found, resource(types.ROLE_POLICY, f"{name}-policy", SERVICE, inputs, **references(role=found))]


def mcp(*, actions: tuple[str, ...] = ("s3:GetObject",)) -> list[Raw]:
    [parent, task, ecs] = service("mcp")
    own = role("mcp-task-role", *actions)
    return [parent, {**task, **references(taskRoleArn=own[0])}, ecs, *own]


def debug(digit: str = "a", *actions: str) -> list[Raw]:
    own = role("mcp-debug-task-role", *(actions or ("s3:GetObject",)))
    container = {"name": "debug", "image": f"tools/toolbox@sha256:{digit * 64}"}
    inputs = {"family": "mrgnl-mcp_debug", "containerDefinitions": json.dumps([container])}
    definition = resource(types.TASK_DEFINITION, "mcp-debug-definition", SERVICE, inputs)
    return [{**definition, **references(taskRoleArn=own[0])}, *own]


def changes(before: list[Raw], after: list[Raw]) -> Changes:
    urns = {each["urn"] for each in before}
    return compared(before, after, *(("create", each) for each in after if each["urn"] not in urns))


def texts(found: Changes) -> list[str]:
    return [f"{each.name}: {each.text}" for each in found.concerns]


def test_a_toolbox_and_another_toolbox_are_concerns_with_the_image() -> None:
    clause = "mcp-debug-definition: a shell can be opened with the access of the service, in toolbox@sha256:"
    assert texts(changes(mcp(), [*mcp(), *debug()])) == [f"{clause}{'a' * 12}"]
    assert texts(changes([*mcp(), *debug()], [*mcp(), *debug("b")])) == [f"{clause}{'b' * 12}"]
    assert texts(changes([*mcp(), *debug()], [*mcp(), *debug()])) == []


def test_what_debug_tasks_may_as_their_service_may_is_no_permission_of_its_own() -> None:
    assert changes(mcp(), [*mcp(), *debug()]).granted == ()


def test_what_debug_tasks_may_beyond_their_service_is_a_wider_permission() -> None:
    found = changes(mcp(), [*mcp(), *debug("a", "s3:GetObject", "s3:DeleteObject")])
    sentence = "mcp's debug task role may s3:DeleteObject on arn:aws:s3:::content"
    assert found.granted == (sentence,)
    assert f": {sentence}" in texts(found)


def test_the_summary_of_a_first_deployment_names_the_toolbox() -> None:
    found = {each.topic: each.text for each in changes([], [*mcp(), *debug()]).summary}
    assert found["debug"] == f"a shell with the access of each service, in toolbox@sha256:{'a' * 12}"
    assert "debug" not in {each.topic for each in changes([], mcp()).summary}
