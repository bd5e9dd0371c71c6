from __future__ import annotations

from typing import Any

from components.image import Image, ImageArgs
from ecs import types
from ecs.image import Build
from tests.declared import ACCOUNT, REGION, Declared, declare
from tests.unit.components import build

URL = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mrgnl-promptsvc"


def image(*, architecture: str = "x86-64", protect: bool = False, consumers: tuple[str, ...] = ()) -> Declared:
    def one() -> None:
        platform = build.platform(architecture=architecture, protect=protect)
        source = Build(context="image/sample", consumers=consumers)
        Image("image", ImageArgs(platform=platform, repository="mrgnl-promptsvc", build=source))

    return declare(one)


def test_the_image_is_built_from_the_context_of_the_service_and_pushed_to_its_repository() -> None:
    assert image().one(types.DOCKER_IMAGE, "image-build").inputs == {
        "imageName": f"{URL}:working",
        "build": {
            "context": "image/sample",
            "dockerfile": "image/Dockerfile",
            "platform": "linux/amd64",
            "builderVersion": "BuilderBuildKit",
        },
        "buildOnPreview": False,  # a preview would show the id of the local image as the digest
        "skipPush": False,
        "registry": {"server": URL, "username": "AWS", "password": "simulated-token-000000000000"},
    }


def test_the_registry_token_is_the_only_secret() -> None:
    assert image().one(types.DOCKER_IMAGE, "image-build").secrets == {"registry"}


def test_the_platform_is_that_of_the_architecture() -> None:
    assert (
        image(architecture="arm64").one(types.DOCKER_IMAGE, "image-build").inputs["build"]["platform"] == "linux/arm64"
    )


def test_the_reference_is_the_pushed_digest() -> None:
    outputs = image().outputs_of("marginalia:image:Image")
    assert outputs["reference"].startswith(f"{URL}@sha256:")
    assert list(outputs) == ["reference"]


def test_every_tag_except_the_working_tag_is_immutable() -> None:
    assert image().one(types.REPOSITORY, "image-repository").inputs == {
        "name": "mrgnl-promptsvc",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filter": "working", "filterType": "WILDCARD"}],
        "imageScanningConfiguration": {"scanOnPush": True},
        "forceDelete": True,
    }


def test_a_protected_repository_is_protected_in_pulumi_and_not_force_deleted() -> None:
    repository = image(protect=True).one(types.REPOSITORY, "image-repository")
    assert (repository.inputs["forceDelete"], repository.options.protect) == (False, True)


def rule(number: int, description: str, kept: int, **selection: Any) -> dict[str, Any]:
    return {
        "rulePriority": number,
        "description": description,
        "selection": {**selection, "countType": "imageCountMoreThan", "countNumber": kept},
        "action": {"type": "expire"},
    }


def test_only_former_builds_expire_and_a_promoted_image_not_by_the_tag_of_its_commit() -> None:
    """An image that matches the tags of a rule with a lower number cannot be expired by one with a higher number.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
    """
    policy = image().one(types.LIFECYCLE_POLICY, "image-lifecycle").json("policy")
    assert policy == {
        "rules": [
            rule(1, "former builds go", 30, tagStatus="untagged"),
            rule(2, "promoted images stay", 100_000, tagStatus="tagged", tagPrefixList=["promoted-"]),
            rule(3, "the newest build stays", 100_000, tagStatus="tagged", tagPrefixList=["working"]),
            rule(4, "former builds of commits go", 30, tagStatus="tagged", tagPrefixList=["src-"]),
        ]
    }


def test_the_repository_policy_lets_the_consumers_pull() -> None:
    [policy] = image(consumers=("222222222222", "111111111111")).of(types.REPOSITORY_POLICY).values()
    assert policy.json("policy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]},
                "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }
        ],
    }


def test_without_consumers_the_repository_has_no_policy() -> None:
    assert not image().of(types.REPOSITORY_POLICY)
