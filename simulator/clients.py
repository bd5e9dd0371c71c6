"""What boto3's clients for ECR and ECS would answer, of the simulated cloud: the few methods that promotion uses.

Each client is one account's and region's, as if with that account's own credentials. Errors are botocore's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from ecs.image import Reference, Repository
from simulator.aws import ecr
from simulator.aws.ecr import REPOSITORY
from simulator.aws.ecs import CLUSTER, RUNNING, SERVICE, TASK_DEFINITION
from simulator.store import Object, Properties, Store

MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
PUSHED_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""Of every image: the simulated cloud has no clock, and keeps its images in the order in which they were pushed."""


@dataclass(frozen=True, kw_only=True)
class Ecr:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def batch_get_image(self, **request: Any) -> Properties:
        """Images by digest. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""
        held = self._held("BatchGetImage", request)
        digests = [each["imageDigest"] for each in request["imageIds"]]
        return {
            "images": [_image(request, digest) for digest in digests if digest in held],
            "failures": [
                {
                    "imageId": {"imageDigest": digest},
                    "failureCode": "ImageNotFound",
                    "failureReason": "Requested image not found",
                }
                for digest in digests
                if digest not in held
            ],
        }

    def put_image(self, **request: Any) -> Properties:
        """One more tag on an image that is there; its layers, and so new images, come by docker alone.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
        """
        with self.store.transaction():
            held = self._held("PutImage", request)
            digest, tag = request["imageDigest"], request["imageTag"]
            if request["imageManifest"] != _manifest(digest):
                raise _error("PutImage", "ImageDigestDoesNotMatchException", f"the manifest is not that of {digest}")
            if digest not in held:
                raise _error("PutImage", "LayersNotFoundException", f"the layers of {digest} were not uploaded")
            for other, made in held.items():
                if tag in made.properties["tags"]:
                    # Of what is promoted every tag is immutable; a mutable one is docker's to move.
                    kind = "ImageAlreadyExists" if other == digest else "ImageTagAlreadyExists"
                    raise _error("PutImage", f"{kind}Exception", f"{tag} is on {other} already")
            made = held[digest]
            tags = sorted([*made.properties["tags"], tag])
            self.store.put(replace(made, properties={**made.properties, "tags": tags}))
        return {"image": {**_image(request, digest), "imageId": {"imageDigest": digest, "imageTag": tag}}}

    def describe_images(self, **request: Any) -> Properties:
        """The tagged images. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html"""
        held = self._held("DescribeImages", request)
        return {
            "imageDetails": [
                {
                    "registryId": request["registryId"],
                    "repositoryName": request["repositoryName"],
                    "imageDigest": digest,
                    "imageTags": made.properties["tags"],
                    "imagePushedAt": PUSHED_AT,
                }
                for digest, made in held.items()
                if made.properties["tags"]
            ]
        }

    def _held(self, operation: str, request: Properties) -> dict[str, Object]:
        """The images of the repository, by digest, in the order in which they were pushed."""
        repository = Repository(account=request["registryId"], region=self.region, name=request["repositoryName"])
        mine = [each for each in self.store.find(REPOSITORY, arn=repository.arn) if each.account == self.account]
        if not mine:
            message = f"The repository with name '{repository.name}' does not exist in the registry of {self.account}"
            raise _error(operation, "RepositoryNotFoundException", message)
        return {Reference.parse(each.id).digest: each for each in ecr.images(self.store, mine[0])}


@dataclass(frozen=True, kw_only=True)
class Ecs:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def describe_services(self, *, cluster: str, services: list[str]) -> Properties:
        """Services by ARN. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
        if not self._mine(CLUSTER, arn=cluster):
            raise _error("DescribeServices", "ClusterNotFoundException", "Cluster not found.")
        held = {each.properties["arn"]: each.properties for each in self._mine(SERVICE, cluster=cluster)}
        return {
            "services": [_service(held[arn]) for arn in services if arn in held],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in services if arn not in held],
        }

    def describe_task_definition(self, *, taskDefinition: str) -> Properties:  # noqa: N803, boto3 gives the name
        """A revision. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html"""
        for each in self._mine(TASK_DEFINITION, arn=taskDefinition):
            return {
                "taskDefinition": {
                    "taskDefinitionArn": taskDefinition,
                    "containerDefinitions": json.loads(each.properties["containerDefinitions"]),
                    "runtimePlatform": each.properties["runtimePlatform"],
                }
            }
        raise _error("DescribeTaskDefinition", "ClientException", "Unable to describe task definition.")

    def _mine(self, kind: str, **properties: object) -> list[Object]:
        found = self.store.find(kind, **properties)
        return [each for each in found if (each.account, each.region) == (self.account, self.region)]


def _service(properties: Properties) -> Properties:
    """Nothing takes time in the simulated cloud: what runs has been rolled out, all of it; or nothing ever ran."""
    tasks, runs = int(properties["desiredCount"]), properties[RUNNING]
    return {
        "serviceArn": properties["arn"],
        "status": "ACTIVE",
        "desiredCount": tasks,
        "runningCount": tasks if runs else 0,
        "deployments": [
            {
                "status": "PRIMARY",
                "taskDefinition": runs or properties["taskDefinition"],
                "rolloutState": "COMPLETED" if runs else "FAILED",
            },
        ],
    }


def _image(request: Properties, digest: str) -> Properties:
    return {
        "registryId": request["registryId"],
        "repositoryName": request["repositoryName"],
        "imageId": {"imageDigest": digest},
        "imageManifest": _manifest(digest),
        "imageManifestMediaType": MEDIA_TYPE,
    }


def _manifest(digest: str) -> str:
    """No real one, as nothing was built; but each digest has its own."""
    return json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "annotations": {"simulated": digest}})


def _error(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
