"""Certificates. https://docs.aws.amazon.com/acm/latest/APIReference/"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from ecs import types
from simulator.aws import deletions
from simulator.aws.values import is_known, mappings, other_than, text, texts
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list
from simulator.failure import Failure

certificate = Checks[Request](types.CERTIFICATE)
validation = Checks[Request](types.CERTIFICATE_VALIDATION)
DOMAIN = re.compile(r"(\*\.)?(?!-)([A-Za-z0-9-]{1,63}(?<!-)\.)+[A-Za-z]{2,63}")
ALGORITHMS = ("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")


def _validation_options(request: Request) -> list[dict[str, Any]]:
    """https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""
    if request.inputs.get("validationMethod") == "EMAIL":
        return []
    domains = [request.inputs["domainName"], *texts(request.inputs.get("subjectAlternativeNames"))]
    return [_validation_option(request, each) for each in dict.fromkeys(domains)]


def _validation_option(request: Request, domain: str) -> dict[str, str]:
    """A domain of an account has one record, which is the same for the names below it (`*.`)."""
    name = domain.removeprefix("*.")
    digits = hashlib.sha256(f"{request.account} {name}".encode()).hexdigest()
    return {
        "domainName": domain,
        "resourceRecordName": f"_{digits[:32]}.{name}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{digits[32:]}.simulated.acm-validations.aws.",
    }


@certificate("https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html", confirmed="botocore")
def domains_are_names(request: Request) -> Iterator[str]:
    """A certificate is for domain names of up to 253 characters, validated by DNS, e-mail or HTTP."""
    code, inputs = "ValidationException", request.inputs
    if inputs.get("domainName") is None:
        yield f"{code}: domainName is required"
    for name in [inputs.get("domainName"), *as_list(inputs.get("subjectAlternativeNames"))]:
        if is_known(name) and not (DOMAIN.fullmatch(str(name)) and len(str(name)) <= 253):
            yield f"{code}: {name!r} is not a valid domain name"
    if len(text(inputs.get("domainName"))) > 64:
        yield f"{code}: domainName can have at most 64 characters: {inputs['domainName']!r}"
    allowed = [("validationMethod", ("DNS", "EMAIL", "HTTP")), ("keyAlgorithm", ALGORITHMS)]
    yield from other_than(code, inputs, allowed)


@validation("https://docs.aws.amazon.com/acm/latest/APIReference/API_DomainValidation.html")
def validation_records_exist(request: Request) -> Iterator[str]:
    """A certificate is issued when its validation record is in the zone, with the value that ACM asks for."""
    records = {_name(each.properties["fqdn"]): each.properties for each in request.visible(types.RECORD)}
    for name in texts(request.inputs.get("validationRecordFqdns")):
        if _name(name) not in records:
            yield f"the certificate stays PENDING_VALIDATION: there is no record {name}"
    for each in request.visible(types.CERTIFICATE, arn=request.inputs.get("certificateArn")):
        for option in mappings(each.properties.get("domainValidationOptions")):
            name, value = option["resourceRecordName"], option["resourceRecordValue"]
            record = records.get(_name(name))
            if record is None and name not in texts(request.inputs.get("validationRecordFqdns")):
                yield f"missing {option['domainName']} DNS validation record: {name}"
            elif (
                record
                and (record["type"], record.get("records")) != ("CNAME", [value])
                and is_known(record.get("records"))
            ):
                yield f"the certificate stays PENDING_VALIDATION: the record {name} must be CNAME {value}"


def covers(domain: str, name: str) -> bool:
    """Whether a certificate for the domain is one for the name."""
    parent = name.partition(".")[2]
    return _name(name) == _name(domain) or (domain.startswith("*.") and _name(parent) == _name(domain[2:]))


def _name(name: str) -> str:
    return name.rstrip(".").lower()


TYPES = {
    types.CERTIFICATE: ResourceType(
        id="arn:aws:acm:{region}:{account}:certificate/{uuid}",
        outputs={"arn": "{id}", "domainValidationOptions": _validation_options},
        replace_on_changes=frozenset({"domainName", "validationMethod"}),
        validate_delete=deletions.certificate.reasons,
        validate=certificate.reasons,
        failure=Failure(source="acm/certificate.go"),
    ),
    types.CERTIFICATE_VALIDATION: ResourceType(
        id="{certificateArn}",
        replace_on_changes=frozenset({"certificateArn", "validationRecordFqdns"}),
        references={"certificateArn": (types.CERTIFICATE, "arn")},
        blocks_delete=False,
        validate=validation.reasons,
        failure=Failure(source="acm/certificate_validation.go", id_after_wait=True, empty_update="nothing"),
    ),
}
