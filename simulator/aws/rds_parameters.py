"""Parameter groups. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ecs import types
from simulator.aws.values import mappings
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure

GROUP = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html"
MODIFY = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html"
METHODS = ("immediate", "pending-reboot")
STATIC = frozenset(
    """
    autovacuum_freeze_max_age autovacuum_max_workers huge_pages max_connections max_locks_per_transaction
    max_prepared_transactions max_replication_slots max_wal_senders max_worker_processes rds.logical_replication
    shared_buffers shared_preload_libraries track_activity_query_size wal_buffers
    """.split()  # noqa: SIM905, it reads as a list of words
)
"""Parameters that PostgreSQL reads at its start only; there are more.
https://www.postgresql.org/docs/16/runtime-config.html"""
DEFAULTS = {("rds.force_ssl", "1")}
"""Values that are those of the default group; there are more. RDS returns them as pending, whatever was requested.
https://github.com/hashicorp/terraform-provider-aws/issues/39252"""

group = Checks[Request](types.DB_PARAMETER_GROUP)


@group(GROUP)
def has_a_family_of_postgresql(request: Request) -> Iterable[str]:
    """The family of PostgreSQL names a major version: postgres16."""
    family = request.inputs.get("family") or ""
    if not family or (family.startswith("postgres") and not re.fullmatch(r"postgres(9\.6|\d\d)", family)):
        yield f"InvalidParameterValue: ParameterGroupFamily {family} is not a valid parameter group family"


# https://github.com/ministryofjustice/cloud-platform/issues/1197
@group(MODIFY, confirmed="recorded answer")
def applies_a_static_parameter_with_a_reboot(request: Request) -> Iterable[str]:
    """A static parameter of PostgreSQL has the method pending-reboot; a dynamic one has either."""
    for name, _, method in _parameters(request):
        if method not in METHODS:
            yield f"InvalidParameterValue: {name}: the apply method {method!r} is not {' or '.join(METHODS)}"
        elif method == "immediate" and name in STATIC and str(request.inputs.get("family")).startswith("postgres"):
            yield f"InvalidParameterCombination: cannot use immediate apply method for static parameter: {name}"


def _parameters(request: Request) -> Iterable[tuple[str, str, str]]:
    for each in mappings(request.inputs.get("parameters")):
        yield each.get("name", ""), each.get("value", ""), each.get("applyMethod") or "immediate"


def _kept_parameters(request: Request) -> list[dict[str, str]]:
    return [
        {"name": name, "value": value, "applyMethod": "pending-reboot" if (name, value) in DEFAULTS else method}
        for name, value, method in _parameters(request)
    ]


TYPES = {
    types.DB_PARAMETER_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:rds:{region}:{account}:pg:{name}"},
        kept={"parameters": _kept_parameters},
        replace_on_changes=frozenset({"description", "family", "name"}),
        name_property="name",
        outside=lambda name: name.startswith("default."),  # AWS has one for each family
        validate=group.reasons,
        failure=Failure(
            source="rds/parameter_group.go",
            unreadable=frozenset({"skipDestroy"}),
            quota="DBParameterGroupQuotaExceeded: exceeding the allowed number of DB parameter groups.",
        ),
    ),
}
