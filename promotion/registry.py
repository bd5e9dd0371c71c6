"""What ECR holds, and the tags that keep it there. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/

A tag is put where the image lies, in whichever account built it. Whoever promotes needs ecr:BatchGetImage and
ecr:PutImage on that repository; from another account (a chain: dev's images, promoted from staging) the repository's
policy must allow both, where `build.consumers` allows only the pull. `--releasable` needs ecr:DescribeImages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from ecs.image import Reference, Repository

TAG = "promoted-"
"""What the tag of every promoted image begins with: the lifecycle rule in components/image.py spares what has a tag."""
MEDIA_TYPES = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
]
"""All that a build may push: ECR may translate a manifest of a type that is not asked for, which changes its digest.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""


class Ecr(Protocol):
    """Of boto3's client, what is used here."""

    def batch_get_image(self, **request: Any) -> Any: ...
    def put_image(self, **request: Any) -> Any: ...
    def describe_images(self, **request: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """An image as ECR holds it: the very bytes that its digest is of."""

    body: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Promoted:
    """An image that was promoted once."""

    reference: Reference
    tags: tuple[str, ...]
    """Its promotions, such as promoted-prod-0123456789ab, sorted."""


def tag_of(target: str, reference: Reference) -> str:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push.html: letters, digits, hyphens, dots, _."""
    return f"{TAG}{target}-{reference.digest.removeprefix('sha256:')[:12]}"


def manifest(ecr: Ecr, reference: Reference) -> Manifest | None:
    """None when ECR does not hold the image."""
    try:
        answer = ecr.batch_get_image(
            **_named(reference.repository),
            imageIds=[{"imageDigest": reference.digest}],
            acceptedMediaTypes=MEDIA_TYPES,
        )
    except ClientError as error:
        if _code(error) == "RepositoryNotFoundException":
            return None
        raise
    for image in answer["images"]:
        return Manifest(body=image["imageManifest"], media_type=image["imageManifestMediaType"])
    return None


def tag(ecr: Ecr, reference: Reference, held: Manifest, name: str) -> None:
    """Puts one more tag on an image that is there. Done is done: a second time changes nothing."""
    try:
        ecr.put_image(
            **_named(reference.repository),
            imageManifest=held.body,
            imageManifestMediaType=held.media_type,
            imageTag=name,
            # ECR refuses a manifest that is not this digest's.
            imageDigest=reference.digest,
        )
    except ClientError as error:
        if _code(error) != "ImageAlreadyExistsException":
            raise


def promoted(ecr: Ecr, repository: Repository) -> Iterator[Promoted]:
    """The images of a repository that were promoted, oldest push first."""
    images: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        answer = ecr.describe_images(**_named(repository), filter={"tagStatus": "TAGGED"}, **more)
        images += answer["imageDetails"]
        if not answer.get("nextToken"):
            break
        more = {"nextToken": answer["nextToken"]}
    for image in sorted(images, key=lambda each: each["imagePushedAt"]):
        if tags := sorted(each for each in image["imageTags"] if each.startswith(TAG)):
            yield Promoted(reference=Reference(repository=repository, digest=image["imageDigest"]), tags=tuple(tags))


def _named(repository: Repository) -> dict[str, str]:
    return {"registryId": repository.account, "repositoryName": repository.name}


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
