"""What the program declares for debug tasks, and that AWS takes it."""

from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from simulator import debugging
from simulator.store import Store
from tests.declared import ACCOUNT, REGION, Declared, declare_program
from tests.images import ACCOUNT as OF_IMAGES
from tests.images import image
from tests.program.mutations import Change, containers, mutate, policy, put, refusals
from tests.unit.simulator.world import World

TOOLBOX = image("toolbox")
DEBUG = {"image": TOOLBOX, "minutes": 30}
ZONES = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}
SESSIONS = "/ecs/mrgnl-promptsvc_debug"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{SESSIONS}"


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare_program("dev", debug=DEBUG)


def definition(declared: Declared, service: str) -> dict[str, Any]:
    return declared.one(types.TASK_DEFINITION, f"{service}-debug-definition").inputs


def container(declared: Declared, service: str) -> dict[str, Any]:
    [only] = declared.one(types.TASK_DEFINITION, f"{service}-debug-definition").json("containerDefinitions")
    return only


def statements(declared: Declared, policy: str) -> dict[str, Any]:
    return {each["Sid"]: each for each in declared.one(types.ROLE_POLICY, policy).json("policy")["Statement"]}


def test_a_toolbox_adds_resources_and_changes_none(declared: Declared) -> None:
    before, after = ({each.urn: each for each in found.registrations} for found in (declare_program("dev"), declared))
    assert set(before) - set(after) == set()
    assert [name for urn in set(after) - set(before) if "-debug" not in (name := after[urn].name)] == []
    # Inputs have the numbers that the simulated cloud gives to new objects, so only their names are compared.
    assert [urn for urn in before if set(before[urn].inputs) != set(after[urn].inputs)] == []


def test_without_a_toolbox_nothing_of_it_is_declared() -> None:
    before = declare_program("dev")
    assert "marginalia:debug:Debug" not in before.types
    assert "debug" not in before.exports()


def test_the_sessions_of_a_service_are_logged_in_a_group_that_expires_and_outlives_a_protected_stack(
    declared: Declared,
) -> None:
    protected = declare_program("dev", debug=DEBUG, protect=True)
    for found, is_retained in ((declared, False), (protected, True)):
        group = found.one(types.LOG_GROUP, "promptsvc-debug-logs")
        assert group.inputs == {"name": SESSIONS, "retentionInDays": 30}
        assert group.options.retainOnDelete == is_retained
    # Without a configuration of the cluster, ECS Exec logs to the group of the container.
    assert "configuration" not in declared.one(types.CLUSTER, "cluster-cluster").inputs


def test_each_service_has_a_debug_task_with_its_own_environment_and_secrets(declared: Declared) -> None:
    found = container(declared, "promptsvc")
    [of_service, _] = declared.one(types.TASK_DEFINITION, "promptsvc-task-definition").json("containerDefinitions")
    assert definition(declared, "promptsvc")["family"] == "mrgnl-promptsvc_debug"
    assert found == {
        **{key: of_service[key] for key in ("essential", "user", "stopTimeout", "mountPoints", "secrets")},
        "name": "debug",
        "image": TOOLBOX,
        "entryPoint": ["sleep"],
        "command": ["1800"],
        "readonlyRootFilesystem": False,
        "linuxParameters": {"initProcessEnabled": True},
        "environment": [each for each in of_service["environment"] if each["name"] == "S3_BUCKET"],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                **of_service["logConfiguration"]["options"],
                "awslogs-group": SESSIONS,
            },
        },
    }
    assert container(declared, "mcp")["secrets"] == []


def test_a_debug_task_has_the_permissions_of_its_service_and_those_of_sessions(declared: Declared) -> None:
    own = statements(declared, "promptsvc-task-role-policy")
    sessions = {
        "ServeSessions": {
            "Sid": "ServeSessions",
            "Effect": "Allow",
            "Action": [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "Resource": ["*"],
        },
        "FindLogGroup": {
            "Sid": "FindLogGroup",
            "Effect": "Allow",
            "Action": ["logs:DescribeLogGroups"],
            "Resource": [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"],
        },
        "LogSessions": {
            "Sid": "LogSessions",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [f"{GROUP}:*"],
        },
    }
    assert statements(declared, "promptsvc-debug-task-role-policy") == {**own, **sessions}
    assert set(statements(declared, "mcp-debug-task-role-policy")) == set(sessions)
    execution = statements(declared, "promptsvc-debug-task-execution-policy")
    of_service = statements(declared, "promptsvc-task-execution-policy")
    assert execution["ReadSecrets"] == of_service["ReadSecrets"]
    assert execution["PullImage"]["Resource"] == [f"arn:aws:ecr:{REGION}:{OF_IMAGES}:repository/mrgnl-toolbox"]


def test_no_role_of_a_service_serves_sessions(declared: Declared) -> None:
    serving = [name for name, each in declared.of(types.ROLE_POLICY).items() if "ssmmessages" in each.inputs["policy"]]
    assert sorted(serving) == [
        f"{name}-debug-task-role-policy" for name in ("authsvc", "chatsvc", "mcp", "promptsvc", "scrapsvc")
    ]
    assert [each for each in declared.of(types.SERVICE).values() if each.inputs.get("enableExecuteCommand")] == []


def test_the_outputs_say_how_a_debug_task_is_started(declared: Declared) -> None:
    service = declared.one(types.SERVICE, "authsvc-service").inputs["networkConfiguration"]
    [database] = declared.of(types.DB_INSTANCE).values()
    found = declared.exports()["debug"]
    assert found["authsvc"] == {
        "image": TOOLBOX,
        "minutes": 30,
        "task-definition": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/mrgnl-authsvc_debug:1",
        "subnets": service["subnets"],
        "security-groups": service["securityGroups"],
        "public-address": False,
        "database": f"{database.inputs['identifier']}.{found['authsvc']['database'].partition('.')[2]}",
    }
    assert found["mcp"]["database"] == ""


@pytest.mark.parametrize("egress", ["public", "nat", "endpoints"])
def test_only_without_a_way_to_the_internet_do_sessions_need_an_endpoint(egress: str) -> None:
    declared = declare_program("dev", debug=DEBUG, network={**ZONES, "egress": egress})
    assert ("network-ssmmessages" in declared.of(types.VPC_ENDPOINT)) == (egress == "endpoints")
    assert "network-ssmmessages" not in declare_program("dev", network={**ZONES, "egress": egress}).of(
        types.VPC_ENDPOINT
    )


def world(egress: str) -> World:
    found = World(store=Store(":memory:"), account=ACCOUNT)
    for each in declare_program("dev", debug=DEBUG, network={**ZONES, "egress": egress}).objects:
        found.store.put(each)
    return found


@pytest.mark.parametrize("egress", ["public", "nat", "endpoints"])
def test_aws_takes_what_a_toolbox_declares(egress: str) -> None:
    assert refusals(world(egress)) == []


def problems(found: World) -> list[str]:
    """Without an engine, the URN of an object is its logical name, and stands for the stack."""
    return list(debugging.problems(found.store, "promptsvc-service"))


def remove(found: World, name: str) -> None:
    [only] = [each for kind in found.types for each in found.store.find(kind) if each.urn == name]
    found.store.remove(only)


@pytest.mark.parametrize("egress", ["public", "nat", "endpoints"])
def test_debug_tasks_would_start_and_could_be_used(egress: str) -> None:
    assert problems(world(egress)) == []


ROLE = "promptsvc-debug-task-role-policy"


def without(sid: str) -> Change:
    return policy(lambda found: found.remove(next(each for each in found if each["Sid"] == sid)))


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (ROLE, without("ServeSessions"), "is not authorized to perform ssmmessages:CreateControlChannel: no policy"),
        (ROLE, without("FindLogGroup"), "is not authorized to perform logs:DescribeLogGroups on /ecs/mrgnl-promptsvc_"),
        (ROLE, without("LogSessions"), "is not authorized to perform logs:CreateLogStream on /ecs/mrgnl-promptsvc_deb"),
        (ROLE, without("UseObjects"), "is not authorized to perform s3:AbortMultipartUpload"),
        ("promptsvc-debug-task-execution-policy", without("PullImage"), "is not authorized to perform ecr:"),
        ("promptsvc-debug-task-execution-policy", without("ReadSecrets"), "secretsmanager:GetSecretValue"),
        (
            "promptsvc-debug-definition",
            containers(lambda found: found[0].update(readonlyRootFilesystem=True)),
            "the root file system of debug is read-only",
        ),
        ("promptsvc-debug-definition", put(taskRoleArn=None), "InvalidParameterException: a valid taskRoleArn is not"),
    ],
)
def test_debug_tasks_that_nobody_could_use_are_known_after_an_update(name: str, change: Change, words: str) -> None:
    found = world("nat")
    mutate(found, name, change)
    assert [each for each in problems(found) if words in each] != [], problems(found)


def test_without_its_endpoint_no_session_reaches_a_task_without_a_way_to_the_internet() -> None:
    found = world("endpoints")
    remove(found, "network-ssmmessages")
    assert {each.partition(" has ")[2] for each in problems(found)} == {
        "no route out (network-private has no route to 0.0.0.0/0) and no reachable endpoint for ssmmessages"
    }
