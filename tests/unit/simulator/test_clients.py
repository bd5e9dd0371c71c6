"""The simulator's clients answer as moto's do, as far as promotion reads the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ecs.image import Reference
from simulator import clients
from simulator.aws import ecr, ecs
from simulator.cloud import Call
from tests.unit.promotion.boto import client
from tests.unit.simulator.promptsvc import Promptsvc

NAME = "mrgnl-promptsvc"
LEAF: dict[str, Any] = {}
IMAGES = {"images": {"imageManifest": LEAF, "imageManifestMediaType": LEAF}}
DETAILS = {"imageDetails": {"imageDigest": LEAF, "imageTags": LEAF, "imagePushedAt": LEAF}, "nextToken": LEAF}
DEPLOYMENT = {"status": LEAF, "rolloutState": LEAF, "taskDefinition": LEAF}
SERVICE = {"serviceArn": LEAF, "status": LEAF, "desiredCount": LEAF, "runningCount": LEAF, "deployments": DEPLOYMENT}
REVISION = {"containerDefinitions": {"name": LEAF, "image": LEAF}, "runtimePlatform": {"cpuArchitecture": LEAF}}
READ = {**IMAGES, **DETAILS, "services": SERVICE, "taskDefinition": REVISION}
"""The keys of answers that promotion looks at."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A cloud with one image that was pushed, and one service."""

    ecr: Any
    ecs: Any
    account: str
    digest: str
    cluster: str
    service: str
    revision: str

    def named(self, repository: str = NAME) -> dict[str, str]:
        return {"registryId": self.account, "repositoryName": repository}

    def get(self, digest: str, repository: str = NAME) -> Any:
        return self.ecr.batch_get_image(
            **self.named(repository), imageIds=[{"imageDigest": digest}], acceptedMediaTypes=[clients.MEDIA_TYPE]
        )

    def tag(self, name: str) -> Any:
        [image] = self.get(self.digest)["images"]
        return self.ecr.put_image(
            **self.named(),
            imageManifest=image["imageManifest"],
            imageManifestMediaType=image["imageManifestMediaType"],
            imageTag=name,
            imageDigest=self.digest,
        )

    def tagged_twice(self) -> Any:
        self.tag("promoted-prod-1")
        return self.tag("promoted-prod-1")

    def images(self, repository: str = NAME) -> Any:
        return self.ecr.describe_images(**self.named(repository), filter={"tagStatus": "TAGGED"})

    def services(self, cluster: str, service: str) -> Any:
        return self.ecs.describe_services(cluster=cluster, services=[service])

    def task_definition(self, arn: str) -> Any:
        return self.ecs.describe_task_definition(taskDefinition=arn)


@pytest.fixture
def moto() -> Generator[Side]:
    with mock_aws():
        registry, service = client("ecr"), client("ecs")
        registry.create_repository(repositoryName=NAME)
        manifest = json.dumps({"schemaVersion": 2, "mediaType": clients.MEDIA_TYPE, "config": {}, "layers": []})
        pushed = registry.put_image(
            repositoryName=NAME, imageManifest=manifest, imageManifestMediaType=clients.MEDIA_TYPE, imageTag="dev"
        )
        cluster = service.create_cluster(clusterName="mrgnl")["cluster"]["clusterArn"]
        task = service.register_task_definition(
            family=NAME,
            containerDefinitions=[{"name": "promptsvc", "image": "an image", "memory": 512}],
            runtimePlatform={"cpuArchitecture": "X86_64"},
        )
        revision = task["taskDefinition"]["taskDefinitionArn"]
        made = service.create_service(cluster=cluster, serviceName="promptsvc", taskDefinition=revision, desiredCount=1)
        yield Side(
            ecr=registry,
            ecs=service,
            account="123456789012",
            digest=pushed["image"]["imageId"]["imageDigest"],
            cluster=cluster,
            service=made["service"]["serviceArn"],
            revision=revision,
        )


@pytest.fixture
def simulated(promptsvc: Promptsvc) -> Side:
    made, world = promptsvc.up(desiredCount=1), promptsvc.world
    where: Any = {"store": world.store, "account": world.account, "region": world.region}
    return Side(
        ecr=clients.Ecr(**where),
        ecs=clients.Ecs(**where),
        account=world.account,
        digest=Reference.parse(promptsvc.image).digest,
        cluster=promptsvc.cluster,
        service=made.properties["arn"],
        revision=made.properties["taskDefinition"],
    )


def answer(ask: Callable[[], Any]) -> Any:
    """The answer, or the error's code."""
    try:
        return ask()
    except ClientError as error:
        return error.response.get("Error", {}).get("Code")


def shape(value: Any, read: dict[str, Any]) -> Any:
    """The keys that are read, and types; an error's code as it is."""
    if isinstance(value, dict):
        pairs = cast(dict[str, Any], value)
        return {key: shape(pairs[key], inner) for key, inner in read.items() if key in pairs}
    if isinstance(value, list):
        return [shape(each, read) for each in cast(list[Any], value)]
    return value if isinstance(value, str) and value.endswith("Exception") else type(value).__name__


NONE = f"sha256:{'f' * 64}"
QUESTIONS: dict[str, Callable[[Side], Any]] = {
    "an image": lambda side: side.get(side.digest),
    "an image that is not there": lambda side: side.get(NONE),
    "an image of a repository that is not there": lambda side: side.get(NONE, "none"),
    "a tag": lambda side: side.tag("promoted-prod-1") and None,
    "a tag that is there": lambda side: side.tagged_twice(),
    "tagged images": lambda side: side.tag("promoted-prod-1") and side.images(),
    "tagged images of a repository that is not there": lambda side: side.images("none"),
    "a service": lambda side: side.services(side.cluster, side.service),
    "a service that is not there": lambda side: side.services(side.cluster, f"{side.service}-2"),
    "a service of a cluster that is not there": lambda side: side.services(f"{side.cluster}-2", side.service),
    "a revision": lambda side: side.task_definition(side.revision),
    "a revision that is not there": lambda side: side.task_definition(f"{side.revision}9"),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_the_simulator_answers_as_moto_does_about(ask: Callable[[Side], Any], moto: Side, simulated: Side) -> None:
    assert shape(answer(lambda: ask(simulated)), READ) == shape(answer(lambda: ask(moto)), READ)


def test_a_tag_is_added_to_those_that_the_image_has(simulated: Side) -> None:
    simulated.tag("promoted-prod-1")
    [image] = simulated.images()["imageDetails"]
    assert (image["imageDigest"], image["imageTags"]) == (simulated.digest, ["dev", "promoted-prod-1"])


def push_another(promptsvc: Promptsvc) -> str:
    """A second image; the tag `dev` is its own from now on."""
    world = promptsvc.world
    call = Call(token="", urn="", inputs={}, cloud=world.cloud, account=world.account, region=world.region)
    url = promptsvc.image.split("@")[0]
    return Reference.parse(ecr.push(call, url, tag="dev", digest=NONE, platform="linux/amd64")).digest


def refused(side: Side, **changes: str) -> str:
    [image] = side.get(side.digest)["images"]
    request = {"imageManifest": image["imageManifest"], "imageTag": "new", "imageDigest": side.digest, **changes}
    return answer(lambda: side.ecr.put_image(**side.named(), **request))


def test_a_tag_of_another_image_stays_there(promptsvc: Promptsvc, simulated: Side) -> None:
    push_another(promptsvc)
    assert refused(simulated, imageTag="dev") == "ImageTagAlreadyExistsException"


def test_a_manifest_that_is_not_the_digests_is_refused(promptsvc: Promptsvc, simulated: Side) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html"""
    assert refused(simulated, imageDigest=push_another(promptsvc)) == "ImageDigestDoesNotMatchException"
    assert refused(simulated, imageManifest="{}") == "ImageDigestDoesNotMatchException"


def test_a_new_image_comes_by_docker_alone(promptsvc: Promptsvc, simulated: Side) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html"""
    [image] = simulated.get(simulated.digest)["images"]
    promptsvc.forget(ecr.IMAGE)
    request = {"imageManifest": image["imageManifest"], "imageTag": "new", "imageDigest": simulated.digest}
    assert answer(lambda: simulated.ecr.put_image(**simulated.named(), **request)) == "LayersNotFoundException"


def test_an_image_that_lost_its_tag_is_still_found_by_its_digest(promptsvc: Promptsvc, simulated: Side) -> None:
    push_another(promptsvc)
    assert [each["imageDigest"] for each in simulated.images()["imageDetails"]] == [NONE]
    assert len(simulated.get(simulated.digest)["images"]) == 1


def test_another_accounts_registry_is_not_there(promptsvc: Promptsvc, simulated: Side) -> None:
    elsewhere = clients.Ecr(store=promptsvc.world.store, account="000000000001", region="us-east-1")
    request = {**simulated.named(), "imageIds": [{"imageDigest": simulated.digest}]}
    assert answer(lambda: elsewhere.batch_get_image(**request)) == "RepositoryNotFoundException"


def test_a_service_that_was_rolled_back_runs_the_revision_that_it_ran(promptsvc: Promptsvc, simulated: Side) -> None:
    world = promptsvc.world
    [service] = world.all(ecs.SERVICE)
    task = world.create(ecs.TASK_DEFINITION, "task", **promptsvc.task())
    world.but(faults={"promptsvc": "silent-rollback"}).update(service, taskDefinition=task.properties["arn"])
    [found] = simulated.services(simulated.cluster, simulated.service)["services"]
    assert [each["taskDefinition"] for each in found["deployments"]] == [simulated.revision]


def test_a_service_that_never_started_has_a_failed_deployment_and_no_task(
    promptsvc: Promptsvc, simulated: Side
) -> None:
    [service] = promptsvc.world.all(ecs.SERVICE)
    promptsvc.world.change(service, **{ecs.RUNNING: ""})
    [found] = simulated.services(simulated.cluster, simulated.service)["services"]
    assert found["runningCount"] == 0
    assert [(each["taskDefinition"], each["rolloutState"]) for each in found["deployments"]] == [
        (simulated.revision, "FAILED")
    ]
