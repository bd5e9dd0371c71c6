from __future__ import annotations

from components.image import Image, ImageArgs
from tests.declared import ACCOUNT, REGION, Declared, declare

BUILD = "docker:index/image:Image"
REPOSITORY = "aws:ecr/repository:Repository"
URL = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mrgnl-promptsvc"


def image(*, architecture: str = "x86-64", protect: bool = False, consumers: tuple[str, ...] = ()) -> Declared:
    args = ImageArgs(
        repository="mrgnl-promptsvc",
        context="image/sample",
        architecture=architecture,
        protect=protect,
        consumers=consumers,
    )
    return declare(lambda: Image("image", args))


def test_the_image_is_built_from_the_services_own_context_with_the_one_dockerfile_and_pushed_to_its_repository() -> (
    None
):
    assert image().one(BUILD, "image-build").inputs == {
        "imageName": f"{URL}:working",
        "build": {
            "context": "image/sample",
            "dockerfile": "image/Dockerfile",
            "platform": "linux/amd64",
            "builderVersion": "BuilderBuildKit",
        },
        "buildOnPreview": False,  # it would show the local image's id as if it were the digest
        "skipPush": False,
        "registry": {"server": URL, "username": "AWS", "password": "simulated-token-000000000000"},
    }


def test_the_registry_token_is_a_secret_and_nothing_else_is() -> None:
    assert image().one(BUILD, "image-build").secrets == {"registry"}


def test_the_platform_follows_the_architecture() -> None:
    assert image(architecture="arm64").one(BUILD, "image-build").inputs["build"]["platform"] == "linux/arm64"


def test_the_reference_is_the_pushed_digest() -> None:
    outputs = image().outputs_of("marginalia:image:Image")
    assert outputs["reference"].startswith(f"{URL}@sha256:")
    assert list(outputs) == ["reference"]


def test_every_tag_but_the_working_one_is_immutable() -> None:
    assert image().one(REPOSITORY, "image-repository").inputs == {
        "name": "mrgnl-promptsvc",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filter": "working", "filterType": "WILDCARD"}],
        "forceDelete": True,
    }


def test_a_protected_repository_is_deleted_neither_by_force_nor_by_pulumi() -> None:
    repository = image(protect=True).one(REPOSITORY, "image-repository")
    assert (repository.inputs["forceDelete"], repository.options.protect) == (False, True)


def test_nothing_but_untagged_former_builds_expires() -> None:
    policy = image().one("aws:ecr/lifecyclePolicy:LifecyclePolicy", "image-lifecycle").json("policy")
    assert policy == {
        "rules": [
            {
                "rulePriority": 1,
                "description": "former builds go",
                "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 30},
                "action": {"type": "expire"},
            },
        ]
    }


def test_the_consumers_and_nobody_else_may_pull_and_do_nothing_else() -> None:
    [policy] = (
        image(consumers=("222222222222", "111111111111")).of("aws:ecr/repositoryPolicy:RepositoryPolicy").values()
    )
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
    assert not image().of("aws:ecr/repositoryPolicy:RepositoryPolicy")
