"""What the program declares for jobs, and what the simulator refuses of schedules."""

from __future__ import annotations

from typing import Any

import pytest

from config.catalogue import Catalogue, Job
from ecs import types
from simulator import schedules
from simulator.store import Store
from tests.declared import ACCOUNT, CATALOGUE, REGION, WITH_JOBS, Declared, declare_program
from tests.images import images
from tests.program.mutations import Change, assert_refused, mutate, policy, put, refusals, within
from tests.unit.simulator.world import World

OF_JOBS = {
    types.SCHEDULE,
    types.SCHEDULE_GROUP,
    "marginalia:job:Job",
    "marginalia:job:Schedule",
    "marginalia:job:Schedules",
}
EMAILS = {"emails": ["ops@example.com"]}
OF_ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare_program("dev", services=WITH_JOBS, alerts=EMAILS)


def container(declared: Declared, job: str) -> dict[str, Any]:
    [only] = declared.one(types.TASK_DEFINITION, f"{job}-task-definition").json("containerDefinitions")
    return only


def statements(declared: Declared, policy: str) -> dict[str, Any]:
    return {each["Sid"]: each for each in declared.one(types.ROLE_POLICY, policy).json("policy")["Statement"]}


def test_a_catalogue_without_jobs_declares_nothing_of_them() -> None:
    before = declare_program("dev", alerts=EMAILS)
    assert before.types & OF_JOBS == set()
    assert "jobs" not in before.exports()
    assert "alerts-job-failed" not in before.of(types.EVENT_RULE)


def test_jobs_change_nothing_of_what_was_declared_before(declared: Declared) -> None:
    def of(found: Declared) -> dict[str, Any]:
        return {each.urn: each.inputs for each in found.registrations}

    before, after = of(declare_program("dev", alerts=EMAILS)), of(declared)
    # Pulumi gives a new object of the simulated cloud the next number, in the order of their creation.
    assert set(before) - set(after) == set()
    assert {urn.split("::")[-1] for urn in set(after) - set(before)} >= {"cleanup", "export", "alerts-job-failed"}


def test_the_container_of_a_job_is_as_hardened_as_that_of_a_service_and_serves_nothing(declared: Declared) -> None:
    job, service = container(declared, "cleanup"), declared.one(types.TASK_DEFINITION, "authsvc-task-definition")
    [of_service, _] = service.json("containerDefinitions")
    same = ("essential", "linuxParameters", "mountPoints", "readonlyRootFilesystem", "stopTimeout", "user")
    assert [job[key] for key in same] == [of_service[key] for key in same]
    assert {"portMappings", "healthCheck"} & set(job) == set()
    assert (job["command"], job["image"]) == (["-cleanup"], of_service["image"])
    assert "command" not in container(declared, "export")


def test_a_job_uses_exactly_what_it_names(declared: Declared) -> None:
    assert [each["name"] for each in container(declared, "cleanup")["secrets"]] == ["DATABASE_URL"]
    assert container(declared, "export")["secrets"] == []
    assert [each["name"] for each in container(declared, "export")["environment"]] == ["FORMAT", "S3_BUCKET"]
    assert set(statements(declared, "export-task-role-policy")) == {"ListBucket", "UseObjects"}
    assert "cleanup-task-role-policy" not in declared.of(types.ROLE_POLICY)
    rules = [name for name in declared.of(types.EGRESS_RULE) if name.startswith(("cleanup-", "export-"))]
    assert sorted(rules) == [
        "cleanup-access-to-database-egress",
        "cleanup-access-to-https-egress",
        "export-access-to-https-egress",
    ]


def test_the_role_of_a_schedule_starts_tasks_of_its_family_and_nothing_else(declared: Declared) -> None:
    role = declared.one(types.ROLE, "cleanup-schedule-task-role")
    [trust] = role.json("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    found = statements(declared, "cleanup-schedule-task-role-policy")
    definition = declared.one(types.TASK_DEFINITION, "cleanup-task-definition").inputs
    assert found == {
        "RunTask": {
            "Sid": "RunTask",
            "Effect": "Allow",
            "Action": ["ecs:RunTask"],
            "Resource": [f"{OF_ECS}:task-definition/mrgnl-cleanup:*"],
            "Condition": {"ArnEquals": {"ecs:cluster": f"{OF_ECS}:cluster/mrgnl"}},
        },
        "TagTask": {
            "Sid": "TagTask",
            "Effect": "Allow",
            "Action": ["ecs:TagResource"],
            "Resource": [f"{OF_ECS}:task/mrgnl/*"],
            "Condition": {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        },
        "PassRoles": {
            "Sid": "PassRoles",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": [definition["executionRoleArn"], definition["taskRoleArn"]],
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    }


def test_only_a_job_with_a_schedule_has_one_of_this_revision(declared: Declared) -> None:
    [schedule] = declared.of(types.SCHEDULE).values()
    parameters = schedule.inputs["target"]["ecsParameters"]
    assert (schedule.name, schedule.inputs["groupName"]) == ("cleanup-schedule-schedule", "mrgnl")
    assert parameters["taskDefinitionArn"] == f"{OF_ECS}:task-definition/mrgnl-cleanup:1"
    assert [schedule.inputs[key] for key in ("scheduleExpression", "scheduleExpressionTimezone")] == [
        "cron(0 3 * * ? *)",
        "Europe/Berlin",
    ]
    unscheduled = declare_program(services=Catalogue(CATALOGUE, [Job(name="export")]))
    assert unscheduled.types & {types.SCHEDULE, types.SCHEDULE_GROUP} == set()


def test_a_pinned_stack_runs_the_jobs_whose_image_it_pins() -> None:
    names = ("authsvc", "export")
    for pinned, jobs in ((["authsvc"], ["cleanup"]), (["export"], ["export"]), ([*names], ["cleanup", "export"])):
        declared = declare_program(services=WITH_JOBS, build=None, images=images(pinned))
        assert sorted(declared.exports().get("jobs", {})) == jobs
    assert container(declared, "cleanup")["image"] == images(names)["authsvc"]
    assert declared.types & {types.REPOSITORY, types.DOCKER_IMAGE} == set()


def test_a_failed_run_tells_somebody_and_so_does_one_that_could_not_start(declared: Declared) -> None:
    pattern = declared.one(types.EVENT_RULE, "alerts-job-failed").json("eventPattern")["detail"]
    assert pattern["group"] == ["family:mrgnl-cleanup", "family:mrgnl-export"]
    assert pattern["$or"] == [
        {"containers": {"exitCode": [{"anything-but": [0]}]}},
        {"stopCode": [{"anything-but": ["EssentialContainerExited", "UserInitiated"]}]},
    ]
    alarm = declared.one(types.METRIC_ALARM, "schedules-schedules").inputs
    assert (alarm["metricName"], alarm["dimensions"]) == ("TargetErrorCount", {"ScheduleGroup": "mrgnl"})
    assert "`python -m ops jobs dev`" in alarm["alarmDescription"]


SCHEDULE = "cleanup-schedule-schedule"
ROLE = "cleanup-schedule-task-role"


@pytest.fixture
def world(declared: Declared) -> World:
    world = World(store=Store(":memory:"), account=ACCOUNT)
    for each in declared.objects:
        world.store.put(each)
    return world


def test_the_program_declares_jobs_that_aws_takes(world: World) -> None:
    assert refusals(world) == []


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (SCHEDULE, put(scheduleExpression="cron(0 3 * * * *)"), "Invalid Schedule Expression cron(0 3 * * * *)."),
        (SCHEDULE, put(scheduleExpression="at(2026-01-01)"), "Invalid Schedule Expression at(2026-01-01)."),
        (SCHEDULE, within("flexibleTimeWindow", mode="FLEXIBLE"), "MaximumWindowInMinutes must be set"),
        (SCHEDULE, within("flexibleTimeWindow", maximumWindowInMinutes=5), "MaximumWindowInMinutes must not be set"),
        (SCHEDULE, put(groupName="other"), "groupName 'other' does not exist"),
        (SCHEDULE, put(name="clean up"), "'clean up'"),
        (ROLE, policy(lambda found: found.clear(), "assumeRolePolicy"), "must allow AWS EventBridge Scheduler"),
        (
            ROLE,
            policy(lambda found: found[0]["Condition"]["StringEquals"].update({"aws:SourceAccount": "1"}),
                   "assumeRolePolicy"),
            "must allow AWS EventBridge Scheduler to assume the role. (the conditions",
        ),
    ],
)  # fmt: skip
def test_what_aws_refuses_of_a_schedule_is_refused(world: World, name: str, change: Change, words: str) -> None:
    mutate(world, name, change)
    assert_refused(world, words)


@pytest.mark.parametrize(
    "change",
    [
        put(scheduleExpression="at(2026-01-01T03:00:00)"),
        put(scheduleExpression="rate(5 minutes)"),
        put(groupName="default"),
        put(groupName=None),
        put(flexibleTimeWindow={"mode": "FLEXIBLE", "maximumWindowInMinutes": 5}),
    ],
)
def test_what_aws_takes_of_a_schedule_is_accepted(world: World, change: Change) -> None:
    mutate(world, SCHEDULE, change)
    assert refusals(world) == []


def problems(world: World) -> list[str]:
    """Without an engine, the URN of an object is its logical name."""
    return list(schedules.problems(world.store, SCHEDULE))


def test_the_runs_of_a_schedule_would_start(world: World) -> None:
    assert problems(world) == []


def without(sid: str) -> Change:
    return policy(lambda found: found.remove(next(each for each in found if each["Sid"] == sid)))


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (f"{ROLE}-policy", without("RunTask"), "the schedule's role is not authorized to perform ecs:RunTask on"),
        (f"{ROLE}-policy", without("TagTask"), "the schedule's role is not authorized to perform ecs:TagResource on"),
        (f"{ROLE}-policy", without("PassRoles"), "the schedule's role is not authorized to perform iam:PassRole on"),
        ("cleanup-task-logs", put(name="/ecs/other"), "the log group /ecs/mrgnl-cleanup does not exist"),
        ("cleanup-task-execution-policy", without("ReadSecrets"), "secretsmanager:GetSecretValue"),
        ("cleanup-access-to-database-egress", put(fromPort=1, toPort=1), "reach database-instance on port 5432"),
        (SCHEDULE, within("target", ecsParameters={}), "ClientException: TaskDefinition not found."),
    ],
)
def test_a_schedule_whose_runs_would_not_start_is_known_although_aws_takes_it(
    world: World, name: str, change: Change, words: str
) -> None:
    mutate(world, name, change)
    found = problems(world)
    assert [each for each in found if words in each] != [], found
    assert {each.partition(": ")[0] for each in found} == {"cleanup"}
