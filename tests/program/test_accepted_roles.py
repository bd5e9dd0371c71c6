"""Changes of roles, policies, images and secrets that AWS takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.declared import ACCOUNT
from tests.program.changes import (
    EXECUTION,
    OBJECTS,
    ROLE,
    TASK,
    added,
    attached,
    bounded,
    changed_program,
    document,
    environment,
    guard,
    image,
    logs,
    reference,
    statement,
    text,
    trust,
    without,
)
from tests.program.mutations import ACCOUNTS, Mutation, containers, mutate, refusals, removed, stored


def outside(found: str) -> str:
    """The image in another account's repository, under the same name."""
    return f"111122223333{found[12:]}"


ACCEPTED: dict[str, Mutation] = {
    "trust of several services": trust(
        lambda found: found.update(Principal={"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]})),
    "trust without conditions": trust(without("Condition")),
    "trust of the clusters of the account": trust(
        lambda found: found["Condition"]["ArnLike"].update({"aws:SourceArn": "arn:*:ecs:*:*:cluster/*"})),
    "trust with an unknown condition": trust(
        lambda found: found.update(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
    "trust with a condition of what may be absent": trust(
        lambda found: found.update(Condition={"StringEqualsIfExists": {"sts:ExternalId": "x"}})),
    "trust of an older version": text(EXECUTION, lambda found: found.replace("2012", "2008"), "assumeRolePolicy"),
    "everything": added(EXECUTION, Effect="Allow"),
    "wildcards": statement("PullImage", lambda found: found.update(
        Action=["ecr:*Layer*", "ECR:batchget?mage"], Resource="arn:aws:ecr:*:*:repository/mrgnl-*")),
    "a variable": statement("PullImage", lambda found: found.update(
        Resource="arn:aws:ecr:${aws:RequestedRegion}:${aws:PrincipalAccount}:repository/mrgnl-promptsvc")),
    "an unknown variable": statement("PullImage", lambda found: found.update(
        Resource="arn:aws:ecr:*:*:repository/${aws:PrincipalTag/prefix}-promptsvc")),
    "everything but": statement("PullImage", lambda found: (
        found.pop("Action"), found.update(NotAction="iam:*"))),
    "a Deny of something else": added(EXECUTION, Action="s3:*"),
    "a Deny without TLS": added(EXECUTION, Condition={"Bool": {"aws:SecureTransport": "false"}}),
    "a Deny in other regions": added(EXECUTION, Condition={"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}}),
    "a Deny of users without a second factor": added(
        EXECUTION, Condition={"BoolIfExists": {"aws:ViaAWSService": "true"}}),
    "a Deny that depends on what is not known": added(
        EXECUTION, Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
    "AWS's policy instead of the role's own": lambda world: (
        removed(f"{EXECUTION}-policy")(world),
        attached("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")(world)),
    "an image by its tag": image(lambda found: f"{found.split('@')[0]}:working"),
    "a public image": image(lambda _: "public.ecr.aws/nginx/nginx:stable"),
    "a boundary": bounded("ecr:*", "logs:*", "secretsmanager:*"),
    "the repository allows the role": lambda world: (
        statement("PullImage", lambda found: found.update(Action="ecr:DescribeImages"))(world),
        guard("promptsvc-image-consumers", Effect="Allow", Action="ecr:*", Principal={
            "AWS": stored(world, EXECUTION).properties["arn"]})(world)),
    "the repository denies another account": guard(
        "promptsvc-image-consumers", Principal={"AWS": "999999999999"}, Action="ecr:*"),
    "a log group that the driver creates": lambda world: (
        logs(**{"awslogs-group": "/ecs/new", "awslogs-create-group": "true"})(world),
        added(EXECUTION, Effect="Allow", Action="logs:*")(world)),
    "another log driver": lambda world: mutate(world, TASK, containers(
        lambda found: found[0].update(logConfiguration={"logDriver": "splunk", "options": {}}))),
    "no log configuration": lambda world: mutate(world, TASK, containers(without_logs)),
    "the current version": reference(lambda found: found.split(":::")[0]),
    "the stage of the current version": reference(lambda found: f"{found.split(':::')[0]}::AWSCURRENT:"),
    "the version by condition": statement("ReadSecrets", lambda found: found.update(
        Condition={"ForAnyValue:StringLike": {"secretsmanager:VersionId": ["*"]}})),
    "some keys of the bucket": statement("UseObjects", lambda found: found.update(
        Resource="arn:aws:s3:::marginalia-content-test/content/*"), ROLE),
    "a bucket policy that denies other keys": guard("bucket-tls", Principal="*", Action="s3:DeleteObject",
        Resource="arn:aws:s3:::marginalia-content-test/archive/*"),
    "a bucket policy for old TLS": guard("bucket-tls", **OBJECTS, Action="s3:*", Condition={
        "NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    "a bucket policy for unencrypted objects": guard("bucket-tls", **OBJECTS, Action="s3:PutObject", Condition={
        "StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}),
    "a bucket policy for another account": guard("bucket-tls", **OBJECTS, Effect="Allow", Action="s3:GetObject",
        Condition={"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
    "a lifecycle policy with patterns": text("promptsvc-image-lifecycle", document(
        lambda found: found["rules"][0]["selection"].update(tagStatus="tagged", tagPatternList=["v*"]))),
}  # fmt: skip


def without_logs(found: Any) -> None:
    del found[0]["logConfiguration"]


@ACCOUNTS
@pytest.mark.parametrize("mutation", ACCEPTED.values(), ids=ACCEPTED)
def test_a_change_that_aws_takes_is_accepted(mutation: Mutation, account: str) -> None:
    assert refusals(changed_program(mutation, account)) == []


OUTSIDE: dict[str, tuple[Mutation, str]] = {
    "an image of another account": (
        lambda world: (
            image(outside)(world),
            added(EXECUTION, Effect="Allow", Action="ecr:*")(world)),
        ""),
    "a secret that no stack here created": (
        lambda world: (
            reference(lambda found: found.replace("database-url", "another").replace(":::", ":::1"))(world),
            added(EXECUTION, Effect="Allow", Action="secretsmanager:*")(world)),
        "another-physical-"),
    "a bucket that no stack here created": (
        lambda world: (
            environment("S3_BUCKET", "marginalia-content-other")(world), added(ROLE, Effect="Allow")(world)),
        "NoSuchBucket: S3_BUCKET names marginalia-content-other"),
    "a boundary that no stack here created": (
        lambda world: mutate(world, ROLE, lambda found: found.update(
            permissionsBoundary=f"arn:aws:iam::{world.account}:policy/tasks")),
        "permissionsBoundary 'arn:aws:iam::000000000000:policy/tasks' does not exist"),
}  # fmt: skip


@ACCOUNTS
@pytest.mark.parametrize(("mutation", "reason"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_no_stack_here_has_is_taken_as_named_unless_its_account_is_simulated(
    mutation: Mutation, reason: str, account: str
) -> None:
    found = "\n".join(refusals(changed_program(mutation, account)))
    assert reason in found if account == ACCOUNT and reason else found == ""
