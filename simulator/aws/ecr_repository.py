"""What ECR refuses of a repository."""

from __future__ import annotations

from collections.abc import Iterable

from ecs import types
from simulator.aws.values import mappings
from simulator.check import Checks
from simulator.cloud import Request

repository = Checks[Request](types.REPOSITORY)


# validateImageTagMutabilityExclusionFilterUsage:
# https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecr/repository.go
@repository("https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html", confirmed="provider")
def excludes_tags_as_its_mutability_says(request: Request) -> Iterable[str]:
    """A repository has filters of excluded tags only if its mutability is one with exclusion."""
    mutability = request.inputs.get("imageTagMutability") or "MUTABLE"
    filters = request.inputs.get("imageTagMutabilityExclusionFilters")
    if filters and not mutability.endswith("_WITH_EXCLUSION"):
        yield f"InvalidParameterException: imageTagMutability {mutability} has no imageTagMutabilityExclusionFilters"


@repository(
    "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EncryptionConfiguration.html", confirmed="nobody"
)
def has_a_key_only_with_kms(request: Request) -> Iterable[str]:
    """A repository has a key only if KMS encrypts it."""
    for each in mappings(request.inputs.get("encryptionConfigurations")):
        if each.get("kmsKey") and (each.get("encryptionType") or "AES256") == "AES256":
            yield "InvalidParameterException: kmsKey needs the encryptionType KMS"
