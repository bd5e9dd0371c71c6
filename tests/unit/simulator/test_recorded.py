"""What AWS answered to other projects, as facts about the simulated types.

recorded.json has rows from Cloud Custodian's recorded answers (https://github.com/cloud-custodian/cloud-custodian) and
LocalStack's snapshots of AWS (https://github.com/localstack/localstack), each with its `source` there:

- `forms`: what AWS generated, and its form: a capital word of FORMS stands for a part that differs.
- `unanswered`: the types of which no ID and no ARN is recorded.
- `answers`: the fields of an answer and the types of their values. A list is as one of its items.
- `containers`: container definitions as ECS returned them, and the `differences` from the simulator's form of them.
- `accepted`: inputs that AWS took.
- `refusals`: how AWS and the simulator refuse the same inputs, and `why` their words differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from ecs import types
from ecs.image import Reference
from simulator import boto
from simulator.aws import TYPES, ecs_containers, ecs_model
from simulator.store import Object
from tests.bootstrapped import bootstrap, programs
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import World, network

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("recorded.json").read_text())
FORMS = {
    "ACCOUNT": r"\d{12}",
    "BASE26": "[A-Z2-7]{26}",
    "DOMAIN": r"[a-z0-9-]+(\.[a-z0-9-]+)+",
    "HEX8": "[0-9a-f]{8}",
    "HEX16": "[0-9a-f]{16}",
    "HEX17": "[0-9a-f]{17}",
    "HEX26": "[0-9a-f]{26}",
    "HEX32": "[0-9a-f]{32}",
    "LABEL": "[A-Za-z0-9_-]+",
    "LABEL12": "[a-z0-9]{12}",
    "LABEL16": "[a-z0-9]{16}",
    "NAME": "[A-Za-z0-9/_.-]+",
    "NUMBER": r"\d+",
    "REGION": r"[a-z]{2}-[a-z]+-\d",
    "SUFFIX6": "[A-Za-z0-9]{6}",
    "UUID": "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
}


def rows(key: str) -> Any:
    """One parameter for each row, with its type or operation as ID."""
    found = RECORDED[key]
    return pytest.mark.parametrize("row", found, ids=[each.get("type", each.get("operation", "")) for each in found])


def pattern(form: str) -> str:
    return "".join(FORMS.get(each) or re.escape(each) for each in re.split("([A-Z]+[0-9]*)", form))


def values(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in cast(list[Any], value):
            yield from values(each, path)
    elif path:
        yield from values(value[path[0]], path[1:])
    else:
        yield value


@pytest.fixture(scope="module")
def objects() -> list[Object]:
    return [each for declared in (*programs(), bootstrap()) for each in declared.objects]


@rows("forms")
def test_what_the_simulator_generates_has_the_form_of_what_aws_generated(
    row: dict[str, Any], objects: list[Object]
) -> None:
    form = pattern(row["form"])
    assert re.fullmatch(form, row["recorded"].removesuffix(row.get("without", "")))
    stored = [{"id": each.id, **each.properties} for each in objects if each.kind == row["type"]]
    found = [value for each in stored for value in values(each, row["of"].split("."))]
    assert found
    assert [each for each in found if each is not None and not re.fullmatch(form, each)] == []


def test_each_simulated_type_has_a_recorded_form_or_is_listed_without() -> None:
    assert {*RECORDED["unanswered"]} == TYPES.keys() - {row["type"] for row in RECORDED["forms"]}


def test_a_domain_and_the_names_below_it_have_one_validation_record(world: World) -> None:
    """Cloud Custodian, tests/data/placebo/test_acm_certificate_augment/acm.DescribeCertificate_1.json

    A certificate that is validated by e-mail has none: test_certificate_tag_untag_mark.
    """
    names = {"domainName": "foobar.com", "subjectAlternativeNames": ["*.foobar.com"]}
    dns, email = (world.create(types.CERTIFICATE, each, **names, validationMethod=each) for each in ("DNS", "EMAIL"))
    own, below = dns.properties["domainValidationOptions"]
    assert below == {**own, "domainName": "*.foobar.com"}
    assert email.properties["domainValidationOptions"] == []


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(each) for key, each in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return shape(value[0]) if value else {}
    return "datetime" if isinstance(value, datetime) else type(value).__name__


def others(found: Any, recorded: Any, path: str = "") -> Iterator[str]:
    """The fields that are not recorded or have another type."""
    if isinstance(found, dict) and isinstance(recorded, dict):
        known = cast(dict[str, Any], recorded)
        for key, each in cast(dict[str, Any], found).items():
            yield from others(each, known[key], f"{path}.{key}") if key in known else [f"{path}.{key}"]
    elif found != recorded:
        yield f"{path}: {found}, not {recorded}"


def answer(operation: str, promptsvc: Promptsvc) -> Any:
    """What the simulator's client answers about one image, one service and its task definition."""
    service, world = promptsvc.deploy(desiredCount=1), promptsvc.world
    location: Any = {"store": world.store, "account": world.account, "region": world.region}
    ecr, ecs, image = boto.client("ecr", **location), boto.client("ecs", **location), Reference.parse(promptsvc.image)
    arn = service.properties["arn"]
    match operation:
        case "DescribeServices":
            return ecs.describe_services(cluster=promptsvc.cluster, services=[arn, f"{arn}-none"])
        case "DescribeTaskDefinition":
            return ecs.describe_task_definition(taskDefinition=service.properties["taskDefinition"])
        case _:
            repository = {"registryId": world.account, "repositoryName": image.repository.name}
            [stored] = ecr.batch_get_image(**repository, imageIds=[{"imageDigest": image.digest}])["images"]
            ecr.put_image(
                **repository, imageDigest=image.digest, imageManifest=stored["imageManifest"], imageTag="promoted"
            )
            return ecr.describe_images(**repository)


@rows("answers")
def test_each_field_of_an_answer_is_one_of_aws_with_the_same_type(row: dict[str, Any], promptsvc: Promptsvc) -> None:
    found, recorded = shape(answer(row["operation"], promptsvc)), row["fields"]
    assert recorded.keys() <= found.keys()
    parts = {key: each for key, each in found.items() if key in recorded}
    containers = parts.get("taskDefinition", {}).get("containerDefinitions", {})
    for key in [*containers.keys() - {"image", "name"}]:  # the subject of the next test
        del containers[key]
    assert [*others(parts, recorded)] == []


@pytest.mark.parametrize("row", RECORDED["containers"], ids=lambda row: row["container"]["name"])
def test_a_recorded_container_definition_is_in_the_form_that_the_simulator_returns(row: dict[str, Any]) -> None:
    """ECS returns systemControls since these answers: simulator/aws/ecs_containers.py."""
    container = row["container"]
    [returned] = ecs_containers.returned([container])
    different = {key for key in returned if returned[key] != container.get(key)}
    assert different - {"systemControls"} == row["differences"].keys()
    assert ecs_model.parse(json.dumps([container])).problems == []


@rows("accepted")
def test_what_aws_took_is_accepted(row: dict[str, Any], world: World) -> None:
    inputs = dict(row["inputs"])
    if "repository" in inputs:
        world.create(types.REPOSITORY, "repository", name=inputs["repository"])
    if row["type"] == types.VPC_ENDPOINT:
        inputs["vpcId"] = network(world)[0].id
    assert world.create(row["type"], **inputs)


@rows("refusals")
def test_what_aws_refused_is_refused_with_its_code_and_words_or_it_is_said_why_not(
    row: dict[str, Any], world: World
) -> None:
    for token, inputs in row.get("given", {}).items():
        world.create(token, "given", **inputs)
    assert world.rejection(row["type"], **row["inputs"]) == row["refusal"]
    same = row["refusal"].startswith(f"{row['code']}: {row['message'].removesuffix('.')}")
    assert same != ("why" in row)
    assert row["refusal"].startswith(f"{row['code']}: ") or row["why"].startswith("another code: ")


@pytest.mark.parametrize("date", ["2023-01-01T00:00:00Z", "2023-01-01T01:00:00+01:00"])
def test_an_object_may_expire_at_midnight_utc(date: str, world: World) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html"""
    world.create(types.BUCKET, "bucket", bucket="content")
    rule = {"id": "r", "status": "Enabled", "filter": {}, "expiration": {"date": date}}
    assert world.create(types.BUCKET_LIFECYCLE, bucket="content", rules=[rule])
