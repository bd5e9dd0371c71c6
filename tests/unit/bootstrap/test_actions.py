"""Checks the table of actions against the program and botocore."""

from __future__ import annotations

from botocore.loaders import Loader

from bootstrap.actions import ROWS
from bootstrap.statements import LOCKED
from ecs import types
from tests.bootstrapped import programs


def test_the_table_has_every_type_and_function_of_the_program_and_no_other() -> None:
    declared = {each for program in programs() for each in program.types if each.startswith(("aws:", "docker:"))}
    assert {row.type for row in ROWS} == declared | {types.GET_AUTHORIZATION_TOKEN, types.GET_SERVICE, types.RUN_TASK}


S3 = {
    "GetAccelerateConfiguration": "GetBucketAccelerateConfiguration",
    "GetBucketCORS": "GetBucketCors",
    "GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
    "GetBucketPublicAccessBlock": "GetPublicAccessBlock",
    "GetEncryptionConfiguration": "GetBucketEncryption",
    "GetLifecycleConfiguration": "GetBucketLifecycleConfiguration",
    "GetReplicationConfiguration": "GetBucketReplication",
    "ListBucket": "HeadBucket",
    "PutBucketPublicAccessBlock": "PutPublicAccessBlock",
    "PutEncryptionConfiguration": "PutBucketEncryption",
    "PutLifecycleConfiguration": "PutBucketLifecycleConfiguration",
    "TagResource": "CreateBucket",
}
"""The operations of the actions of S3 that have another name.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""
CLIENTS = {"elasticloadbalancing": "elbv2"}


PERMISSION_ONLY = {
    "budgets:ModifyBudget",
    "budgets:ViewBudget",
    "elasticloadbalancing:SetWebAcl",
    "iam:PassRole",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
}
"""Actions without an operation. https://docs.aws.amazon.com/service-authorization/latest/reference/"""


def test_every_action_is_that_of_an_operation_of_aws() -> None:
    loader = Loader()
    for action in {each for row in ROWS for each in (*row.read, *row.write)} - PERMISSION_ONLY | set(LOCKED):
        service, name = action.split(":")
        model = loader.load_service_model(CLIENTS.get(service, service), "service-2")
        operation = S3.get(name, name) if service == "s3" else name
        assert operation in model["operations"], action
