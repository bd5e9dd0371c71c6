"""House rules on IAM permissions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ecs import types
from policy.rule import Resource, resource_rule

DOCUMENTS = {
    types.REPOSITORY_POLICY: "policy",
    types.IAM_POLICY: "policy",
    types.ROLE: "assumeRolePolicy",
    types.ROLE_POLICY: "policy",
    types.BUCKET_POLICY: "policy",
    types.SECRET_POLICY: "policy",
}
"""The input that is a policy document, by resource type."""
JOB_OF_LOGINS = "logins-task-execution-policy"
"""The policy of the execution role of the job: components/logins.py."""
UNSCOPED = frozenset(
    {
        "ecr:GetAuthorizationToken",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    }
)
"""The actions in use that AWS cannot limit to a resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""
TAKE_NONE = "only ecr:GetAuthorizationToken and the Describe actions of Elastic Load Balancing take none"
SESSIONS = "ssmmessages:"
"""The beginning of the actions of ECS Exec, which AWS cannot limit to a resource either.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmessagegatewayservice.html"""
ROLE_OF_DEBUG_TASKS = re.compile(r".+-debug-task-role-policy")
"""The policy of the task role of debug tasks: components/debug.py."""


@resource_rule(
    id="permissions-name-what-they-allow",
    description="A policy document allows named actions on named resources to named principals, without wildcards.",
    types=frozenset(DOCUMENTS),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def permissions_name_what_they_allow(resource: Resource) -> Iterator[str]:
    document = resource.props[DOCUMENTS[resource.type]]
    parsed: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    for number, statement in enumerate(_list(parsed["Statement"]), start=1):
        if statement["Effect"] == "Allow":
            for finding in _too_wide(statement):
                yield f"statement {statement.get('Sid', number)} {finding}"


def _too_wide(statement: Mapping[str, Any]) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html"""
    for key in ("NotAction", "NotPrincipal", "NotResource"):
        if key in statement:
            yield f"allows everything except its {key}. Name what it allows."
    actions = _list(statement.get("Action", ()))
    for action in actions:
        if "*" in action or "?" in action:
            yield f"allows {action}. Name each action."
    for resource in _list(statement.get("Resource", ())):
        # The last part of an ARN: arn:aws:s3:::* is every bucket.
        of_sessions = bool(actions) and all(each.startswith(SESSIONS) for each in actions)
        if resource.split(":", 5)[-1] == "*" and not set(actions) <= UNSCOPED and not of_sessions:
            yield f"allows its actions on {resource}. Name the resource; {TAKE_NONE}."
    principal = statement.get("Principal", {})
    if "*" in _list(principal["AWS"] if isinstance(principal, Mapping) and "AWS" in principal else principal):
        yield "allows its actions to everybody. Name the accounts, roles or services."


def _list(value: Any) -> Sequence[Any]:
    """IAM accepts a single element in place of a list."""
    return cast(Sequence[Any], value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


@resource_rule(
    id="only-the-job-of-the-logins-is-the-master-user",
    description="Only the job that creates logins may read the master user's password, which RDS keeps in a secret.",
    types={types.ROLE_POLICY},
    fix="Give the service or job a login of its own: `database=True` in its entry.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html",
)
def only_the_job_of_the_logins_is_the_master_user(resource: Resource) -> Iterator[str]:
    if resource.name != JOB_OF_LOGINS and ":secret:rds!" in json.dumps(resource.props["policy"]):
        yield "it may read the secret of RDS with the master user's password"


@resource_rule(
    id="only-debug-tasks-serve-sessions",
    description="Only the task role of debug tasks may serve sessions of ECS Exec.",
    types={types.ROLE_POLICY},
    fix="Debug a service by `python -m ops debug`: docs/howto/debug.md.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
)
def only_debug_tasks_serve_sessions(resource: Resource) -> Iterator[str]:
    if SESSIONS in json.dumps(resource.props["policy"]).lower() and not ROLE_OF_DEBUG_TASKS.fullmatch(resource.name):
        yield "it lets somebody open a shell in its tasks"


@resource_rule(
    id="permissions-are-written-as-role-policies",
    description="A role has only the permissions of its RolePolicies, which permissions-name-what-they-allow reads.",
    types={types.ROLE_POLICY_ATTACHMENT, types.ROLE},
    fix="Write the permissions as an aws.iam.RolePolicy.",
)
def permissions_are_written_as_role_policies(resource: Resource) -> Iterator[str]:
    if resource.type == types.ROLE_POLICY_ATTACHMENT:
        yield "it attaches a policy that no house rule reads"
    for key in ("managedPolicyArns", "inlinePolicies"):
        if resource.props.get(key):
            yield f"its {key} are permissions that no house rule reads"
