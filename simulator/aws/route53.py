"""DNS records. Hosted zones are taken to exist. https://docs.aws.amazon.com/Route53/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.cloud import Call, ResourceType

RECORD = "aws:route53/record:Record"


def _record(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html"""
    same = {key: call.inputs[key] for key in ("zoneId", "name", "type")}
    for other in call.cloud.store.find(RECORD, **same):
        if other.id != call.id and not call.inputs.get("allowOverwrite"):
            yield f"InvalidChangeBatch: tried to create resource record set {same['name']}, but it already exists"


TYPES = {
    RECORD: ResourceType(
        id="{zoneId}_{name}_{type}",
        outputs={"fqdn": "{name}"},
        replaces=frozenset({"zoneId"}),
        refuses=_record,
    ),
}
