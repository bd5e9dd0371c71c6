"""The simulator's clients return the same as moto's, in the keys that promotion reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ecs import types
from ecs.image import Reference
from simulator import boto
from simulator.aws import ecr, ecs_rollout
from simulator.aws.ecs_rollout import Rollout
from simulator.boto.ecr import MEDIA_TYPE
from simulator.cloud import Request
from simulator.faults import Fault, Faults
from tests.unit.ops.boto import client
from tests.unit.simulator.promptsvc import Promptsvc

NAME = "mrgnl-promptsvc"
LEAF: dict[str, Any] = {}
IMAGES = {"images": {"imageManifest": LEAF, "imageManifestMediaType": LEAF}}
DETAILS = {"imageDetails": {"imageDigest": LEAF, "imageTags": LEAF, "imagePushedAt": LEAF}, "nextToken": LEAF}
DEPLOYMENT = {"status": LEAF, "rolloutState": LEAF, "taskDefinition": LEAF}
SERVICE = {"serviceArn": LEAF, "status": LEAF, "desiredCount": LEAF, "runningCount": LEAF, "deployments": DEPLOYMENT}
REVISION = {"containerDefinitions": {"name": LEAF, "image": LEAF}, "runtimePlatform": {"cpuArchitecture": LEAF}}
READ = {**IMAGES, **DETAILS, "services": SERVICE, "taskDefinition": REVISION}
"""The response keys that promotion reads."""


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Clients of a cloud with one pushed image and one service."""

    ecr: Any
    ecs: Any
    account: str
    digest: str
    cluster: str
    service: str
    revision: str

    def repository(self, name: str = NAME) -> dict[str, str]:
        return {"registryId": self.account, "repositoryName": name}

    def get(self, digest: str, repository: str = NAME) -> Any:
        return self.ecr.batch_get_image(
            **self.repository(repository), imageIds=[{"imageDigest": digest}], acceptedMediaTypes=[MEDIA_TYPE]
        )

    def tag(self, name: str) -> Any:
        [image] = self.get(self.digest)["images"]
        return self.ecr.put_image(
            **self.repository(),
            imageManifest=image["imageManifest"],
            imageManifestMediaType=image["imageManifestMediaType"],
            imageTag=name,
            imageDigest=self.digest,
        )

    def tagged_twice(self) -> Any:
        self.tag("promoted-prod-1")
        return self.tag("promoted-prod-1")

    def images(self, repository: str = NAME) -> Any:
        return self.ecr.describe_images(**self.repository(repository), filter={"tagStatus": "TAGGED"})

    def services(self, cluster: str, service: str) -> Any:
        return self.ecs.describe_services(cluster=cluster, services=[service])

    def task_definition(self, arn: str) -> Any:
        return self.ecs.describe_task_definition(taskDefinition=arn)


@pytest.fixture
def moto() -> Generator[Clients]:
    with mock_aws():
        registry, service = client("ecr"), client("ecs")
        registry.create_repository(repositoryName=NAME)
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": {}, "layers": []})
        pushed = registry.put_image(
            repositoryName=NAME, imageManifest=manifest, imageManifestMediaType=MEDIA_TYPE, imageTag="dev"
        )
        cluster = service.create_cluster(clusterName="mrgnl")["cluster"]["clusterArn"]
        task = service.register_task_definition(
            family=NAME,
            containerDefinitions=[{"name": "promptsvc", "image": "an image", "memory": 512}],
            runtimePlatform={"cpuArchitecture": "X86_64"},
        )
        revision = task["taskDefinition"]["taskDefinitionArn"]
        created = service.create_service(
            cluster=cluster, serviceName="promptsvc", taskDefinition=revision, desiredCount=1
        )
        yield Clients(
            ecr=registry,
            ecs=service,
            account="123456789012",
            digest=pushed["image"]["imageId"]["imageDigest"],
            cluster=cluster,
            service=created["service"]["serviceArn"],
            revision=revision,
        )


@pytest.fixture
def simulated(promptsvc: Promptsvc) -> Clients:
    service, world = promptsvc.deploy(desiredCount=1), promptsvc.world
    location: Any = {"store": world.store, "account": world.account, "region": world.region}
    return Clients(
        ecr=boto.Ecr(**location),
        ecs=boto.Ecs(**location),
        account=world.account,
        digest=Reference.parse(promptsvc.image).digest,
        cluster=promptsvc.cluster,
        service=service.properties["arn"],
        revision=service.properties["taskDefinition"],
    )


def response(call: Callable[[], Any]) -> Any:
    """The response, or the code of the error."""
    try:
        return call()
    except ClientError as error:
        return error.response.get("Error", {}).get("Code")


def shape(value: Any, read: dict[str, Any]) -> Any:
    """The keys in `read` with the types of their values; the code of an error unchanged."""
    if isinstance(value, dict):
        pairs = cast(dict[str, Any], value)
        return {key: shape(pairs[key], inner) for key, inner in read.items() if key in pairs}
    if isinstance(value, list):
        return [shape(each, read) for each in cast(list[Any], value)]
    return value if isinstance(value, str) and value.endswith("Exception") else type(value).__name__


OTHER = f"sha256:{'f' * 64}"
CALLS: dict[str, Callable[[Clients], Any]] = {
    "an image": lambda cloud: cloud.get(cloud.digest),
    "an image that does not exist": lambda cloud: cloud.get(OTHER),
    "an image of a repository that does not exist": lambda cloud: cloud.get(OTHER, "none"),
    "a tag": lambda cloud: cloud.tag("promoted-prod-1") and None,
    "a tag that exists": lambda cloud: cloud.tagged_twice(),
    "tagged images": lambda cloud: cloud.tag("promoted-prod-1") and cloud.images(),
    "tagged images of a repository that does not exist": lambda cloud: cloud.images("none"),
    "a service": lambda cloud: cloud.services(cloud.cluster, cloud.service),
    "a service that does not exist": lambda cloud: cloud.services(cloud.cluster, f"{cloud.service}-2"),
    "a service of a cluster that does not exist": lambda cloud: cloud.services(f"{cloud.cluster}-2", cloud.service),
    "a revision": lambda cloud: cloud.task_definition(cloud.revision),
    "a revision that does not exist": lambda cloud: cloud.task_definition(f"{cloud.revision}9"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_simulator_and_moto_return_the_same_for(
    call: Callable[[Clients], Any], moto: Clients, simulated: Clients
) -> None:
    assert shape(response(lambda: call(simulated)), READ) == shape(response(lambda: call(moto)), READ)


def test_a_new_tag_is_added_to_the_existing_tags_of_the_image(simulated: Clients) -> None:
    simulated.tag("promoted-prod-1")
    [image] = simulated.images()["imageDetails"]
    assert (image["imageDigest"], image["imageTags"]) == (simulated.digest, ["dev", "promoted-prod-1"])


def push_another(promptsvc: Promptsvc) -> str:
    """Pushes a second image, which takes over the tag `dev`."""
    world = promptsvc.world
    request = Request(token="", urn="", inputs={}, cloud=world.cloud, account=world.account, region=world.region)
    url = promptsvc.image.split("@")[0]
    return Reference.parse(ecr.push(request, url, tag="dev", digest=OTHER, platform="linux/amd64")).digest


def put_error(cloud: Clients, **changes: str) -> str:
    [image] = cloud.get(cloud.digest)["images"]
    request = {"imageManifest": image["imageManifest"], "imageTag": "new", "imageDigest": cloud.digest, **changes}
    return response(lambda: cloud.ecr.put_image(**cloud.repository(), **request))


def test_put_image_does_not_move_a_tag_from_another_image(promptsvc: Promptsvc, simulated: Clients) -> None:
    push_another(promptsvc)
    assert put_error(simulated, imageTag="dev") == "ImageTagAlreadyExistsException"


def test_a_manifest_of_another_digest_is_rejected(promptsvc: Promptsvc, simulated: Clients) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html"""
    assert put_error(simulated, imageDigest=push_another(promptsvc)) == "ImageDigestDoesNotMatchException"
    assert put_error(simulated, imageManifest="{}") == "ImageDigestDoesNotMatchException"


def test_put_image_does_not_create_an_image(promptsvc: Promptsvc, simulated: Clients) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html"""
    [image] = simulated.get(simulated.digest)["images"]
    promptsvc.remove(ecr.IMAGE)
    request = {"imageManifest": image["imageManifest"], "imageTag": "new", "imageDigest": simulated.digest}
    assert response(lambda: simulated.ecr.put_image(**simulated.repository(), **request)) == "LayersNotFoundException"


def test_an_image_without_tags_is_returned_by_its_digest(promptsvc: Promptsvc, simulated: Clients) -> None:
    push_another(promptsvc)
    assert [each["imageDigest"] for each in simulated.images()["imageDetails"]] == [OTHER]
    assert len(simulated.get(simulated.digest)["images"]) == 1


def test_a_client_of_another_account_does_not_see_the_repository(promptsvc: Promptsvc, simulated: Clients) -> None:
    other_account = boto.Ecr(store=promptsvc.world.store, account="000000000001", region="us-east-1")
    request = {**simulated.repository(), "imageIds": [{"imageDigest": simulated.digest}]}
    assert response(lambda: other_account.batch_get_image(**request)) == "RepositoryNotFoundException"


def test_a_service_that_was_rolled_back_runs_its_previous_revision(promptsvc: Promptsvc, simulated: Clients) -> None:
    world = promptsvc.world
    [service] = world.all(types.SERVICE)
    task = world.create(types.TASK_DEFINITION, "task", **promptsvc.task())
    silent = Faults((Fault("silent-rollback", service.urn),))
    world.replace(faults=silent).update(service, taskDefinition=task.properties["arn"])
    [described] = simulated.services(simulated.cluster, simulated.service)["services"]
    assert [each["taskDefinition"] for each in described["deployments"]] == [simulated.revision]


def test_a_service_that_never_started_has_a_failed_deployment_and_no_running_task(
    promptsvc: Promptsvc, simulated: Clients
) -> None:
    [service] = promptsvc.world.all(types.SERVICE)
    promptsvc.world.change(service, **{ecs_rollout.RUNNING: "", ecs_rollout.ROLLOUT: Rollout.FAILED})
    [described] = simulated.services(simulated.cluster, simulated.service)["services"]
    assert described["runningCount"] == 0
    assert [(each["taskDefinition"], each["rolloutState"]) for each in described["deployments"]] == [
        (simulated.revision, "FAILED")
    ]
