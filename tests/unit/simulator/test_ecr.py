from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from simulator.aws import ecr
from simulator.cloud import Request
from simulator.store import Object
from tests.unit.simulator.world import World, rejection

URL = "000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-promptsvc"
ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def repository(world: World, **changes: Any) -> Object:
    return world.create(types.REPOSITORY, name="mrgnl-promptsvc", **changes)


def push(world: World, digest: str, tag: str = "dev", url: str = URL) -> str:
    request = Request(token="", urn="", inputs={}, cloud=world.cloud, account=world.account, region=world.region)
    return ecr.push(request, url, tag=tag, digest=digest, platform="linux/amd64")


def tags(world: World) -> dict[str, list[str]]:
    """The tags of each image by the first digit of its digest."""
    return {each.id.split(":")[-1][:1]: each.properties["tags"] for each in world.all(ecr.IMAGE)}


def test_push_returns_the_reference_by_digest(world: World) -> None:
    repository(world)
    assert push(world, ONE) == f"{URL}@{ONE}"


def test_a_push_to_a_repository_that_does_not_exist_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html"""
    assert rejection(lambda: push(world, ONE)) == f"name unknown: the repository {URL} does not exist"


def test_a_mutable_tag_moves_and_the_previous_image_remains(world: World) -> None:
    repository(world)
    push(world, ONE)
    push(world, ONE, tag="release")
    push(world, TWO)
    assert tags(world) == {"1": ["release"], "2": ["dev"]}


# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
@pytest.mark.parametrize(
    ("mutability", "tag", "moves"),
    [
        ("MUTABLE", "dev", True),
        ("IMMUTABLE", "dev", False),
        ("IMMUTABLE", "cache-1", False),
        ("IMMUTABLE_WITH_EXCLUSION", "dev", False),
        ("IMMUTABLE_WITH_EXCLUSION", "cache-1", True),
        ("MUTABLE_WITH_EXCLUSION", "dev", True),
        ("MUTABLE_WITH_EXCLUSION", "cache-1", False),
    ],
)
def test_a_tag_moves_only_if_it_is_mutable_in_the_repository(
    world: World, mutability: str, tag: str, moves: bool
) -> None:
    filters = [{"filter": "cache-*", "filterType": "WILDCARD"}]
    excluded = {"imageTagMutabilityExclusionFilters": filters} if mutability.endswith("_WITH_EXCLUSION") else {}
    repository(world, imageTagMutability=mutability, **excluded)
    push(world, ONE, tag)
    if moves:
        push(world, TWO, tag)
        assert tags(world) == {"1": [], "2": [tag]}
    else:
        assert rejection(lambda: push(world, TWO, tag)) == (
            f"ImageTagAlreadyExists: the tag {tag!r} is immutable in {URL}"
        )
        assert tags(world) == {"1": [tag]}


def test_the_same_image_can_be_pushed_again_under_its_immutable_tag(world: World) -> None:
    repository(world, imageTagMutability="IMMUTABLE")
    assert push(world, ONE) == push(world, ONE)
    assert tags(world) == {"1": ["dev"]}


def test_a_repository_with_images_is_deleted_only_with_force_delete(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html"""
    created = repository(world)
    push(world, ONE)
    push(world, TWO)
    assert rejection(lambda: world.delete(created)) == "RepositoryNotEmptyException: mrgnl-promptsvc contains 2 images"
    world.delete(world.update(created, forceDelete=True))
    assert (world.all(types.REPOSITORY), world.all(ecr.IMAGE)) == ([], [])


def test_a_repository_without_images_is_deleted_although_another_name_starts_with_its_name(world: World) -> None:
    created = repository(world)
    world.create(types.REPOSITORY, "other", name="mrgnl-promptsvc-2")
    push(world, ONE, url=f"{URL}-2")
    world.delete(created)
    assert len(world.all(ecr.IMAGE)) == 1


def test_the_authorization_token_is_for_the_registry_of_the_account(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html"""
    token = world.invoke(types.GET_AUTHORIZATION_TOKEN)
    assert (token["userName"], token["proxyEndpoint"]) == (
        "AWS",
        "https://000000000000.dkr.ecr.us-east-1.amazonaws.com",
    )
