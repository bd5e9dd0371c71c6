"""Parameters. https://docs.aws.amazon.com/systems-manager/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ecs import types
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, hint
from simulator.failure import Failure
from simulator.store import Properties

HISTORY = "history"
"""Internal property of a parameter: its values, oldest first."""
VERSIONS = 100
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html"""

parameter = Checks[Request](types.PARAMETER)
PUT = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"


@parameter(PUT)
def has_a_valid_name(request: Request) -> Iterable[str]:
    """A name has levels of letters, digits and _ . - that a / begins each, or none; aws and ssm are reserved."""
    name = str(request.inputs.get("name") or "")
    if not re.fullmatch(r"[\w.-]+|(/[\w.-]+){1,15}", name, re.ASCII):
        yield (
            "ValidationException: Parameter name must be a fully qualified name of letters, digits and _ . -,"
            f" in at most 15 levels: {name!r}"
        )
    elif re.match("(aws|ssm)|/(aws|ssm)/", name, re.IGNORECASE):
        yield f"ValidationException: Parameter name: can't be prefixed with aws or ssm (case-insensitive): {name!r}"


@parameter(PUT, confirmed="provider")
def has_one_value(request: Request) -> Iterable[str]:
    """A parameter has one value, of `value`, `insecureValue` and `valueWo`."""
    given = [each for each in ("value", "insecureValue", "valueWo") if request.inputs.get(each)]
    if len(given) != 1:
        yield f"InvalidParameterException: {' and '.join(given) or 'no value'}: a parameter has exactly one of them"


@parameter(PUT)
def does_not_exist(request: Request) -> Iterable[str]:
    """A new parameter exists already only if `overwrite` says so."""
    for other in request.all(types.PARAMETER, name=request.inputs.get("name")):
        if not request.id and not request.inputs.get("overwrite"):
            yield (
                "ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite"
                f" option in the request to true: {other.urn or other.id}{hint(request, other)}"
            )


def _value(inputs: Properties) -> str:
    return str(inputs.get("insecureValue") or inputs.get("value") or "")


def _history(request: Request, _: Properties) -> list[str]:
    """With a version for each PutParameter, even of the same value."""
    stored = request.cloud.store.get(types.PARAMETER, request.account, request.region, str(request.inputs["name"]))
    former: list[str] = stored.properties[HISTORY] if stored else []
    return [*former, _value(request.inputs)][-VERSIONS:]


def _version(request: Request) -> int:
    existing = request.existing()
    return 1 + int(existing.properties["version"] if existing else 0)


TYPES = {
    types.PARAMETER: ResourceType(
        id="{name}",
        outputs={
            "arn": "arn:aws:ssm:{region}:{account}:parameter{name}",
            "dataType": "text",
            "tier": "Standard",
            "version": _version,
        },
        recomputed=frozenset({"version"}),
        replace_on_changes=frozenset({"name", "dataType"}),
        internal={HISTORY: _history},
        validate=parameter.reasons,
        failure=Failure(
            source="ssm/parameter.go",
            unreadable=frozenset({"overwrite"}),
            quota="ParameterLimitExceeded: Parameter limit exceeded for this account and region.",
        ),
    ),
}
