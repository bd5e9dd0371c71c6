from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi import Output

from ecs import iam
from ecs.image import Repository
from tests.declared import declare

SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:signing/key-AbCdEf"


def policy(statements: Callable[[], list[iam.Statement]]) -> dict[str, Any]:
    """The document with these statements, as registered with the engine."""
    return json.loads(declare(lambda: pulumi.export("policy", iam.document(statements()))).exports()["policy"])


def allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
@pytest.mark.parametrize(
    "tail",
    [
        pytest.param("", id="whole"),
        pytest.param(":username::", id="json-key"),
        pytest.param("::AWSPREVIOUS:", id="version-stage"),
        pytest.param(":::9d4cb84b-ad69-40c0-a0ab-cead36b967e8", id="version-id"),
        pytest.param(":username:AWSPREVIOUS:", id="json-key-and-stage"),
        pytest.param(":username::9d4cb84b-ad69-40c0-a0ab-cead36b967e8", id="json-key-and-id"),
    ],
)
def test_the_arn_of_a_secret_is_found_in_every_documented_reference_to_it(tail: str) -> None:
    assert iam.secret_arn(f"{SECRET}{tail}") == SECRET


def test_pull_allows_one_repository_and_the_token_for_all() -> None:
    repository = Repository(account="111122223333", region="us-east-1", name="mrgnl-promptsvc")
    assert policy(lambda: iam.pull(repository)) == {
        "Version": "2012-10-17",
        "Statement": [
            allow("GetToken", ["ecr:GetAuthorizationToken"], ["*"]),
            allow(
                "PullImage",
                ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                ["arn:aws:ecr:us-east-1:111122223333:repository/mrgnl-promptsvc"],
            ),
        ],
    }


def test_a_task_writes_to_its_own_log_group_only() -> None:
    group = "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/mrgnl-promptsvc"
    assert policy(lambda: iam.write_logs(group))["Statement"] == [
        allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{group}:*"])
    ]


def test_exactly_the_referenced_secrets_are_readable() -> None:
    other = SECRET.replace("signing/key-AbCdEf", "other-GhIjKl")
    assert policy(lambda: iam.read_secrets([f"{SECRET}:::an-id", Output.from_input(other)]))["Statement"] == [
        allow("ReadSecrets", ["secretsmanager:GetSecretValue"], [SECRET, other])
    ]


def test_without_secrets_there_is_no_statement() -> None:
    assert iam.read_secrets([]) == []


def test_use_bucket_allows_listing_and_object_access_but_no_administration() -> None:
    assert policy(lambda: iam.use_bucket("arn:aws:s3:::marginalia-content"))["Statement"] == [
        allow("ListBucket", ["s3:ListBucket"], ["arn:aws:s3:::marginalia-content"]),
        allow(
            "UseObjects",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            ["arn:aws:s3:::marginalia-content/*"],
        ),
    ]


def test_only_tasks_of_this_account_and_region_assume_the_role() -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html: the confused deputy."""
    assert policy(lambda: [iam.trusted_by_tasks("111122223333", "eu-west-1")])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:111122223333:*"},
                "StringEquals": {"aws:SourceAccount": "111122223333"},
            },
        }
    ]


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("ecs:*", "ecs:CreateService", True),
        ("ecs:Describe*", "ecs:CreateService", False),
        ("secret:a-??????", "secret:a-AbCdEf", True),
        ("secret:a-??????", "secret:a-AbCdE", False),
        ("s3:getobject", "s3:GetObject", False),
        ("object[1]", "object[1]", True),
        ("object[1]", "object1", False),
    ],
)
def test_only_the_star_and_the_question_mark_are_wildcards_of_a_policy(pattern: str, value: str, matches: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"""
    assert iam.matches(pattern, value) == matches
