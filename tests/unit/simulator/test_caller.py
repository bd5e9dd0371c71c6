from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from simulator.caller import Caller, Operation
from simulator.cloud import Request
from simulator.failure import RejectedError
from simulator.store import Properties
from tests.declared import EVERYTHING
from tests.unit.simulator.world import TRUST, World

BOUNDARY = "arn:aws:iam::000000000000:policy/tasks"


def problems(
    world: World,
    operation: Operation,
    token: str,
    inputs: Properties,
    old: Properties | None = None,
    *,
    allowed: dict[str, Any] | None = None,
) -> list[tuple[str, str]]:
    """The actions that the role lacks, each with its resource."""
    statements: list[dict[str, Any]] = [{"Effect": "Allow", "Action": "none", "Resource": "*", **(allowed or {})}]
    caller = Caller(arn="arn:aws:sts::000000000000:assumed-role/ci/simulator", statements=statements)
    # As from the Docker provider, which knows no account.
    account, region = ("", "") if token == types.DOCKER_IMAGE else (world.account, world.region)
    request = Request(token=token, urn="", inputs=inputs, cloud=world.cloud, account=account, region=region)
    try:
        caller.check(request, operation, old)
    except RejectedError as error:
        words = [each.split() for each in str(error).split("; ")]
        return [(each[each.index("perform:") + 1], each[each.index("resource:") + 1]) for each in words]
    return []


CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/mrgnl"
LOGS = "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/mrgnl-mcp"


def test_an_update_needs_the_actions_of_the_inputs_that_change(world: World) -> None:
    old = {"name": "/ecs/mrgnl-mcp", "retentionInDays": 30}
    read = [("logs:DescribeLogGroups", "*"), ("logs:ListTagsForResource", LOGS)]
    assert problems(world, "update", types.LOG_GROUP, old, old) == read
    assert problems(world, "update", types.LOG_GROUP, {**old, "retentionInDays": 60}, old) == [
        *read,
        ("logs:PutRetentionPolicy", LOGS),
    ]


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (
            types.SERVICE,
            {"cluster": CLUSTER, "name": "mcp"},
            ("ecs:CreateService", "arn:aws:ecs:us-east-1:000000000000:service/mrgnl/mcp"),
        ),
        (
            types.DOCKER_IMAGE,
            {"imageName": "000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-mcp:working"},
            ("ecr:PutImage", "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-mcp"),
        ),
        (
            types.TASK_DEFINITION,
            {
                "family": "mrgnl-mcp",
                "executionRoleArn": "arn:aws:iam::000000000000:role/e",
                "taskRoleArn": "arn:aws:iam::000000000000:role/t",
            },
            ("iam:PassRole", "arn:aws:iam::000000000000:role/t"),
        ),
    ],
)
def test_a_create_needs_its_actions_on_the_arn_of_the_resource(
    world: World, token: str, inputs: Properties, expected: tuple[str, str]
) -> None:
    assert expected in problems(world, "create", token, inputs)
    action, arn = expected
    assert expected not in problems(world, "create", token, inputs, allowed={"Action": action, "Resource": arn})
    assert expected in problems(world, "create", token, inputs, allowed={"Action": action, "Resource": f"{arn}x"})


@pytest.mark.parametrize("boundary", ["", BOUNDARY])
def test_a_policy_of_a_role_is_written_if_the_role_has_the_boundary(world: World, boundary: str) -> None:
    if boundary:
        world.create(types.IAM_POLICY, name="tasks", policy=EVERYTHING)
    world.create(
        types.ROLE, name="it", assumeRolePolicy=TRUST, **({"permissionsBoundary": boundary} if boundary else {})
    )
    allowed = {"Action": "iam:*", "Condition": {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}}
    found = problems(world, "create", types.ROLE_POLICY, {"role": "it", "name": "p"}, allowed=allowed)
    assert (("iam:PutRolePolicy", "arn:aws:iam::000000000000:role/it") in found) == (not boundary)


def test_a_read_and_a_delete_of_a_type_of_another_provider_need_nothing(world: World) -> None:
    assert problems(world, "read", types.RANDOM_ID, {}) == problems(world, "delete", types.RANDOM_ID, {}) == []


def test_a_type_without_a_row_is_refused(world: World) -> None:
    caller = Caller(arn="", statements=[{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    request = Request(token=types.KMS_KEY, urn="", inputs={}, cloud=world.cloud, account="", region="")
    with pytest.raises(RejectedError, match="bootstrap/actions has no row for aws:kms/key:Key"):
        caller.check(request, "read")
