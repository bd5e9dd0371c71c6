"""Certificates. https://docs.aws.amazon.com/acm/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecs import types
from simulator.aws import deletions
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure


def _validation_options(request: Request) -> list[dict[str, Any]]:
    """https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""
    domain = request.inputs["domainName"]
    return [
        {
            "domainName": domain,
            "resourceRecordName": f"_simulated.{domain}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": "_simulated.acm-validations.aws.",
        }
    ]


def _validate_records(request: Request) -> Iterable[str]:
    """A certificate is issued when its validation record is in the zone.

    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """
    names = {each.properties["fqdn"] for each in request.visible(types.RECORD)}
    for name in request.inputs["validationRecordFqdns"]:
        if name not in names:
            yield f"the certificate stays PENDING_VALIDATION: there is no record {name}"


TYPES = {
    types.CERTIFICATE: ResourceType(
        id="arn:aws:acm:{region}:{account}:certificate/{hex}",
        outputs={"arn": "{id}", "domainValidationOptions": _validation_options},
        replace_on_changes=frozenset({"domainName", "validationMethod"}),
        validate_delete=deletions.certificate.reasons,
        failure=Failure(source="acm/certificate.go"),
    ),
    types.CERTIFICATE_VALIDATION: ResourceType(
        id="{certificateArn}",
        replace_on_changes=frozenset({"certificateArn", "validationRecordFqdns"}),
        references={"certificateArn": (types.CERTIFICATE, "arn")},
        blocks_delete=False,
        validate=_validate_records,
        failure=Failure(source="acm/certificate_validation.go", id_after_wait=True, empty_update="nothing"),
    ),
}
