from __future__ import annotations

from typing import Any

import pytest

from simulator.aws import ecr
from simulator.cloud import Call
from simulator.store import Object
from tests.unit.simulator.world import World, refusal

URL = "000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-promptsvc"
ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def repository(world: World, **changes: Any) -> Object:
    return world.create(ecr.REPOSITORY, name="mrgnl-promptsvc", **changes)


def push(world: World, digest: str, tag: str = "dev", url: str = URL) -> str:
    call = Call(token="", urn="", inputs={}, cloud=world.cloud, account=world.account, region=world.region)
    return ecr.push(call, url, tag=tag, digest=digest, platform="linux/amd64")


def tags(world: World) -> dict[str, list[str]]:
    """The tags of each image, by the digest's first digits."""
    return {each.id.split(":")[-1][:1]: each.properties["tags"] for each in world.all(ecr.IMAGE)}


def test_a_pushed_image_is_known_by_repository_and_digest(world: World) -> None:
    repository(world)
    assert push(world, ONE) == f"{URL}@{ONE}"


def test_a_push_to_a_repository_that_does_not_exist_is_refused(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html"""
    assert refusal(lambda: push(world, ONE)) == f"name unknown: the repository {URL} does not exist"


def test_a_mutable_tag_moves_and_the_image_before_stays(world: World) -> None:
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
def test_a_tag_moves_only_where_the_repository_lets_it(world: World, mutability: str, tag: str, moves: bool) -> None:
    filters = [{"filter": "cache-*", "filterType": "WILDCARD"}]
    repository(world, imageTagMutability=mutability, imageTagMutabilityExclusionFilters=filters)
    push(world, ONE, tag)
    if moves:
        push(world, TWO, tag)
        assert tags(world) == {"1": [], "2": [tag]}
    else:
        assert refusal(lambda: push(world, TWO, tag)) == (
            f"ImageTagAlreadyExists: the tag {tag!r} is immutable in {URL}"
        )
        assert tags(world) == {"1": [tag]}


def test_the_same_image_is_pushed_again_under_its_immutable_tag(world: World) -> None:
    repository(world, imageTagMutability="IMMUTABLE")
    assert push(world, ONE) == push(world, ONE)
    assert tags(world) == {"1": ["dev"]}


def test_a_repository_with_images_is_deleted_only_by_force(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html"""
    made = repository(world)
    push(world, ONE)
    push(world, TWO)
    assert refusal(lambda: world.delete(made)) == "RepositoryNotEmptyException: mrgnl-promptsvc holds 2 images"
    world.delete(world.update(made, forceDelete=True))
    assert (world.all(ecr.REPOSITORY), world.all(ecr.IMAGE)) == ([], [])


def test_a_repositorys_images_are_not_those_of_one_whose_name_begins_alike(world: World) -> None:
    made = repository(world)
    world.create(ecr.REPOSITORY, "other", name="mrgnl-promptsvc-2")
    push(world, ONE, url=f"{URL}-2")
    world.delete(made)
    assert len(world.all(ecr.IMAGE)) == 1


def test_docker_signs_in_to_the_registry_of_the_account(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html"""
    token = world.invoke("aws:ecr/getAuthorizationToken:getAuthorizationToken")
    assert (token["userName"], token["proxyEndpoint"]) == (
        "AWS",
        "https://000000000000.dkr.ecr.us-east-1.amazonaws.com",
    )
