"""Reads and tags images in ECR. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/

An image is tagged in the repository of the account that built it. `promote` requires ecr:BatchGetImage and ecr:PutImage
on that repository. Across accounts, as for dev's images promoted from staging, the repository policy must allow both;
`build.consumers` allows only the pull. `unused-images` requires ecr:DescribeImages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from ecs.image import PROMOTED_TAG, SOURCE_TAG, Reference, Repository
from image.source_commits import DIGITS
from ops.errors import code

UNREADABLE = ("AccessDeniedException", "ImageNotFoundException", "RepositoryNotFoundException")
MEDIA_TYPES = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
]
"""All types that a build may push. ECR may convert a manifest to an accepted type, which changes its digest.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""


class Ecr(Protocol):
    """The methods of the boto3 client that this module uses."""

    def batch_get_image(self, **request: Any) -> Any: ...
    def put_image(self, **request: Any) -> Any: ...
    def describe_images(self, **request: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest as ECR stores it, byte for byte, so that its digest stays the same."""

    body: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Promoted:
    """An image with at least one promotion tag."""

    reference: Reference
    tags: tuple[str, ...]
    """The promotion tags, such as promoted-prod-0123456789ab, sorted."""
    commits: tuple[str, ...] = ()
    """The commits of the source that the other tags name, sorted."""


def tag_of(target: str, reference: Reference) -> str:
    """The promotion tag of an image, such as promoted-prod-0123456789ab.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
    """
    return f"{PROMOTED_TAG}{target}-{reference.digest.removeprefix('sha256:')[:12]}"


def source_tag(commit: str) -> str:
    """The tag of the image that was built from a commit, such as src-0123456789ab."""
    return f"{SOURCE_TAG}{commit[:DIGITS]}"


def source_commits(ecr: Ecr, reference: Reference) -> list[str]:
    """The commits that the tags of an image name, sorted; none if the image does not exist or may not be described.

    The policy of another account's repository may allow the pull alone, and the tags are for people only.
    """
    try:
        response = ecr.describe_images(
            **_parameters(reference.repository), imageIds=[{"imageDigest": reference.digest}]
        )
    except ClientError as error:
        if code(error) in UNREADABLE:
            return []
        raise
    return [commit for image in response["imageDetails"] for commit in _commits(image)]


def manifest(ecr: Ecr, reference: Reference) -> Manifest | None:
    """The manifest of an image; None if the image or its repository does not exist."""
    try:
        response = ecr.batch_get_image(
            **_parameters(reference.repository),
            imageIds=[{"imageDigest": reference.digest}],
            acceptedMediaTypes=MEDIA_TYPES,
        )
    except ClientError as error:
        if code(error) == "RepositoryNotFoundException":
            return None
        raise
    for image in response["images"]:
        return Manifest(body=image["imageManifest"], media_type=image["imageManifestMediaType"])
    return None


def tag(ecr: Ecr, reference: Reference, stored: Manifest, name: str) -> None:
    """Adds a tag to an existing image. Idempotent."""
    try:
        ecr.put_image(
            **_parameters(reference.repository),
            imageManifest=stored.body,
            imageManifestMediaType=stored.media_type,
            imageTag=name,
            # ECR rejects a manifest with another digest.
            imageDigest=reference.digest,
        )
    except ClientError as error:
        if code(error) != "ImageAlreadyExistsException":
            raise


def promoted(ecr: Ecr, repository: Repository) -> Iterator[Promoted]:
    """The promoted images of a repository, in the order in which they were pushed."""
    images: list[dict[str, Any]] = []
    page: dict[str, str] = {}
    while True:
        response = ecr.describe_images(**_parameters(repository), filter={"tagStatus": "TAGGED"}, **page)
        images += response["imageDetails"]
        if not response.get("nextToken"):
            break
        page = {"nextToken": response["nextToken"]}
    for image in sorted(images, key=lambda each: each["imagePushedAt"]):
        if tags := sorted(each for each in image["imageTags"] if each.startswith(PROMOTED_TAG)):
            reference = Reference(repository=repository, digest=image["imageDigest"])
            yield Promoted(reference=reference, tags=tuple(tags), commits=tuple(_commits(image)))


def _commits(image: dict[str, Any]) -> list[str]:
    """The commits that the tags of an image name, sorted."""
    tags: list[str] = image.get("imageTags", [])
    return sorted(tag.removeprefix(SOURCE_TAG) for tag in tags if tag.startswith(SOURCE_TAG))


def _parameters(repository: Repository) -> dict[str, str]:
    return {"registryId": repository.account, "repositoryName": repository.name}
