"""Cloud Map namespaces. https://docs.aws.amazon.com/cloud-map/latest/api/"""

from __future__ import annotations

from ecs import types
from simulator.aws import deletions
from simulator.cloud import ResourceType
from simulator.failure import Failure

TYPES = {
    types.NAMESPACE: ResourceType(
        id="ns-{hex:.16}",
        outputs={"arn": "arn:aws:servicediscovery:{region}:{account}:namespace/{id}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        validate_delete=deletions.namespace.reasons,
        failure=Failure(
            source="servicediscovery/http_namespace.go",
            id_after_wait=True,
            taken="NamespaceAlreadyExists",
            quota="ResourceLimitExceeded: you've reached the quota on the number of resources.",
        ),
    ),
}
