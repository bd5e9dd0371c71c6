"""The methods of boto3's ECR client that ops uses."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from ecs import types
from ecs.image import Reference, Repository
from simulator.aws import ecr
from simulator.boto.errors import client_error
from simulator.store import Object, Properties, Store

MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
PUSHED_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""The same for every image: the simulated cloud has no clock. It lists images in the order of their first push."""


@dataclass(frozen=True, kw_only=True)
class Ecr:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def batch_get_image(self, **request: Any) -> Properties:
        """Images by digest. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""
        images = self._images("BatchGetImage", request)
        digests = [each["imageDigest"] for each in request["imageIds"]]
        return {
            "images": [_image(request, digest) for digest in digests if digest in images],
            "failures": [
                {
                    "imageId": {"imageDigest": digest},
                    "failureCode": "ImageNotFound",
                    "failureReason": "Requested image not found",
                }
                for digest in digests
                if digest not in images
            ],
        }

    def put_image(self, **request: Any) -> Properties:
        """Adds a tag to an existing image. New images are pushed by docker only, as this client cannot upload layers.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
        """
        with self.store.transaction():
            images = self._images("PutImage", request)
            digest, tag = request["imageDigest"], request["imageTag"]
            if request["imageManifest"] != _manifest(digest):
                raise client_error(
                    "PutImage", "ImageDigestDoesNotMatchException", f"the manifest is not that of {digest}"
                )
            if digest not in images:
                raise client_error("PutImage", "LayersNotFoundException", f"the layers of {digest} were not uploaded")
            for other, image in images.items():
                if tag in image.properties["tags"]:
                    # Only docker pushes under a mutable tag, so all tags are immutable here.
                    kind = "ImageAlreadyExists" if other == digest else "ImageTagAlreadyExists"
                    raise client_error("PutImage", f"{kind}Exception", f"the tag {tag} already exists on {other}")
            image = images[digest]
            tags = sorted([*image.properties["tags"], tag])
            self.store.put(replace(image, properties={**image.properties, "tags": tags}))
        return {"image": {**_image(request, digest), "imageId": {"imageDigest": digest, "imageTag": tag}}}

    def describe_images(self, **request: Any) -> Properties:
        """The tagged images, or those with these digests.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
        """
        images = self._images("DescribeImages", request)
        if "imageIds" in request:
            digests = [each["imageDigest"] for each in request["imageIds"]]
            if missing := [each for each in digests if each not in images]:
                raise client_error("DescribeImages", "ImageNotFoundException", f"{missing[0]} does not exist")
            images = {each: images[each] for each in digests}
        return {
            "imageDetails": [
                {
                    "registryId": request["registryId"],
                    "repositoryName": request["repositoryName"],
                    "imageDigest": digest,
                    "imageTags": image.properties["tags"],
                    "imagePushedAt": PUSHED_AT,
                }
                for digest, image in images.items()
                if image.properties["tags"] or "imageIds" in request
            ]
        }

    def describe_repositories(self, *, registryId: str, repositoryNames: list[str]) -> Properties:  # noqa: N803
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html"""
        for name in repositoryNames:
            self._images("DescribeRepositories", {"registryId": registryId, "repositoryName": name})
        return {"repositories": [{"repositoryName": name} for name in repositoryNames]}

    def get_download_url_for_layer(self, **request: Any) -> Properties:
        """The configuration of an image, as a URL that contains it: no layer has content here.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html
        """
        image = self._images("GetDownloadUrlForLayer", request)[request["layerDigest"]]
        system, architecture = image.properties["platform"].split("/")[:2]
        content = json.dumps({"os": system, "architecture": architecture})
        return {"layerDigest": request["layerDigest"], "downloadUrl": f"data:application/json,{quote(content)}"}

    def _images(self, operation: str, request: Properties) -> dict[str, Object]:
        """The images of the repository by digest, in the order of their first push."""
        repository = Repository(account=request["registryId"], region=self.region, name=request["repositoryName"])
        owned = [each for each in self.store.find(types.REPOSITORY, arn=repository.arn) if each.account == self.account]
        if not owned:
            message = f"The repository with name '{repository.name}' does not exist in the registry with id "
            raise client_error(operation, "RepositoryNotFoundException", f"{message}'{repository.account}'")
        return {Reference.parse(each.id).digest: each for each in ecr.images(self.store, owned[0])}


def _image(request: Properties, digest: str) -> Properties:
    return {
        "registryId": request["registryId"],
        "repositoryName": request["repositoryName"],
        "imageId": {"imageDigest": digest},
        "imageManifest": _manifest(digest),
        "imageManifestMediaType": MEDIA_TYPE,
    }


def _manifest(digest: str) -> str:
    """A placeholder that is unique for each digest: nothing was built."""
    return json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": {"digest": digest}})
