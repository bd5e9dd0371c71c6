"""The policy statements of the task role and the execution role.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from pulumi import Input, Output

from ecs.image import Repository

Statement = dict[str, Any]

PULL_ACTIONS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html"""

BUCKET_ACTIONS = ["s3:ListBucket"]
OBJECT_ACTIONS = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
"""What a service does with a bucket and with its objects.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""

_ELB = "elasticloadbalancing"
DESCRIBE_BALANCING = ["DescribeListeners", "DescribeRules", "DescribeTargetGroups", "DescribeTargetHealth"]
"""Actions that take no resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""

POLICY_SIZE = 6144
"""Characters of a managed policy without white space.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

LOG_ACTIONS = ["logs:CreateLogStream", "logs:PutLogEvents"]
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"""
SESSION_LOG_ACTIONS = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
FIND_LOG_GROUP = "logs:DescribeLogGroups"
SESSION_ACTIONS = [
    *("ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel"),
    *("ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
]
"""What the agent of ECS Exec does; none of it supports resource-level permissions.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"""

SECRET_REFERENCE = (
    r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}(:[^:]*:[^:]*:[^:]*)?"
)
"""The pattern of a `valueFrom`: the secret's ARN, optionally with a JSON key, a version stage and a version id.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""


def document(statements: Iterable[Statement]) -> Output[str]:
    """The policy document with these statements, as JSON."""
    return Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusted_by_tasks(account: str, region: str) -> Statement:
    """Lets ECS tasks of this account and region assume the role. The condition prevents a confused deputy."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{region}:{account}:*"},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }


def trusted_by_ecs() -> Statement:
    """Lets ECS itself assume the role, for its deployments. AWS's page has no condition; which keys it sets is unknown.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
    """
    return {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}


def trusted_by_scheduler(account: str) -> Statement:
    """Lets EventBridge Scheduler assume the role for schedules of this account.

    CreateSchedule tries it before the schedule has an ARN, so no condition may name one.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    return {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }


def run_tasks(family_arn: Input[str], cluster_arn: Input[str], roles: Iterable[Input[str]]) -> list[Statement]:
    """Allows to start tasks of one family in one cluster, with the tags and the two roles that they have.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
    """
    tasks = Output.from_input(cluster_arn).apply(lambda arn: f"{arn.replace(':cluster/', ':task/')}/*")
    return [
        {
            **_allow("RunTask", ["ecs:RunTask"], [Output.concat(family_arn, ":*")]),
            "Condition": {"ArnEquals": {"ecs:cluster": cluster_arn}},
        },
        {
            **_allow("TagTask", ["ecs:TagResource"], [tasks]),
            "Condition": {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        },
        {
            **_allow("PassRoles", ["iam:PassRole"], list(roles)),
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    ]


def shift_traffic(
    *, target_groups: Iterable[Input[str]], listener: Input[str], rules: Iterable[Input[str]]
) -> list[Statement]:
    """Allows to register targets and to rewrite the rules of a listener: AWS's own policy, on named resources.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
    """
    return [
        _allow("DescribeBalancing", [f"{_ELB}:{each}" for each in DESCRIBE_BALANCING], ["*"]),
        _allow("UseTargets", [f"{_ELB}:DeregisterTargets", f"{_ELB}:RegisterTargets"], list(target_groups)),
        _allow("ModifyListener", [f"{_ELB}:ModifyListener"], [listener]),
        _allow("ModifyRules", [f"{_ELB}:ModifyRule"], list(rules)),
    ]


def pull(*repositories: Repository) -> list[Statement]:
    """Allows pulls from these repositories. GetAuthorizationToken does not support resource-level permissions."""
    return [
        _allow("GetToken", ["ecr:GetAuthorizationToken"], ["*"]),
        _allow("PullImage", PULL_ACTIONS, [each.arn for each in repositories]),
    ]


def write_logs(log_group_arn: Input[str]) -> list[Statement]:
    """Allows writes to the streams of one log group."""
    return [_allow("WriteLogs", LOG_ACTIONS, [Output.concat(log_group_arn, ":*")])]


def read_secrets(references: Iterable[Input[str]]) -> list[Statement]:
    """Allows reads of exactly the secrets that these `valueFrom` references name."""
    secrets = [Output.from_input(reference).apply(secret_arn) for reference in references]
    return [_allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secrets)] if secrets else []


def use_bucket(bucket_arn: Input[str]) -> list[Statement]:
    """Allows listing, reading, writing and deleting the objects of one bucket."""
    return [
        _allow("ListBucket", BUCKET_ACTIONS, [bucket_arn]),
        _allow("UseObjects", OBJECT_ACTIONS, [Output.concat(bucket_arn, "/*")]),
    ]


def serve_sessions(log_group_arn: Input[str]) -> list[Statement]:
    """Allows sessions of ECS Exec in the task, which their agent logs in one log group.

    The resource of DescribeLogGroups is every log group of the account: AWS's refusals name `log-group::log-stream:`.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html (logging)
    """
    groups = Output.from_input(log_group_arn).apply(lambda arn: f"{arn.partition(':log-group:')[0]}:log-group:*")
    return [
        _allow("ServeSessions", SESSION_ACTIONS, ["*"]),
        _allow("FindLogGroup", [FIND_LOG_GROUP], [groups]),
        _allow("LogSessions", SESSION_LOG_ACTIONS, [Output.concat(log_group_arn, ":*")]),
    ]


def secret_arn(reference: str) -> str:
    """The ARN of the secret, without the JSON key, version stage and version id that a `valueFrom` may have.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    """
    return ":".join(reference.split(":")[:7])


def _allow(sid: str, actions: list[str], resources: list[Any]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def matches(pattern: str, value: str) -> bool:
    """Whether an action, an ARN or a part of one matches a pattern of a policy: `*` and `?` are its only wildcards.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    return fnmatchcase(value, pattern.replace("[", "[[]"))
