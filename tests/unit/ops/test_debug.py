"""`debug` on the simulated cloud, with requests and responses that botocore's models accept."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config.problems import UserError
from ecs import types
from ops import cli, debug, session_manager
from ops.cloud import Cloud
from ops.debug import Task
from simulator.aws import ecs_runs
from tests.declared import REGION, STACKS, Declared, declare_program
from tests.images import image, images
from tests.unit.ops.simulated import Simulated, deployed, simulated

NAMES = ("authsvc", "chatsvc", "mcp", "promptsvc", "scrapsvc")


@cache
def with_toolbox() -> Declared:
    return declare_program("dev", build=None, images=images(NAMES), debug={"image": image("toolbox"), "minutes": 30})


@pytest.fixture
def cloud() -> Simulated:
    return deployed(with_toolbox())


def start(cloud: Simulated, service: str = "promptsvc", minutes: int | None = None, *, forward: bool = False) -> Task:
    return debug.start(cloud.cloud, "dev", service, STACKS, minutes=minutes, forward=forward)


def ready(cloud: Simulated, service: str = "promptsvc") -> Task:
    task = start(cloud, service)
    return replace(task, runtime_id=debug.runtime_id(task, lambda _: None))


def tasks(cloud: Simulated) -> list[dict[str, Any]]:
    return [each.properties for each in cloud.store.find(ecs_runs.TASK)]


def test_the_task_has_the_network_of_the_service_and_runs_the_toolbox_for_the_minutes_of_the_stack(
    cloud: Simulated,
) -> None:
    run = start(cloud).run
    service = cloud.service("promptsvc").properties["networkConfiguration"]
    assert (run.subnets, run.security_groups) == (service["subnets"], service["securityGroups"])
    [task] = tasks(cloud)
    assert {key: task[key] for key in ("startedBy", "enableExecuteCommand", "lastStatus", "overrides")} == {
        "startedBy": "debug",
        "enableExecuteCommand": True,
        "lastStatus": "RUNNING",
        "overrides": {"containerOverrides": [{"name": "debug", "command": ["1800"]}]},
    }
    assert task["taskDefinition"].endswith(":task-definition/mrgnl-promptsvc_debug:1")


def test_its_permissions_are_those_of_the_requests_that_it_sends(cloud: Simulated) -> None:
    task = ready(cloud)
    debug.shell(task)
    debug.forward(task, 5432)
    debug.stop(task)
    # RunTask checks these two: the tags and the roles of the task.
    assert sorted({*cloud.actions, "ecs:TagResource", "iam:PassRole"}) == sorted(debug.PERMISSIONS)


def test_a_session_is_opened_in_the_container_by_the_name_that_session_manager_has_for_it(cloud: Simulated) -> None:
    task = ready(cloud)
    [described] = task.ecs.describe_tasks(cluster=task.run.cluster, tasks=[task.arn])["tasks"]
    target = f"ecs:mrgnl_{task.id}_{described['containers'][0]['runtimeId']}"
    assert debug.shell(task)[1] == {"Target": target}
    _, request = debug.forward(task, 15432)
    assert request == {
        "Target": target,
        "DocumentName": "AWS-StartPortForwardingSessionToRemoteHost",
        "Parameters": {"host": [task.database], "portNumber": ["5432"], "localPortNumber": ["15432"]},
    }
    assert task.database.endswith(".rds.amazonaws.com")


def test_the_command_lines_are_those_of_the_aws_cli(cloud: Simulated) -> None:
    task = ready(cloud)
    of_task = ["--region", REGION, "--cluster", "mrgnl", "--task", task.id]
    parameters = json.dumps(debug.forward(task, 5432)[1]["Parameters"], separators=(",", ":"))
    assert {key: shlex.split(line) for key, line in debug.lines(task, 5432).items()} == {
        "shell": [
            *("aws", "ecs", "execute-command", *of_task, "--container", "debug", "--interactive"),
            *("--command", "/bin/sh"),
        ],
        "forward": [
            *("aws", "ssm", "start-session", "--region", REGION, "--target", task.target),
            *("--document-name", debug.DOCUMENT, "--parameters", parameters),
        ],
        "stop": ["aws", "ecs", "stop-task", *of_task],
    }
    assert set(debug.lines(ready(cloud, "mcp"), 5432)) == {"shell", "stop"}


def test_no_session_is_opened_in_a_task_that_has_been_stopped(cloud: Simulated) -> None:
    task = ready(cloud)
    debug.stop(task)
    for opened in (lambda: debug.shell(task), lambda: debug.forward(task, 5432)):
        with pytest.raises(UserError):
            opened()


def without_statement(policy: str, sid: str) -> Callable[[Simulated], None]:
    def change(cloud: Simulated) -> None:
        [found] = [each for each in cloud.store.find(types.ROLE_POLICY) if each.urn == policy]
        document = json.loads(found.properties["policy"])
        document["Statement"] = [each for each in document["Statement"] if each["Sid"] != sid]
        cloud.change(found, policy=json.dumps(document))

    return change


def read_only(cloud: Simulated) -> None:
    [found] = cloud.store.find(types.TASK_DEFINITION, family="mrgnl-promptsvc_debug")
    [container] = json.loads(found.properties["containerDefinitions"])
    cloud.change(found, containerDefinitions=json.dumps([{**container, "readonlyRootFilesystem": True}]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            without_statement("promptsvc-debug-task-execution-policy", "PullImage"),
            "dev/promptsvc: the debug task ended before it could be used: CannotPullContainerError: ",
        ),
        (
            read_only,
            "dev/promptsvc: the agent of ECS Exec does not run in the debug task: the root file system of debug is",
        ),
    ],
)
def test_a_task_that_cannot_be_used_is_one_message(
    cloud: Simulated, change: Callable[[Simulated], None], words: str
) -> None:
    change(cloud)
    with pytest.raises(UserError) as error:
        ready(cloud)
    assert str(error.value).startswith(words)


def test_a_role_that_serves_no_sessions_is_the_answer_of_aws(cloud: Simulated) -> None:
    without_statement("promptsvc-debug-task-role-policy", "ServeSessions")(cloud)
    with pytest.raises(UserError, match="TargetNotConnectedException"):
        debug.shell(ready(cloud))


@pytest.mark.parametrize(
    ("service", "options", "message"),
    [
        ("promtsvc", {}, f"dev: no service promtsvc. Did you mean promptsvc? It runs {', '.join(NAMES)}."),
        ("mcp", {"forward": True}, "dev/mcp: uses no database, so no port leads to one. Leave --forward out."),
        ("mcp", {"minutes": 31}, "dev/mcp: --minutes is 31. It must be 1 to 30, the debug.minutes of the stack."),
        ("mcp", {"minutes": 0}, "dev/mcp: --minutes is 0. It must be 1 to 30, the debug.minutes of the stack."),
    ],
)
def test_what_cannot_be_debugged_is_one_message_and_starts_nothing(
    cloud: Simulated, service: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError) as error:
        start(cloud, service, **options)
    assert str(error.value) == message
    assert tasks(cloud) == []


def test_a_stack_without_a_toolbox_says_which_key_to_set() -> None:
    with pytest.raises(UserError) as error:
        start(simulated())
    assert str(error.value) == (
        "dev: no service can be debugged. Set marginalia:stack.debug in Pulumi.dev.yaml and deploy it:"
        " docs/howto/debug.md"
    )


Connected = list[tuple[dict[str, Any], dict[str, Any], str]]


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.fixture
def connected(cloud: Simulated, monkeypatch: pytest.MonkeyPatch) -> Connected:
    """The sessions that the plugin got: it is installed, and there is a terminal. The cloud is not simulated."""
    found: Connected = []

    def connect(session: dict[str, Any], request: dict[str, Any], region: str) -> None:
        found.append((session, request, region))
        assert [each["lastStatus"] for each in tasks(cloud)] == ["RUNNING"], "the task runs while the session is open"

    def aws(_: Path) -> Cloud:
        return replace(cloud.cloud, is_simulated=False)

    monkeypatch.setattr(cli.cloud, "aws", aws)
    monkeypatch.setattr(session_manager, "connect", connect)
    monkeypatch.setattr(session_manager, "is_installed", lambda: True)
    monkeypatch.setattr("sys.stdin", Terminal())
    return found


def test_the_task_is_stopped_when_the_person_leaves_the_shell(cloud: Simulated, connected: Connected) -> None:
    assert cli.main(["debug", "dev", "promptsvc", "--minutes", "10"], root=STACKS) == 0
    [(session, request, region)] = connected
    assert (session["sessionId"], list(request), region) == ("ecs-execute-command-/bin/sh", ["Target"], REGION)
    [task] = tasks(cloud)
    assert (task["lastStatus"], task["stoppedReason"]) == ("STOPPED", "the person has left")
    assert task["overrides"]["containerOverrides"][0]["command"] == ["600"]


def test_forward_opens_no_shell_but_a_port(cloud: Simulated, connected: Connected) -> None:
    assert cli.main(["debug", "dev", "promptsvc", "--forward", "15432"], root=STACKS) == 0
    assert [request["Parameters"]["localPortNumber"] for _, request, _ in connected] == [["15432"]]
    assert [each["lastStatus"] for each in tasks(cloud)] == ["STOPPED"]


def test_the_task_is_stopped_when_no_session_opens(
    cloud: Simulated, connected: Connected, capsys: pytest.CaptureFixture[str]
) -> None:
    without_statement("promptsvc-debug-task-role-policy", "ServeSessions")(cloud)
    assert cli.main(["debug", "dev", "promptsvc"], root=STACKS) == 1
    assert [each["lastStatus"] for each in tasks(cloud)] == ["STOPPED"]
    assert connected == []
    assert "TargetNotConnectedException" in capsys.readouterr().err


def test_without_the_plugin_the_lines_are_printed_and_ctrl_c_stops_the_task(
    cloud: Simulated, connected: Connected, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session_manager, "is_installed", lambda: False)
    monkeypatch.setattr("time.sleep", interrupt)
    assert cli.main(["debug", "dev", "promptsvc"], root=STACKS) == 130
    printed = capsys.readouterr().err.splitlines()
    assert [line.split()[:3] for line in printed if line.startswith("  aws ")] == [
        ["aws", "ecs", "execute-command"],
        ["aws", "ssm", "start-session"],
        ["aws", "ecs", "stop-task"],
    ]
    assert printed[-1] == "dev/promptsvc: the debug task is stopped."
    assert [each["lastStatus"] for each in tasks(cloud)] == ["STOPPED"]
    assert connected == []


def test_a_script_gets_the_lines_and_the_task_runs_on(
    cloud: Simulated, connected: Connected, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["debug", "dev", "promptsvc", "--json"], root=STACKS) == 0
    found = json.loads(capsys.readouterr().out)
    [task] = tasks(cloud)
    assert (found["task"], found["minutes"], task["lastStatus"]) == (task["arn"].rpartition("/")[2], 30, "RUNNING")
    assert {"shell", "forward", "stop"} <= set(found)
    assert connected == []


def test_the_plugin_gets_what_the_aws_cli_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[list[str]] = []

    def run(arguments: list[str], *, check: bool) -> None:
        got.append(arguments)

    monkeypatch.setattr("subprocess.run", run)
    session_manager.connect({"SessionId": "s"}, {"Target": "ecs:c_t_r"}, REGION)
    assert got == [
        [
            *("session-manager-plugin", '{"SessionId": "s"}', REGION, "StartSession", "", '{"Target": "ecs:c_t_r"}'),
            f"https://ssm.{REGION}.amazonaws.com",
        ]
    ]


def test_the_simulator_refuses_a_session_as_aws_does(cloud: Simulated) -> None:
    task = ready(cloud)
    with pytest.raises(ClientError, match="Interactive is the only mode"):
        task.ecs.execute_command(
            cluster=task.run.cluster, task=task.arn, container="debug", command="ls", interactive=False
        )
    [stored] = cloud.store.find(ecs_runs.TASK)
    cloud.change(stored, agent="STOPPED")
    with pytest.raises(UserError, match=r"InvalidParameterException.*the execute command agent isn't running"):
        debug.shell(task)
