"""The time of an update on AWS, computed by hand for each kind of change."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest

from ecs import types
from review.changes.duration import figures, service
from review.changes.duration.path import Duration, Stage
from review.changes.duration.wait import Wait
from review.changes.stack import Changes
from review.render.duration import line
from review.render.markdown import page
from review.render.terminal import as_json
from tests.unit.review.deployments import Raw, compared, component, references, resource, urn
from tests.unit.review.deployments import service as service_of

NETWORK = component("network", "marginalia:network:Network")
DATABASE = component("database", "marginalia:database:Database")
INGRESS = component("ingress", "marginalia:network:Ingress")
ALERTS = component("alerts", "marginalia:alerts:Alerts")
UNCHANGED = resource(types.LOG_GROUP, "unchanged", NETWORK)


def depends_on(raw: Raw, *others: Raw) -> Raw:
    return {**raw, "dependencies": [urn(each) for each in others]}


def stages(changes: Changes) -> list[tuple[str, int]]:
    """The components on the path, with seconds; negative for a deletion."""
    found = changes.duration.stages if changes.duration else ()
    return [(each.component, -each.seconds if each.deletes else each.seconds) for each in found]


def created(*resources: Raw) -> list[tuple[str, int]]:
    custom = [each for each in resources if "custom" in each]
    return stages(compared([], resources, *(("create", each) for each in custom)))


VPC = resource(types.VPC, "vpc", NETWORK)
NAT = resource(types.NAT_GATEWAY, "nat", NETWORK)
BALANCER = resource(types.LOAD_BALANCER, "balancer", INGRESS)


def test_of_resources_that_do_not_depend_on_each_other_only_the_slowest_counts() -> None:
    assert created(NETWORK, INGRESS, NAT, BALANCER) == [("ingress", 156)]


def test_the_times_of_resources_that_depend_on_each_other_add_up() -> None:
    assert created(NETWORK, VPC, depends_on(NAT, VPC)) == [("network", 15 + 107)]


def test_a_resource_waits_for_the_slowest_of_those_that_it_depends_on() -> None:
    instance = depends_on(resource(types.DB_INSTANCE, "instance", DATABASE), VPC, BALANCER)
    assert created(NETWORK, INGRESS, DATABASE, BALANCER, VPC, instance) == [("ingress", 156), ("database", 452)]


def test_a_resource_waits_for_a_changed_one_also_through_one_that_does_not_change() -> None:
    between = depends_on(resource(types.SUBNET, "between", NETWORK), VPC)
    after = [NETWORK, INGRESS, VPC, between, depends_on(BALANCER, between)]
    found = compared([NETWORK, INGRESS, between], after, ("create", VPC), ("create", BALANCER))
    assert stages(found) == [("network", 15), ("ingress", 156)]


def test_what_is_replaced_is_deleted_after_everything_is_created() -> None:
    steps = [("create-replacement", NAT), ("replace", NAT), ("create", BALANCER), ("delete-replaced", NAT)]
    found = compared([NETWORK, NAT], [NETWORK, INGRESS, NAT, BALANCER], *steps)
    assert stages(found) == [("ingress", 156), ("network", -56)]


def test_a_resource_with_a_unique_name_is_deleted_before_it_is_created_again() -> None:
    instance = resource(types.DB_INSTANCE, "instance", DATABASE, {"skipFinalSnapshot": True})
    steps = [("delete-replaced", instance), ("replace", instance), ("create-replacement", instance)]
    assert stages(compared([DATABASE, instance], [DATABASE, instance], *steps)) == [("database", 195 + 452)]


def test_what_depends_on_a_resource_is_deleted_before_it() -> None:
    balancer = depends_on(BALANCER, NAT)
    found = compared([NETWORK, INGRESS, NAT, balancer], [NETWORK], ("delete", balancer), ("delete", NAT))
    assert stages(found) == [("ingress", -30), ("network", -56)]


def test_a_change_that_nobody_waits_for_has_no_time() -> None:
    assert compared([NETWORK], [NETWORK, UNCHANGED], ("create", UNCHANGED)).duration is None


@pytest.mark.parametrize(
    ("before", "after", "seconds"),
    [
        (None, {}, 452),
        (None, {"multiAz": True}, 452 + 357),
        ({"storage": 20}, {"storage": 40}, 90),
        ({"instanceClass": "a"}, {"instanceClass": "b"}, 90),
        ({"instanceClass": "a"}, {"instanceClass": "b", "applyImmediately": True}, 90 + 452),
        ({}, {"multiAz": True}, 90 + 357),
        ({"multiAz": True}, {"multiAz": True, "storage": 40}, 90),
        ({}, None, 271 + 195),
        ({"skipFinalSnapshot": True}, None, 195),
    ],
    ids=str,
)
def test_an_instance_of_rds_takes_as_long_as_its_change(before: Raw | None, after: Raw | None, seconds: int) -> None:
    old, new = (
        [resource(types.DB_INSTANCE, "db", DATABASE, each)] if each is not None else [] for each in (before, after)
    )
    operation = "update" if old and new else "create" if new else "delete"
    found = compared([DATABASE, *old], [DATABASE, *new], (operation, (old or new)[0]))
    assert stages(found) == [("database", seconds if new else -seconds)]


@pytest.mark.parametrize(("kind", "expected"), [("Interface", [("network", 100)]), ("Gateway", [])])
def test_only_an_endpoint_with_interfaces_takes_long(kind: str, expected: list[tuple[str, int]]) -> None:
    endpoint = resource(types.VPC_ENDPOINT, "endpoint", NETWORK, {"vpcEndpointType": kind})
    assert created(NETWORK, endpoint) == expected


TARGET = resource(types.TARGET_GROUP, "target", INGRESS, {"deregistrationDelay": 20, "healthCheck": {"interval": 25}})
SINGLE = resource(types.METRIC_ALARM, "single", ALERTS, {"period": 60, "evaluationPeriods": 2})
MATH = resource(
    types.METRIC_ALARM,
    "math",
    ALERTS,
    {"metricQueries": [{"expression": "a / b"}, {"metric": {"period": 60}}], "evaluationPeriods": 3},
)
BEHIND = ({"loadBalancers": [{"targetGroupArn": "target"}]}, {"loadBalancers": TARGET})
WATCHED = ({"alarms": {"enable": True}}, {"alarms": MATH})
TWO_WAVES: tuple[Raw, dict[str, Raw]] = (
    {"desiredCount": 4, "deploymentMinimumHealthyPercent": 50, "deploymentMaximumPercent": 100},
    {},
)
PLAIN: tuple[Raw, dict[str, Raw]] = ({}, {})


def chat(inputs: Raw, others: dict[str, Raw], **container: Any) -> list[Raw]:
    """A service whose tasks stop within 35 s, with more inputs and references; its check runs every 10 s."""
    settings: Raw = {"stopTimeout": 35, **container}
    parent, task, ecs = service_of("chatsvc", **settings)
    more = references(taskDefinition=task, **others)
    return [INGRESS, ALERTS, TARGET, SINGLE, MATH, parent, task, {**ecs, "inputs": {**ecs["inputs"], **inputs}, **more}]


def strategy(name: str, **more: Any) -> tuple[Raw, dict[str, Raw]]:
    return {"deploymentConfiguration": {"strategy": name, **more}}, {}


START, CHECK, STOP = 35, 10, 35


@pytest.mark.parametrize(
    ("inputs", "container", "new", "rolls"),
    [
        pytest.param(PLAIN, {}, START + CHECK, START + CHECK + STOP, id="container"),
        pytest.param(PLAIN, {"healthCheck": None}, START + 40, START + 40 + STOP, id="no-check"),
        pytest.param(BEHIND, {}, START + 25, START + 25 + 20 + STOP, id="balancer"),
        pytest.param(BEHIND, {"healthCheck": {"interval": 60}}, START + 60, START + 60 + 20 + STOP, id="both"),
        pytest.param(WATCHED, {}, START + CHECK + 180, START + CHECK + STOP + 180, id="alarms"),
        pytest.param(({"alarms": {"enable": False}}, WATCHED[1]), {}, 45, 80, id="alarms-off"),
        pytest.param(
            TWO_WAVES,
            {},
            START + CHECK,
            2 * (START + CHECK + STOP),
            id="two-waves",
        ),
        pytest.param(strategy("BLUE_GREEN", bakeTimeInMinutes="5"), {}, 45 + 300, 80 + 300, id="blue-green"),
        pytest.param(strategy("CANARY"), {}, 45 + 600, 80 + 600, id="canary"),
        pytest.param(
            strategy("CANARY", canaryConfiguration={"canaryBakeTimeInMinutes": "2"}, bakeTimeInMinutes="3"),
            {},
            45 + 300,
            80 + 300,
            id="canary-and-bake",
        ),
        pytest.param(
            strategy("LINEAR", linearConfiguration={"stepPercent": 30, "stepBakeTimeInMinutes": "1"}),
            {},
            45 + 180,
            80 + 180,
            id="linear",
        ),
    ],
)
def test_a_service_takes_as_long_as_its_settings_say(
    inputs: tuple[Raw, dict[str, Raw]], container: Raw, new: int, rolls: int
) -> None:
    after = chat(*inputs, **container)
    shared, (task, ecs) = after[:-2], after[-2:]
    assert stages(compared(shared, after, ("create", task), ("create", ecs))) == [("chatsvc", new)]
    before: list[Raw] = [*shared, task, {**ecs, "inputs": {**ecs["inputs"], "taskDefinition": "former"}}]
    assert stages(compared(before, after, ("update", ecs))) == [("chatsvc", rolls)]


def test_an_update_that_ecs_applies_to_the_running_tasks_has_no_time() -> None:
    before, after = chat({"desiredCount": 1}, {}), chat({"desiredCount": 2}, {})
    assert compared(before, after, ("update", after[-1])).duration is None


def test_a_removed_service_waits_until_its_tasks_have_stopped() -> None:
    before = chat(*BEHIND)
    assert stages(compared(before, before[:-2], ("delete", before[-1]))) == [("chatsvc", -(20 + STOP))]


def test_a_service_waits_for_its_migration_and_a_caller_for_its_callees() -> None:
    parent, task, ecs = service_of("chatsvc")
    migrated = depends_on(resource(types.PARAMETER, "chatsvc-migrated", parent), task)
    ecs = depends_on(ecs, migrated)
    caller, caller_task, gateway = service_of("mcp", healthCheck=None)
    found = created(parent, task, migrated, ecs, caller, caller_task, depends_on(gateway, ecs))
    assert found == [("chatsvc", 1 + (START + 15) + START + CHECK), ("mcp", START + 40)]


def test_the_first_deployment_of_an_image_waits_for_its_build() -> None:
    parent, task, ecs = service_of("chatsvc")
    image = resource(types.DOCKER_IMAGE, "chatsvc-image", parent)
    found = created(parent, image, depends_on(task, image), depends_on(ecs, task))
    assert found == [("chatsvc", 30 + 1 + START + CHECK)]


def waits() -> Iterator[Wait]:
    """All that the model knows, those of services with each setting."""
    for module in (figures, service):
        yield from (each for each in vars(module).values() if isinstance(each, Wait))
    yield from figures.FIGURES.values()
    for inputs in (BEHIND, WATCHED, PLAIN, strategy("CANARY"), strategy("LINEAR")):
        after = chat(*inputs)
        found = compared(after[:-1], after, ("create", after[-1])).duration
        yield from (wait for stage in (found.stages if found else ()) for wait in stage.waits)


@pytest.mark.parametrize("wait", [*waits()], ids=lambda wait: wait.what)
def test_every_time_has_a_source_and_one_without_a_document_is_weak(wait: Wait) -> None:
    assert wait.weak or re.match(r"https://docs\.aws\.amazon\.com/\S+\.html$", wait.source), "a document of AWS"
    assert re.search(r"https://|docs/|\blogs\b|\bguess\b", wait.source), wait


def test_the_settings_and_defaults_of_a_strategy_are_those_of_the_api() -> None:
    model = Path(botocore.__file__).parent / "data" / "ecs" / "2014-11-13" / "service-2.json.gz"
    shapes = json.loads(gzip.decompress(model.read_bytes()))["shapes"]
    assert {"strategy", "bakeTimeInMinutes", "canaryConfiguration", "linearConfiguration"} <= set(
        shapes["DeploymentConfiguration"]["members"]
    )
    defaults = {
        key: float(re.findall(r"default value is ([0-9.]*[0-9])", each["documentation"])[0])
        for shape in ("CanaryConfiguration", "LinearConfiguration")
        for key, each in shapes[shape]["members"].items()
    }
    assert defaults == {
        "canaryPercent": 5,  # of no effect on the time
        "canaryBakeTimeInMinutes": service.CANARY_BAKE,
        "stepPercent": service.STEP_PERCENT,
        "stepBakeTimeInMinutes": service.STEP_BAKE,
    }


def stage(name: str, seconds: int, *, deletes: bool = False) -> Stage:
    return Stage(component=name, deletes=deletes, seconds=seconds, waits=())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([stage("mcp", 81)], "About 80 seconds on AWS: mcp 1:21."),
        ([stage("chatsvc", 100), stage("mcp", 140)], "About 4 minutes on AWS: chatsvc 1:40, then mcp 2:20."),
        (
            [stage("network", 4), stage("", 60), stage("a", 60), stage("network", 57, deletes=True)],
            "About 3 minutes on AWS: the stack 1:00, a 1:00, then network deleted in 0:57.",
        ),
    ],
    ids=["one", "two", "more"],
)
def test_a_line_has_the_whole_time_and_the_path(path: list[Stage], expected: str) -> None:
    found = Duration(seconds=sum(each.seconds for each in path), stages=tuple(path))
    assert line(found) == expected
    changes = Changes(stack="dev", duration=found, services=1)
    assert f"<br>{expected}\n" in page([changes])
    assert json.loads(as_json([changes]))["stacks"][0]["duration"]["seconds"] == found.seconds
