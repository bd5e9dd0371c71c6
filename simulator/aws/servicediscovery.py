"""Cloud Map namespaces. https://docs.aws.amazon.com/cloud-map/latest/api/"""

from __future__ import annotations

from simulator.cloud import ResourceType

NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"

TYPES = {
    NAMESPACE: ResourceType(
        id="ns-{hex}",
        outputs={"arn": "arn:aws:servicediscovery:{region}:{account}:namespace/{id}"},
        replaces=frozenset({"name"}),
        named="name",
    ),
}
