"""Repositories, and the images pushed to them. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase

from ecs.iam import PULL_ACTIONS
from ecs.image import Reference, Repository
from simulator.cloud import Call, RefusedError, ResourceType, is_simulated
from simulator.store import Object, Properties, Store

REPOSITORY = "aws:ecr/repository:Repository"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
IMAGE = "ecr image"
"""A pushed image: its id is the reference by digest."""


def token(account: str) -> str:
    """What pushes to the account's repositories, and to no other's."""
    return f"simulated-token-{account}"


def push(call: Call, repository_url: str, *, tag: str, digest: str, platform: str) -> str:
    """The reference of the pushed image. Raises RefusedError as ECR does.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
    """
    store = call.cloud.store
    repository = next(iter(store.find(REPOSITORY, repositoryUrl=repository_url)), None)
    if repository is None:
        raise RefusedError(f"name unknown: the repository {repository_url} does not exist")
    reference = f"{repository_url}@{digest}"
    for other in images(store, repository):
        if tag in other.properties["tags"] and other.id != reference:
            if not _is_mutable(repository.properties, tag):
                raise RefusedError(f"ImageTagAlreadyExists: the tag {tag!r} is immutable in {repository_url}")
            tags = [each for each in other.properties["tags"] if each != tag]
            _put(store, repository, other.id, {**other.properties, "tags": tags}, other.run)
    tags = sorted(
        {tag, *(tag for each in images(store, repository) if each.id == reference for tag in each.properties["tags"])}
    )
    _put(store, repository, reference, {"platform": platform, "tags": tags}, call.cloud.run)
    return reference


def take_as_pushed(store: Store, reference: Reference, *, platform: str) -> None:
    """Puts an image that was pushed before the store knew of it into its repository, if that is there."""
    source = reference.repository
    for repository in store.find(REPOSITORY, name=source.name):
        same_place = (repository.account, repository.region) == (source.account, source.region)
        if same_place and all(each.id != str(reference) for each in images(store, repository)):
            _put(store, repository, str(reference), {"platform": platform, "tags": []}, repository.run)


def unpullable(call: Call, reference: Reference) -> Iterable[str]:
    """Why this account cannot pull the image. An account that is not simulated is taken at its word.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
    """
    source = reference.repository
    if not is_simulated(source.account):
        return
    if not any(each.id == str(reference) for each in call.cloud.store.find(IMAGE)):
        yield f"{reference}: not found"
    elif source.account != call.account and call.account not in _consumers(call.cloud.store, source):
        yield f"{reference}: the repository's policy does not let account {call.account} pull"


def _consumers(store: Store, repository: Repository) -> set[str]:
    """The accounts that the repository's policy names."""
    return {
        principal.split(":")[4]
        for each in store.find(REPOSITORY_POLICY, repository=repository.name)
        if (each.account, each.region) == (repository.account, repository.region)
        for statement in json.loads(each.properties["policy"])["Statement"]
        if set(PULL_ACTIONS) <= set(statement["Action"])
        for principal in statement["Principal"]["AWS"]
    }


def platform(store: Store, reference: Reference) -> str | None:
    """What an image was built for; None when that is not known here."""
    return next((each.properties["platform"] for each in store.find(IMAGE) if each.id == str(reference)), None)


def _is_mutable(repository: Properties, tag: str) -> bool:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html"""
    mutability = repository.get("imageTagMutability", "MUTABLE")
    excluded = any(
        fnmatchcase(tag, each["filter"]) for each in repository.get("imageTagMutabilityExclusionFilters", [])
    )
    return mutability.startswith("MUTABLE") != (excluded and mutability.endswith("_WITH_EXCLUSION"))


def images(store: Store, repository: Object) -> list[Object]:
    """What was pushed to the repository, in order."""
    url = repository.properties["repositoryUrl"]
    return [each for each in store.find(IMAGE) if each.id.startswith(f"{url}@")]


def _put(store: Store, repository: Object, id: str, properties: Properties, run: str) -> None:
    store.put(
        Object(
            kind=IMAGE,
            id=id,
            account=repository.account,
            region=repository.region,
            urn=repository.urn,
            run=run,
            properties=properties,
        )
    )


def _in(call: Call) -> list[Object]:
    repository = call.existing()
    return images(call.cloud.store, repository) if repository else []


def _not_empty(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html"""
    if not call.inputs.get("forceDelete") and (held := _in(call)):
        yield f"RepositoryNotEmptyException: {call.id} holds {len(held)} images"


def authorization_token(call: Call) -> Properties:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html"""
    endpoint = f"https://{call.account}.dkr.ecr.{call.region}.amazonaws.com"
    return {"userName": "AWS", "password": token(call.account), "proxyEndpoint": endpoint, "id": call.region}


_PART = ResourceType(
    id="{repository}",
    replaces=frozenset({"repository"}),
    refers={"repository": (REPOSITORY, "name")},
    holds=False,
)

TYPES = {
    REPOSITORY: ResourceType(
        id="{name}",
        outputs={
            "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
        },
        replaces=frozenset({"name"}),
        named="name",
        refuses_deletion=_not_empty,
        deletes_with_it=_in,
    ),
    LIFECYCLE_POLICY: _PART,
    REPOSITORY_POLICY: _PART,
}

INVOKES = {"aws:ecr/getAuthorizationToken:getAuthorizationToken": authorization_token}
