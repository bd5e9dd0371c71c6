"""Repositories and pushed images. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from config.fields import is_simulated
from ecs import types
from ecs.iam import PULL_ACTIONS
from ecs.image import Reference, Repository
from simulator.aws import ecr_lifecycle, ecr_repository, policy_grammar
from simulator.aws.permissions import decide, principals, read
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure, RejectedError
from simulator.store import Object, Properties, Store

IMAGE = "ecr image"
"""The kind of a pushed image. Its ID is the reference by digest."""


def token(account: str) -> str:
    """The authorization token for the account's registry."""
    return f"simulated-token-{account}"


def push(request: Request, repository_url: str, *, tag: str, digest: str, platform: str) -> str:
    """Pushes an image and returns its reference by digest. Raises RejectedError.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
    """
    store = request.cloud.store
    repository = next(iter(store.find(types.REPOSITORY, repositoryUrl=repository_url)), None)
    if repository is None:
        raise RejectedError(f"name unknown: the repository {repository_url} does not exist")
    reference = f"{repository_url}@{digest}"
    for other in images(store, repository):
        if tag in other.properties["tags"] and other.id != reference:
            if not _is_mutable(repository.properties, tag):
                raise RejectedError(f"ImageTagAlreadyExists: the tag {tag!r} is immutable in {repository_url}")
            tags = [each for each in other.properties["tags"] if each != tag]
            _put(store, repository, other.id, {**other.properties, "tags": tags}, other.run)
    tags = sorted(
        {tag, *(tag for each in images(store, repository) if each.id == reference for tag in each.properties["tags"])}
    )
    _put(store, repository, reference, {"platform": platform, "tags": tags}, request.cloud.run)
    return reference


def take_as_pushed(store: Store, reference: Reference, *, platform: str) -> None:
    """Adds an image that was pushed outside of the simulator to its repository, if the repository exists."""
    source = reference.repository
    for repository in store.find(types.REPOSITORY, name=source.name):
        same_registry = (repository.account, repository.region) == (source.account, source.region)
        if same_registry and all(each.id != str(reference) for each in images(store, repository)):
            _put(store, repository, str(reference), {"platform": platform, "tags": []}, repository.run)


def pull_errors(request: Request, reference: Reference) -> Iterable[str]:
    """The reasons why this account cannot pull the image.

    An image of another repository than those here can be pulled, unless its account is simulated.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
    """
    source, store = reference.repository, request.cloud.store
    known = _of(source, store.find(types.REPOSITORY, name=source.name))
    if not known and not is_simulated(source.account):
        return
    if not any(each.id == str(reference) for each in store.find(IMAGE)):
        yield f"{reference}: not found"
    elif source.account != request.account and not _lets_pull(policies(store, source), source, request.account):
        yield f"{reference}: the repository's policy does not let account {request.account} pull"


TAGGED = r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^@:]+)(:(?P<tag>[^@:]+))?"
"""An image by its tag, which is `latest` if it is missing."""


def is_tagged(store: Store, image: str) -> bool:
    """Whether this is an image by its tag, in a repository that a stack here has or whose account is simulated."""
    return bool((found := re.fullmatch(TAGGED, image)) and (is_simulated(found["account"]) or _named(store, image)))


def tagged(store: Store, image: str) -> str | None:
    """The reference by digest of an image by its tag."""
    tag = (re.fullmatch(TAGGED, image) or {"tag": None})["tag"] or "latest"
    found = [each.id for of in _named(store, image) for each in images(store, of) if tag in each.properties["tags"]]
    return next(iter(found), None)


def _named(store: Store, image: str) -> list[Object]:
    """The repository of an image by its tag."""
    url = image.rpartition(":")[0] if ":" in image else image
    return store.find(types.REPOSITORY, repositoryUrl=url)


def policies(store: Store, repository: Repository) -> list[Object]:
    """The policies of the repository: one or none."""
    return _of(repository, store.find(types.REPOSITORY_POLICY, repository=repository.name))


def _of(repository: Repository, objects: Iterable[Object]) -> list[Object]:
    """The objects of the repository's account and region."""
    return [each for each in objects if (each.account, each.region) == (repository.account, repository.region)]


def _lets_pull(policies: Iterable[Object], repository: Repository, account: str) -> bool:
    """Whether the policies allow all of the pull to principals of the account, or to some of them."""
    about = [
        each
        for policy in policies
        for each in read(policy.properties.get("policy", ""))
        if "NotPrincipal" in each
        or any(str(name) in ("*", account) or f"::{account}:" in str(name) for name in principals(each, "AWS"))
    ]
    context = {"aws:PrincipalAccount": account, "aws:RequestedRegion": repository.region}
    return all(decide(about, action, repository.arn, context) == "allowed" for action in PULL_ACTIONS)


def platform(store: Store, reference: Reference) -> str | None:
    """The platform that an image was built for; None if it is unknown."""
    return next((each.properties["platform"] for each in store.find(IMAGE) if each.id == str(reference)), None)


def _is_mutable(repository: Properties, tag: str) -> bool:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html"""
    mutability = repository.get("imageTagMutability", "MUTABLE")
    excluded = any(
        fnmatchcase(tag, each["filter"]) for each in repository.get("imageTagMutabilityExclusionFilters", [])
    )
    return mutability.startswith("MUTABLE") != (excluded and mutability.endswith("_WITH_EXCLUSION"))


def images(store: Store, repository: Object) -> list[Object]:
    """The images of the repository, in the order of their first push."""
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


def _images_of(request: Request) -> list[Object]:
    repository = request.existing()
    return images(request.cloud.store, repository) if repository else []


def _validate_empty(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html"""
    if not request.inputs.get("forceDelete") and (stored := _images_of(request)):
        yield f"RepositoryNotEmptyException: {request.id} contains {len(stored)} images"


def authorization_token(request: Request) -> Properties:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html"""
    endpoint = f"https://{request.account}.dkr.ecr.{request.region}.amazonaws.com"
    return {"userName": "AWS", "password": token(request.account), "proxyEndpoint": endpoint, "id": request.region}


_REPOSITORY_SETTING = ResourceType(
    id="{repository}",
    replace_on_changes=frozenset({"repository"}),
    references={"repository": (types.REPOSITORY, "name")},
    blocks_delete=False,
)

repository_policy = Checks[Request](types.REPOSITORY_POLICY)


@repository_policy(
    "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html", confirmed="nobody"
)
def repository_policy_is_a_policy(request: Request) -> Iterator[str]:
    """The policy of a repository names principals and actions, and no resource."""
    for each in policy_grammar.problems(request.inputs.get("policy"), policy_grammar.REPOSITORY):
        yield (
            "InvalidParameterException: Invalid parameter at 'PolicyText' failed to satisfy constraint:"
            f" 'Invalid repository policy provided': {each}"
        )


TYPES = {
    types.REPOSITORY: ResourceType(
        id="{name}",
        outputs={
            "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
        },
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        validate=ecr_repository.repository.reasons,
        validate_delete=_validate_empty,
        cascade=_images_of,
        failure=Failure(
            source="ecr/repository.go",
            unreadable=frozenset({"forceDelete"}),
            quota="LimitExceededException: it would have exceeded a service limit for your account.",
        ),
    ),
    types.LIFECYCLE_POLICY: replace(
        _REPOSITORY_SETTING,
        replace_on_changes=frozenset({"policy", "repository"}),
        # https://github.com/pulumi/pulumi-aws/pull/2085
        delete_before_replace=True,
        validate=ecr_lifecycle.lifecycle_policy.reasons,
        failure=Failure(source="ecr/lifecycle_policy.go", empty_update="nothing"),
    ),
    types.REPOSITORY_POLICY: replace(
        _REPOSITORY_SETTING,
        validate=repository_policy.reasons,
        failure=Failure(source="ecr/repository_policy.go", empty_update="applies"),
    ),
}

INVOKES = {types.GET_AUTHORIZATION_TOKEN: authorization_token}
