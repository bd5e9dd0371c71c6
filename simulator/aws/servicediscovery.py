"""Cloud Map namespaces. https://docs.aws.amazon.com/cloud-map/latest/api/"""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator.aws import deletions
from simulator.aws.tags import tag_problems
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure

namespace = Checks[Request](types.NAMESPACE)


@namespace("https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html", confirmed="botocore")
def tags_are_within_their_limits(request: Request) -> Iterator[str]:
    """The tags of a namespace are within the limits of AWS."""
    yield from tag_problems("InvalidInput", request.inputs)


TYPES = {
    types.NAMESPACE: ResourceType(
        id="ns-{hex}",
        outputs={"arn": "arn:aws:servicediscovery:{region}:{account}:namespace/{id}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        validate_delete=deletions.namespace.reasons,
        validate=namespace.reasons,
        failure=Failure(
            source="servicediscovery/http_namespace.go",
            id_after_wait=True,
            taken="NamespaceAlreadyExists",
            quota="ResourceLimitExceeded: you've reached the quota on the number of resources.",
        ),
    ),
}
