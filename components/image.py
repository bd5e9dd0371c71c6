"""The image of one service: built by pulumi-docker, pushed to the service's own ECR repository."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi_aws as aws
import pulumi_docker as docker
from pulumi import ComponentResource, InvokeOutputOptions, Output, ResourceOptions

from components.platform import Platform
from ecs.fargate import PLATFORM
from ecs.iam import PULL_ACTIONS
from ecs.image import PROMOTED_TAG, SOURCE_TAG, Build, Reference, Repository

DOCKERFILE = "image/Dockerfile"
"""The Dockerfile of all services, relative to the program."""
WORKING_TAG = "working"
"""The tag that each build moves. All other tags are immutable."""
BUILDS_KEPT = 30
"""Former builds that ECR keeps for a rollback: of those with the tag of a commit, and of those without a tag."""
ALL = 100_000
"""As many images as a repository can have, unless AWS raises the quota: a rule with this number expires none.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html"""


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    platform: Platform
    repository: str
    """The name of the ECR repository."""
    build: Build


class Image(ComponentResource):
    """An ECR repository and the image that the Docker provider builds and pushes to it."""

    reference: Output[str]
    """`<repository>@sha256:<digest>` as pushed. Unknown in a preview in which the image changes."""

    def __init__(self, name: str, args: ImageArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:image:Image", name, None, opts)
        self._name = name
        self._child = ResourceOptions(parent=self)

        repository = self._repository(args)
        # The Docker provider does not request a token itself, and does not mark the password as secret.
        token = aws.ecr.get_authorization_token_output(
            registry_id=repository.registry_id, opts=InvokeOutputOptions(parent=self)
        )
        image = docker.Image(
            f"{name}-build",
            image_name=Output.concat(repository.repository_url, ":", WORKING_TAG),
            build=docker.DockerBuildArgs(
                context=args.build.context,
                dockerfile=DOCKERFILE,
                # Defaults to the platform of the Docker host; a task of another one fails with "exec format error".
                platform=PLATFORM[args.platform.architecture],
                builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
            ),
            registry=docker.RegistryArgs(
                server=repository.repository_url,
                username=token.user_name,
                password=Output.secret(token.password),
            ),
            # The provider connects to a Docker engine before any operation, although its Delete does nothing: without
            # this, `pulumi destroy` would stop half-way on a machine without one.
            # https://github.com/pulumi/pulumi-docker/blob/v5.1.0/provider/provider.go (Configure, Delete)
            opts=ResourceOptions(parent=self, retain_on_delete=True),
        )

        self.reference = image.repo_digest
        self.register_outputs({"reference": self.reference})

    def _repository(self, args: ImageArgs) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            f"{self._name}-repository",
            name=args.repository,
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
            image_tag_mutability_exclusion_filters=[
                aws.ecr.RepositoryImageTagMutabilityExclusionFilterArgs(filter=WORKING_TAG, filter_type="WILDCARD")
            ],
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            force_delete=not args.platform.protect,
            opts=ResourceOptions(parent=self, protect=args.platform.protect),
        )
        aws.ecr.LifecyclePolicy(
            f"{self._name}-lifecycle", repository=repository.name, policy=_lifecycle(), opts=self._child
        )
        if args.build.consumers:
            aws.ecr.RepositoryPolicy(
                f"{self._name}-consumers",
                repository=repository.name,
                policy=_pull_policy(args.build.consumers),
                opts=self._child,
            )
        return repository


@dataclass(frozen=True, kw_only=True)
class Pullable:
    """An image that a task can run."""

    reference: Output[str]
    """By digest."""
    repository: Repository
    """Separate from the reference, so that a new image does not change the roles that may pull it."""


def pullable(
    name: str, platform: Platform, owner: str, image: Build | Reference | Pullable, opts: ResourceOptions
) -> Pullable:
    """Declares the image if it is built. `owner`: the service or job whose image it is."""
    if isinstance(image, Pullable):
        return image
    if isinstance(image, Reference):
        return Pullable(reference=Output.from_input(str(image)), repository=image.repository)
    repository = Repository(account=platform.account, region=platform.region, name=f"{platform.prefix}-{owner}")
    args = ImageArgs(platform=platform, repository=repository.name, build=image)
    return Pullable(reference=Image(name, args, opts).reference, repository=repository)


def _pull_policy(accounts: Sequence[str]) -> str:
    """Lets these accounts pull. Each account grants the permission to its own roles.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
    """
    statement = {
        "Sid": "Pull",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in sorted(accounts)]},
        "Action": PULL_ACTIONS,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _lifecycle() -> str:
    """Expires former builds, but neither the newest one nor a promoted image, which another stack may run.

    The next build takes the working tag, so that a former build has the tag of its commit, or none. A promoted image
    also has the tag of its commit: an image that matches the tags of a rule cannot be expired by a rule of a higher
    number, so two rules that expire none keep theirs.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
    """
    selections = [
        ("former builds go", BUILDS_KEPT, {"tagStatus": "untagged"}),
        ("promoted images stay", ALL, {"tagStatus": "tagged", "tagPrefixList": [PROMOTED_TAG]}),
        ("the newest build stays", ALL, {"tagStatus": "tagged", "tagPrefixList": [WORKING_TAG]}),
        ("former builds of commits go", BUILDS_KEPT, {"tagStatus": "tagged", "tagPrefixList": [SOURCE_TAG]}),
    ]
    rules = [
        {
            "rulePriority": number,
            "description": description,
            "selection": {**selection, "countType": "imageCountMoreThan", "countNumber": kept},
            "action": {"type": "expire"},
        }
        for number, (description, kept, selection) in enumerate(selections, 1)
    ]
    return json.dumps({"rules": rules})
