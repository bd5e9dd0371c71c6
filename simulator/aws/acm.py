"""Certificates. https://docs.aws.amazon.com/acm/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.aws.route53 import RECORD
from simulator.cloud import Call, ResourceType

CERTIFICATE = "aws:acm/certificate:Certificate"


def _proof(call: Call) -> list[dict[str, Any]]:
    """https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""
    domain = call.inputs["domainName"]
    return [
        {
            "domainName": domain,
            "resourceRecordName": f"_simulated.{domain}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": "_simulated.acm-validations.aws.",
        }
    ]


def _unproven(call: Call) -> Iterable[str]:
    """A certificate is issued once its record is in the zone."""
    names = {each.properties["fqdn"] for each in call.find(RECORD)}
    for name in call.inputs["validationRecordFqdns"]:
        if name not in names:
            yield f"the certificate stays PENDING_VALIDATION: there is no record {name}"


TYPES = {
    CERTIFICATE: ResourceType(
        id="arn:aws:acm:{region}:{account}:certificate/{hex}",
        outputs={"arn": "{id}", "domainValidationOptions": _proof},
        replaces=frozenset({"domainName", "validationMethod"}),
    ),
    "aws:acm/certificateValidation:CertificateValidation": ResourceType(
        id="{certificateArn}",
        replaces=frozenset({"certificateArn", "validationRecordFqdns"}),
        refers={"certificateArn": (CERTIFICATE, "arn")},
        holds=False,
        refuses=_unproven,
    ),
}
