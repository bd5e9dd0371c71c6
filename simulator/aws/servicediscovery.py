"""Cloud Map namespaces. https://docs.aws.amazon.com/cloud-map/latest/api/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws import deletions
from simulator.aws.tags import tag_problems
from simulator.aws.values import is_known
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure

namespace = Checks[Request](types.NAMESPACE)


@namespace("https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html", confirmed="botocore")
def namespaces_have_names(request: Request) -> Iterator[str]:
    """The name of an HTTP namespace has up to 1024 printable characters without spaces."""
    name = request.inputs.get("name")
    if is_known(name) and not re.fullmatch(r"[!-~]{1,1024}", str(name)):
        yield f"InvalidInput: the namespace name {name!r} must have 1 to 1024 characters without spaces"
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
