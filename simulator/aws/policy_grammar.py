"""The grammar of policy documents, by their kind.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.aws.conditions import is_operator
from simulator.aws.values import mapping
from simulator.cloud import as_list

VERSIONS = ("2008-10-17", "2012-10-17")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""
DOCUMENT = {"Version", "Id", "Statement"}
STATEMENT = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
PRINCIPALS = {
    "AWS": r"\*|\d{12}|[A-Z0-9]{16,128}"
    r"|arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)/.+)|arn:aws[a-z-]*:iam::cloudfront:user/.+"
    r"|arn:aws[a-z-]*:sts::\d{12}:(assumed-role/[^/]+/.+|federated-user/.+|self)",
    "Service": r"[a-z0-9-]+(\.[a-z0-9-]+)+|\*",
    "Federated": r"arn:aws[a-z-]*:iam::\d{12}:(oidc|saml)-provider/.+|[a-z0-9-]+(\.[a-z0-9-]+)+|\*",
    "CanonicalUser": r"[0-9a-f]{64}|\*",
}
"""The valid values by kind. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
ACTION = r"\*|[A-Za-z0-9.-]+:[A-Za-z0-9*?]+"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html"""
RESOURCE = r"\*|arn:(aws[a-z-]*|\*):[^:]+.*"
"""An ARN may lack its last parts.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"""
SID = "[0-9A-Za-z]*"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of policy document and the fields of its statements."""

    not_json: str
    """AWS's words about a document that is not a JSON object."""
    principal: bool
    """Whether a statement must have a principal; otherwise it must have none."""
    resource: bool
    """Whether a statement must have a resource; otherwise it must have none."""
    sid: str = SID


# The words of the recorded answers of AWS: LocalStack, tests/aws/services/iam/test_iam.snapshot.json
# (test_create_role_with_malformed_assume_role_policy_document) and s3/test_s3_api.snapshot.json
# (test_bucket_policy_exc).
_INVALID = "This policy contains invalid Json"
IDENTITY = Kind(not_json=_INVALID, principal=False, resource=True)
TRUST = Kind(not_json=_INVALID, principal=True, resource=False)
BUCKET = Kind(
    not_json="Policies must be valid JSON and the first byte must be '{'", principal=True, resource=True, sid=".*"
)
# https://docs.aws.amazon.com/sns/latest/dg/sns-creating-custom-policy.html
TOPIC = Kind(not_json="the text is not a JSON object", principal=True, resource=True, sid=".*")
# ECR refuses a resource: https://github.com/aws/aws-cdk/issues/24314
REPOSITORY = Kind(not_json="the text is not a JSON object", principal=True, resource=False, sid=".*")


def problems(document: object, kind: Kind) -> Iterator[str]:
    """One message for each violation of the grammar."""
    try:
        content: Any = json.loads(str(document))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        yield kind.not_json
        return
    fields = mapping(content)
    yield from _unknown_fields(fields, DOCUMENT)
    if fields.get("Version", VERSIONS[0]) not in VERSIONS:
        yield f"the policy must contain a valid version: {' or '.join(VERSIONS)}, not {fields['Version']!r}"
    statements = as_list(fields.get("Statement"))
    if not statements:
        yield "Missing required field Statement"
    sids = [mapping(each).get("Sid") for each in statements]
    for sid in sorted({str(each) for each in sids if each and sids.count(each) > 1}):
        yield f"Statement IDs (SID) in a single policy must be unique: {sid}"
    for number, statement in enumerate(statements, start=1):
        for problem in _statement(statement, kind):
            yield f"statement {number}: {problem}"


def _unknown_fields(mapping: Any, known: Iterable[str]) -> Iterator[str]:
    for name in sorted(set(mapping) - set(known)):
        yield f"Syntax errors in policy: the field {name} is unknown"


def _statement(statement: Any, kind: Kind) -> Iterator[str]:
    if not isinstance(statement, dict):
        yield "Syntax errors in policy: a statement is a JSON object"
        return
    fields = mapping(statement)
    yield from _unknown_fields(fields, STATEMENT)
    if "Effect" not in fields:
        yield "Missing required field Effect"
    elif fields["Effect"] not in ("Allow", "Deny"):
        yield f"Invalid effect: {fields['Effect']!r}; it is Allow or Deny"
    if not re.fullmatch(kind.sid, str(fields.get("Sid", ""))):
        yield f"Statement IDs (SID) must be alpha-numeric: {fields['Sid']}"
    yield from _texts(fields, "Action", ACTION, "Actions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if kind.resource:
        yield from _texts(fields, "Resource", RESOURCE, 'a resource must be in ARN format or "*"')
    else:
        yield from _prohibited(fields, "Resource")
    if kind.principal:
        yield from _principals(fields)
    else:
        yield from _prohibited(fields, "Principal")
    yield from _conditions(fields.get("Condition", {}))


def _prohibited(fields: dict[str, Any], name: str) -> Iterator[str]:
    for each in (name, f"Not{name}"):
        if each in fields:
            yield f"Has prohibited field {each}"


def _one_of(fields: dict[str, Any], name: str) -> Iterator[str]:
    """Exactly one of the field and its opposite."""
    present = [each for each in (name, f"Not{name}") if each in fields]
    if not present:
        yield f"Missing required field {name}"
    if len(present) > 1:
        yield f"Syntax errors in policy: both {' and '.join(present)}"


def _texts(fields: dict[str, Any], name: str, pattern: str, message: str) -> Iterator[str]:
    yield from _one_of(fields, name)
    for key in (name, f"Not{name}"):
        if key not in fields:
            continue
        if not as_list(fields[key]):
            yield f"Policy statement must contain {name.lower()}s"
        for value in as_list(fields[key]):
            if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
                yield f"{message}: {value!r}"


def _principals(fields: dict[str, Any]) -> Iterator[str]:
    yield from _one_of(fields, "Principal")
    for key in ("Principal", "NotPrincipal"):
        found = fields.get(key, "*")
        if not isinstance(found, dict):
            if found != "*":
                yield f"Invalid principal in policy: {found!r}"
            continue
        if not found:
            yield "Invalid principal in policy: none"
        for kind, values in mapping(found).items():
            for value in as_list(values) or [values]:
                if kind not in PRINCIPALS or not re.fullmatch(PRINCIPALS[kind], str(value)):
                    yield f"Invalid principal in policy: {kind}: {value!r}"


def _conditions(condition: Any) -> Iterator[str]:
    if not isinstance(condition, dict):
        yield "Syntax errors in policy: a condition is a JSON object"
    for operator, keys in mapping(condition).items():
        if not is_operator(operator):
            yield f"Syntax errors in policy: the condition operator {operator} is unknown"
        if not isinstance(keys, dict):
            yield f"Syntax errors in policy: {operator} has no condition key"
        for key, value in mapping(keys).items():
            if ":" not in key:
                yield f"Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: {key!r}"
            if any(not isinstance(each, str | bool | int | float) for each in as_list(value) or [None]):
                yield f"Syntax errors in policy: {operator} {key} has no value"
