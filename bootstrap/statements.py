"""The statements of the policies, derived from the table of actions. Limits are those of an IAM managed policy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from bootstrap.actions import ANY_RESOURCE, PROMOTE, ROWS, Actions, Row, arn
from bootstrap.scope import PATH, Scope
from ecs import iam, types
from ecs.iam import Statement
from ecs.image import Repository

OIDC_HOST = "token.actions.githubusercontent.com"
_OF_A_DOMAIN = {types.CERTIFICATE, types.CERTIFICATE_VALIDATION, types.RECORD}
_OF_SCHEDULES = {types.SCHEDULE, types.SCHEDULE_GROUP}
_OF_A_BUILD = {
    types.DOCKER_IMAGE,
    types.GET_AUTHORIZATION_TOKEN,
    types.LIFECYCLE_POLICY,
    types.REPOSITORY,
    types.REPOSITORY_POLICY,
}


def rows(scope: Scope) -> list[Row]:
    """The rows of the types that the stack can declare: only one with a domain has records, and so on."""
    optional = (
        (scope.zone_id, _OF_A_DOMAIN),
        (scope.builds, _OF_A_BUILD),
        (scope.schedules, _OF_SCHEDULES),
        (scope.shifts, {types.LISTENER_RULE}),
    )
    without = {each for has, found in optional if not has for each in found}
    return [row for row in ROWS if row.type not in without]


def read(scope: Scope) -> list[Statement]:
    """Allows a preview with a refresh, but for the state."""
    return _merged(
        _allow(resources, [action])
        for row in rows(scope)
        for action in row.read
        for resources in [_arns(row, action, scope)]
    )


def write(scope: Scope) -> list[Statement]:
    """Allows an update and a deletion of the stack, together with `read`, and a promotion of its images."""
    table = [
        _allow(_arns(row, action, scope), [action], _conditions(row, action, scope))
        for row in rows(scope)
        for action in row.write
    ]
    return [*_merged([*table, *_promote(scope)]), _protected(scope), *_consumed(scope)]


def tasks(scope: Scope) -> list[Statement]:
    """The permissions boundary of the tasks' roles: the most that the statements of `ecs/iam.py` can allow here."""
    of_builds = Repository(account=scope.account, region=scope.region, name=f"{scope.prefix}-*")
    # A promotion may pin an image of any repository; its policy decides.
    repository = of_builds if scope.builds else Repository(account="*", region="*", name="*")
    in_account = f"{scope.region}:{scope.account}"
    return [
        *iam.pull(repository, *filter(None, [scope.toolbox])),
        *iam.write_logs(f"arn:aws:logs:{in_account}:log-group:/ecs/{scope.prefix}-*"),
        *iam.read_secrets([*_of_the_database(in_account), *scope.secrets]),
        *iam.use_bucket(f"arn:aws:s3:::{scope.bucket}"),
        *(iam.serve_sessions(f"arn:aws:logs:{in_account}:log-group:/ecs/{scope.prefix}-*") if scope.toolbox else ()),
        *(_starts(scope) if scope.schedules else ()),
        *(_shifts(scope) if scope.shifts else ()),
    ]


def _of_the_database(in_account: str) -> list[str]:
    """The URLs, and the secret of RDS for the job that creates logins. Always: the boundary is there before a move.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    """
    return [f"arn:aws:secretsmanager:{in_account}:secret:{name}" for name in ("database-url-*", "rds!db-*")]


def _starts(scope: Scope) -> list[Statement]:
    """What the roles of schedules do."""
    of_ecs = f"arn:aws:ecs:{scope.region}:{scope.account}"
    return iam.run_tasks(
        f"{of_ecs}:task-definition/{scope.prefix}-*",
        f"{of_ecs}:cluster/{scope.prefix}",
        [f"arn:aws:iam::{scope.account}:role/*-task-*"],
    )


def _shifts(scope: Scope) -> list[Statement]:
    """What the role does with which ECS shifts traffic. Pulumi begins the names with those of components/ingress.py."""
    balancing = f"arn:aws:elasticloadbalancing:{scope.region}:{scope.account}"
    return iam.shift_traffic(
        target_groups=[f"{balancing}:targetgroup/ingress-*"],
        listener=f"{balancing}:listener/app/ingress-*",
        rules=[f"{balancing}:listener-rule/app/ingress-*"],
    )


def documents(statements: Sequence[Statement]) -> list[str]:
    """The statements in as few policy documents as their order allows."""
    groups: list[list[Statement]] = [[]]
    for statement in statements:
        if len(_document([*groups[-1], statement])) > iam.POLICY_SIZE:
            groups.append([])
        groups[-1].append(statement)
    return [_document(group) for group in groups]


def _document(statements: Sequence[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


def _arns(row: Row, action: str, scope: Scope) -> tuple[str, ...]:
    known = {key: value.format_map(scope.values) for key, value in row.known.items()}
    found = arn(row, action, {**scope.values, **known})
    return (found, *(each.format_map(scope.values) for each in row.also if found != "*"))


def _conditions(row: Row, action: str, scope: Scope) -> dict[str, str]:
    if action in ANY_RESOURCE:
        return {"aws:RequestedRegion": scope.region}
    return {key: value.format_map(scope.values) for key, value in row.conditions.items()}


def _allow(resources: Sequence[str], actions: Sequence[str], conditions: dict[str, str] | None = None) -> Statement:
    condition = {"Condition": {"StringEquals": conditions}} if conditions else {}
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources), **condition}


def _merged(statements: Iterable[Statement]) -> list[Statement]:
    """One statement for each list of resources and condition, sorted."""
    actions: dict[str, set[str]] = {}
    for statement in statements:
        key = json.dumps({key: value for key, value in statement.items() if key != "Action"}, sort_keys=True)
        actions.setdefault(key, set()).update(statement["Action"])
    return [{**json.loads(key), "Action": sorted(found)} for key, found in sorted(actions.items())]


def _promote(scope: Scope) -> list[Statement]:
    own = Repository(account=scope.account, region=scope.region, name=f"{scope.prefix}-*")
    return [_allow([own.arn], PROMOTE)] if scope.builds else []


def _protected(scope: Scope) -> Statement:
    """The role may not change what bounds it, whatever other policies it gets: hence all actions of IAM."""
    arns = [f"arn:aws:iam::{scope.account}:{kind}{PATH}*" for kind in ("policy", "role")]
    provider = f"arn:aws:iam::{scope.account}:oidc-provider/{OIDC_HOST}"
    return {"Effect": "Deny", "Action": ["iam:*"], "Resource": [*arns, provider]}


def _consumed(scope: Scope) -> list[Statement]:
    """Keeps what other stacks run: docs/adr/0012-consumed-repositories-are-locked.md."""
    if not scope.consumed:
        return []
    return [{"Effect": "Deny", "Action": list(LOCKED), "Resource": [each.arn for each in scope.consumed]}]


LOCKED: Actions = (
    "ecr:BatchDeleteImage",
    "ecr:DeleteLifecyclePolicy",
    "ecr:DeleteRepository",
    "ecr:DeleteRepositoryPolicy",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:SetRepositoryPolicy",
    "ecr:TagResource",
    "ecr:UntagResource",
)
"""What would keep another account from an image that it runs. An update that changes no repository calls none."""
