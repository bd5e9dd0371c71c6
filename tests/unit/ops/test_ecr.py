"""ECR on moto, and on botocore's Stubber where moto differs from AWS."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ecs.image import Reference, Repository
from ops import ecr as registry
from ops.ecr import MEDIA_TYPES, Manifest, Promoted
from tests.unit.ops import boto
from tests.unit.ops.boto import client

HERE = Repository(account="123456789012", region="us-east-1", name="mrgnl-mcp")
MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def ecr() -> Generator[Any]:
    with mock_aws():
        ecr = client("ecr")
        ecr.create_repository(repositoryName=HERE.name)
        yield ecr


def push(ecr: Any, layer: str, tag: str) -> Reference:
    """An image of one layer. moto takes its digest from the layers."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": MEDIA_TYPE,
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": "sha256:0"},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 1, "digest": layer}],
    }
    pushed = ecr.put_image(repositoryName=HERE.name, imageManifest=json.dumps(manifest), imageTag=tag)
    return Reference(repository=HERE, digest=pushed["image"]["imageId"]["imageDigest"])


def tags(ecr: Any, reference: Reference) -> list[str]:
    images = [{"imageDigest": reference.digest}]
    [image] = ecr.describe_images(repositoryName=HERE.name, imageIds=images)["imageDetails"]
    return image["imageTags"]


def test_a_manifest_is_returned_as_it_was_pushed(ecr: Any) -> None:
    reference = push(ecr, "one", "working")
    stored = registry.manifest(ecr, reference)
    assert stored is not None
    assert (json.loads(stored.body)["layers"][0]["digest"], stored.media_type) == ("one", MEDIA_TYPE)


def test_a_missing_image_or_repository_has_no_manifest(ecr: Any) -> None:
    push(ecr, "one", "working")
    elsewhere = Repository(account=HERE.account, region=HERE.region, name="none")
    gone = Reference(repository=HERE, digest=f"sha256:{'f' * 64}")
    assert registry.manifest(ecr, gone) is None
    assert registry.manifest(ecr, Reference(repository=elsewhere, digest=gone.digest)) is None


def test_a_promoted_image_keeps_its_other_tags(ecr: Any) -> None:
    reference = push(ecr, "one", "working")
    stored = registry.manifest(ecr, reference)
    assert stored is not None
    for _ in range(2):  # the second time changes nothing
        registry.tag(ecr, reference, stored, "promoted-prod-1")
        assert tags(ecr, reference) == ["working", "promoted-prod-1"]


def test_promoted_images_are_found_by_their_tags_in_the_order_of_their_pushes(ecr: Any) -> None:
    two, one, _ = (push(ecr, layer, tag) for layer, tag in (("two", "v2"), ("one", "v1"), ("three", "v3")))
    for reference, tag in ((one, "promoted-prod-1"), (one, "promoted-staging-1"), (two, "promoted-prod-2")):
        stored = registry.manifest(ecr, reference)
        assert stored is not None
        registry.tag(ecr, reference, stored, tag)
    found = sorted(registry.promoted(ecr, HERE), key=lambda each: each.tags)
    assert found == [
        Promoted(reference=one, tags=("promoted-prod-1", "promoted-staging-1")),
        Promoted(reference=two, tags=("promoted-prod-2",)),
    ]


REPOSITORY = {"registryId": HERE.account, "repositoryName": HERE.name}
DIGEST = f"sha256:{'1' * 64}"
REFERENCE = Reference(repository=HERE, digest=DIGEST)


@pytest.fixture
def stubbed() -> Generator[tuple[Any, Any]]:
    with boto.stub("ecr") as found:
        yield found


def test_a_manifest_is_requested_in_every_type_that_a_build_may_push(stubbed: tuple[Any, Any]) -> None:
    """Not on moto, which ignores the types. ECR converts manifests of other types."""
    ecr, stub = stubbed
    stub.add_response(
        "batch_get_image",
        {"images": [{"imageManifest": "{}", "imageManifestMediaType": MEDIA_TYPES[3]}]},
        {**REPOSITORY, "imageIds": [{"imageDigest": DIGEST}], "acceptedMediaTypes": MEDIA_TYPES},
    )
    assert registry.manifest(ecr, REFERENCE) == Manifest(body="{}", media_type=MEDIA_TYPES[3])


def test_a_tag_is_added_with_the_digest_and_the_unchanged_manifest(stubbed: tuple[Any, Any]) -> None:
    """Not on moto, which does not check the manifest against the digest."""
    ecr, stub = stubbed
    stub.add_response(
        "put_image",
        {"image": {}},
        {
            **REPOSITORY,
            "imageManifest": '{"a":  1}\n',
            "imageManifestMediaType": MEDIA_TYPE,
            "imageTag": "promoted-prod-1",
            "imageDigest": DIGEST,
        },
    )
    registry.tag(ecr, REFERENCE, Manifest(body='{"a":  1}\n', media_type=MEDIA_TYPE), "promoted-prod-1")


@pytest.mark.parametrize("code", ["ImageTagAlreadyExistsException", "AccessDeniedException"])
def test_other_errors_of_ecr_are_raised(stubbed: tuple[Any, Any], code: str) -> None:
    ecr, stub = stubbed
    stub.add_client_error("put_image", code)
    with pytest.raises(ClientError, match=code):
        registry.tag(ecr, REFERENCE, Manifest(body="{}", media_type=MEDIA_TYPE), "promoted-prod-1")
    stub.add_client_error("batch_get_image", code)
    with pytest.raises(ClientError, match=code):
        registry.manifest(ecr, REFERENCE)


def test_every_page_of_a_repository_is_read(stubbed: tuple[Any, Any]) -> None:
    """Not on moto, which returns one page."""
    ecr, stub = stubbed

    def page(digit: str, day: int, **more: str) -> dict[str, Any]:
        pushed = datetime(2026, 1, day, tzinfo=UTC)
        image = {"imageDigest": f"sha256:{digit * 64}", "imageTags": ["promoted-prod-1"], "imagePushedAt": pushed}
        return {"imageDetails": [image], **more}

    request = {**REPOSITORY, "filter": {"tagStatus": "TAGGED"}}
    stub.add_response("describe_images", page("2", 2, nextToken="more"), request)
    stub.add_response("describe_images", page("1", 1), {**request, "nextToken": "more"})
    assert [each.reference.digest[-1] for each in registry.promoted(ecr, HERE)] == ["1", "2"]


def test_a_tag_has_the_promotion_prefix_the_target_and_twelve_digits_of_the_digest() -> None:
    assert registry.tag_of("prod", REFERENCE) == "promoted-prod-111111111111"
