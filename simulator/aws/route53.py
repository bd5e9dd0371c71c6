"""DNS records. Assumes that every hosted zone exists. https://docs.aws.amazon.com/Route53/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from ecs import types
from simulator.cloud import Request, ResourceType, hint
from simulator.failure import Failure


def _validate_record(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html"""
    same = {key: request.inputs[key] for key in ("zoneId", "name", "type")}
    for other in request.cloud.store.find(types.RECORD, **same):
        if other.id != request.id and not request.inputs.get("allowOverwrite"):
            exists = f"tried to create resource record set {same['name']}, but it already exists"
            yield f"InvalidChangeBatch: {exists}{hint(request, other)}"


TYPES = {
    types.RECORD: ResourceType(
        id="{zoneId}_{name}_{type}",
        outputs={"fqdn": "{name}"},
        replace_on_changes=frozenset({"name", "type", "zoneId"}),
        validate=_validate_record,
        failure=Failure(source="route53/record.go", empty_update="applies", unreadable=frozenset({"allowOverwrite"})),
    ),
}
