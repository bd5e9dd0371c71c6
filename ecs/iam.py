"""The statements of a task's two roles.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pulumi import Input, Output

from ecs.image import Repository

Statement = dict[str, Any]

PULL_ACTIONS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html"""

SECRET_REFERENCE = (
    r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}(:[^:]*:[^:]*:[^:]*)?"
)
"""What a `valueFrom` may be: the secret's ARN, and behind it a JSON key, a version stage and a version id."""


def document(statements: Iterable[Statement]) -> Output[str]:
    """The policy document of these statements, as JSON."""
    return Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusted_by_tasks(account: str, region: str) -> Statement:
    """Lets ECS tasks of this account and region assume the role, and no other account's (the confused deputy)."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{region}:{account}:*"},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }


def pull(repository: Repository) -> list[Statement]:
    """Pulls images of one repository. The token is the one action that ECR does not scope to a repository."""
    return [
        _allow("GetToken", ["ecr:GetAuthorizationToken"], ["*"]),
        _allow("PullImage", PULL_ACTIONS, [repository.arn]),
    ]


def write_logs(log_group_arn: Input[str]) -> list[Statement]:
    """Writes to the streams of one log group."""
    return [_allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [Output.concat(log_group_arn, ":*")])]


def read_secrets(references: Iterable[Input[str]]) -> list[Statement]:
    """Reads exactly the secrets that these `valueFrom` references name."""
    secrets = [Output.from_input(reference).apply(secret_arn) for reference in references]
    return [_allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secrets)] if secrets else []


def use_bucket(bucket_arn: Input[str]) -> list[Statement]:
    """Lists, reads, writes and deletes the objects of one bucket."""
    return [
        _allow("ListBucket", ["s3:ListBucket"], [bucket_arn]),
        _allow(
            "UseObjects",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            [Output.concat(bucket_arn, "/*")],
        ),
    ]


def secret_arn(reference: str) -> str:
    """The secret's own ARN, without the JSON key, version stage and version id that a `valueFrom` may add.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    """
    return ":".join(reference.split(":")[:7])


def _allow(sid: str, actions: list[str], resources: list[Any]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
