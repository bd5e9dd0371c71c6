"""Who may assume the tasks' roles, what their policies come to, and which images and secrets exist."""

from __future__ import annotations

import json

import pytest

from ecs import types
from simulator.aws import ecr
from tests.program.changes import (
    DENY,
    EXECUTION,
    OBJECTS,
    ROLE,
    TASK,
    added,
    attached,
    bounded,
    changed_program,
    environment,
    guard,
    image,
    logs,
    reference,
    statement,
    trust,
    without,
)
from tests.program.mutations import ACCOUNTS, Mutation, assert_refused, mutate, policy, removed, stored, with_
from tests.unit.simulator.world import World


def keyed(world: World) -> None:
    """A KMS key of the secret's own."""
    key = world.create(types.KMS_KEY, "key")
    mutate(world, "database-url", lambda found: found.update(kmsKeyId=key.properties["arn"]))


ASSUME = "promptsvc-service: ECS was unable to assume the role 'arn:aws:iam::{account}:role/promptsvc-task-"
PULL = "promptsvc-service: CannotPullContainerError: "
INIT = "promptsvc-service: ResourceInitializationError: "
BUCKET = "promptsvc-service: AccessDenied: "
CANNOT_FIND = "ResourceNotFoundException: Secrets Manager can't find "
REFUSED: dict[str, tuple[Mutation, str]] = {
    # Who may assume the roles.
    "trusts another service": (
        trust(lambda found: found.update(Principal={"Service": "ec2.amazonaws.com"})),
        f"{ASSUME}execution-physical' that was provided for this task:"
        " the trust policy of promptsvc-task-execution does not allow ecs-tasks.amazonaws.com"),
    "task role trusts ecs, not ecs-tasks": (
        trust(lambda found: found.update(Principal={"Service": ["ecs.amazonaws.com"]}), ROLE),
        f"{ASSUME}role-physical' that was provided for this task:"
        " the trust policy of promptsvc-task-role does not allow ecs-tasks.amazonaws.com"),
    "trusts an account": (
        trust(lambda found: found.update(Principal={"AWS": "arn:aws:iam::111122223333:root"})),
        "the trust policy of promptsvc-task-execution does not allow ecs-tasks.amazonaws.com"),
    "trust is a Deny": (
        trust(lambda found: found.update(Effect="Deny")), "the trust policy of promptsvc-task-execution denies it"),
    "trust with a Deny beside the Allow": (
        lambda world: mutate(world, ROLE, policy(
            lambda found: found.append({**found[0], "Effect": "Deny"}), "assumeRolePolicy")),
        "the trust policy of promptsvc-task-role denies it"),
    "trust is for another action": (
        trust(lambda found: found.update(Action="sts:AssumeRoleWithWebIdentity")),
        "the trust policy of promptsvc-task-execution does not allow sts:AssumeRole"),
    "trust is for another account": (
        trust(lambda found: found["Condition"]["StringEquals"].update({"aws:SourceAccount": "111122223333"})),
        "the conditions in the trust policy of promptsvc-task-execution do not hold for {account} in us-east-1"),
    "trust is for another region": (
        trust(lambda found: found["Condition"]["ArnLike"].update({"aws:SourceArn": "arn:aws:ecs:eu-west-1:*:*"})),
        "the conditions in the trust policy of promptsvc-task-execution do not hold for {account} in us-east-1"),
    "trust is for another service's resources": (
        trust(lambda found: found["Condition"]["ArnLike"].update({"aws:SourceArn": "arn:aws:lambda:*:*:*"}), ROLE),
        "the conditions in the trust policy of promptsvc-task-role do not hold"),
    "trust needs an external ID": (
        trust(lambda found: found.update(Condition={"StringEquals": {"sts:ExternalId": "x"}})),
        "the conditions in the trust policy of promptsvc-task-execution do not hold"),
    "trust needs a second factor": (
        trust(lambda found: found.update(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), ROLE),
        "the conditions in the trust policy of promptsvc-task-role do not hold"),
    "the execution role is gone": (removed(EXECUTION), "executionRoleArn 'arn:aws:iam::{account}:role/"),
    "the task role is gone": (removed(ROLE), "taskRoleArn 'arn:aws:iam::{account}:role/"),
    "no execution role": (
        lambda world: mutate(world, TASK, without("executionRoleArn")), "execution role ARN to support ECR images"),
    "no task role": (
        lambda world: mutate(world, TASK, without("taskRoleArn")),
        f"{BUCKET}S3_BUCKET names marginalia-content-test, but the task has no task role"),
    "the roles are exchanged": (
        lambda world: mutate(world, TASK, lambda found: found.update(
            taskRoleArn=found["executionRoleArn"], executionRoleArn=found["taskRoleArn"])),
        "no policy of promptsvc-task-role allows it"),
    # The pull.
    "a Deny beside the Allow": (added(EXECUTION), "promptsvc-task-execution-policy denies it"),
    "a Deny of one action": (
        added(EXECUTION, Action="ecr:Get*"), "perform ecr:GetAuthorizationToken on *: promptsvc-task-execution-policy"),
    "a Deny of everything else": (
        lambda world: mutate(world, f"{EXECUTION}-policy", policy(
            lambda found: found.append({"Effect": "Deny", "NotAction": "logs:*", "Resource": "*"}))),
        f"{PULL}arn:aws:iam::{{account}}:role/promptsvc-task-execution-physical is not authorized"),
    "a Deny of other resources": (
        lambda world: mutate(world, f"{EXECUTION}-policy", policy(lambda found: found.append(
            {"Effect": "Deny", "Action": "ecr:BatchGetImage", "NotResource": "arn:aws:ecr:*:*:repository/other"}))),
        "ecr:BatchGetImage on arn:aws:ecr:us-east-1:{account}:repository/mrgnl-promptsvc:"
        " promptsvc-task-execution-policy denies it"),
    "a Deny in another region than the network's": (
        added(EXECUTION, Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        "promptsvc-task-execution-policy denies it"),
    "a Deny without a VPC endpoint": (
        added(EXECUTION, Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        "promptsvc-task-execution-policy denies it"),
    "a Deny by a managed policy": (attached("", Action="ecr:*"), "guardrail denies it"),
    "a boundary without ECR": (
        bounded("logs:*", "secretsmanager:*"), "the permissions boundary bound does not allow it"),
    "no token": (
        statement("GetToken", lambda found: found.update(Action="ecr:DescribeImages")),
        "perform ecr:GetAuthorizationToken on *: no policy of promptsvc-task-execution allows it"),
    "the token of one repository": (
        statement("GetToken", lambda found: found.update(Resource="arn:aws:ecr:us-east-1:*:repository/*")),
        "perform ecr:GetAuthorizationToken on *: no policy of promptsvc-task-execution allows it"),
    "one action of the pull is missing": (
        statement("PullImage", lambda found: found["Action"].remove("ecr:GetDownloadUrlForLayer")),
        "perform ecr:GetDownloadUrlForLayer on arn:aws:ecr:us-east-1:{account}:repository/mrgnl-promptsvc: no policy"),
    "the pull of another repository": (
        statement("PullImage", lambda found: found.update(Resource="arn:aws:ecr:us-east-1:*:repository/mrgnl-mcp")),
        "perform ecr:BatchGetImage on arn:aws:ecr:us-east-1:{account}:repository/mrgnl-promptsvc: no policy"),
    "the pull in another region": (
        statement("PullImage", lambda found: found.update(Resource="arn:aws:ecr:eu-west-1:*:*")),
        "perform ecr:BatchGetImage on arn:aws:ecr:us-east-1:{account}:repository/mrgnl-promptsvc: no policy"),
    "the pull with a condition": (
        statement("PullImage", lambda found: found.update(
            Condition={"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/x"}})),
        "perform ecr:BatchGetImage on arn:aws:ecr:us-east-1:{account}:repository/mrgnl-promptsvc: no policy"),
    "a variable of the old language": (
        lambda world: mutate(world, f"{EXECUTION}-policy", lambda found: found.update(policy=found["policy"].replace(
            "2012-10-17", "2008-10-17").replace("repository/mrgnl", "repository/${aws:PrincipalAccount}"))),
        "perform ecr:BatchGetImage on arn:aws:ecr:us-east-1:{account}:repository/mrgnl-promptsvc: no policy"),
    "the execution role has no policy": (
        removed(f"{EXECUTION}-policy"), "ecr:GetAuthorizationToken on *: no policy of promptsvc-task-execution allows"),
    "the policy is of the other role": (
        lambda world: with_(f"{EXECUTION}-policy", role=stored(world, ROLE).properties["name"])(world),
        "ecr:GetAuthorizationToken on *: no policy of promptsvc-task-execution allows"),
    "the repository denies": (
        guard("promptsvc-image-consumers", Principal="*", Action="ecr:BatchGetImage"),
        "promptsvc-image-consumers denies it"),
    "the repository denies the role": (
        lambda world: guard("promptsvc-image-consumers", Action="ecr:*", Principal={
            "AWS": stored(world, EXECUTION).properties["arn"]})(world),
        "promptsvc-image-consumers denies it"),
    "a digest that was not pushed": (
        image(lambda found: found[:-1] + ("0" if found[-1] != "0" else "1")), ": not found"),
    "a tag that does not exist": (
        image(lambda found: f"{found.split('@')[0]}:v1"), "amazonaws.com/mrgnl-promptsvc:v1: not found"),
    "no tag": (
        image(lambda found: found.split("@")[0]), "dkr.ecr.us-east-1.amazonaws.com/mrgnl-promptsvc: not found"),
    "a tag that the role may not pull": (
        lambda world: (
            image(lambda found: f"{found.split('@')[0]}:working")(world), added(EXECUTION, Action="ecr:Batch*")(world)),
        "promptsvc-task-execution-policy denies it"),
    "an image of another service's repository": (
        image(lambda found: found.replace("mrgnl-promptsvc", "mrgnl-authsvc")),
        "repository/mrgnl-authsvc: no policy of promptsvc-task-execution allows it"),
    "the image was deleted": (
        lambda world: [world.store.remove(each) for each in world.all(ecr.IMAGE) if "mrgnl-promptsvc@" in each.id],
        ": not found"),
    # The log group.
    "no log streams": (
        statement("WriteLogs", lambda found: found["Action"].remove("logs:CreateLogStream")),
        f"{INIT}arn:aws:iam::{{account}}:role/promptsvc-task-execution-physical is not authorized to perform"
        " logs:CreateLogStream on /ecs/mrgnl-promptsvc: no policy of promptsvc-task-execution allows it"),
    "the log group without its streams": (
        statement("WriteLogs", lambda found: found.update(
            Resource=[each.removesuffix(":*") for each in found["Resource"]])),
        "logs:PutLogEvents on /ecs/mrgnl-promptsvc: no policy"),
    "another log group's streams": (
        statement("WriteLogs", lambda found: found.update(
            Resource=[each.replace("promptsvc", "authsvc") for each in found["Resource"]])),
        "logs:PutLogEvents on /ecs/mrgnl-promptsvc: no policy"),
    "the log group is gone": (removed("promptsvc-task-logs"), "the log group /ecs/mrgnl-promptsvc does not exist"),
    "logs in another region": (
        logs(**{"awslogs-region": "eu-west-1"}), "the log group /ecs/mrgnl-promptsvc does not exist in eu-west-1"),
    "a log group that the driver may not create": (
        logs(**{"awslogs-group": "/ecs/new", "awslogs-create-group": "true"}),
        "logs:CreateLogGroup on /ecs/new: no policy"),
    # The secrets.
    "another suffix of the secret's ARN": (
        reference(lambda found: found.replace(found.split(":")[6], found.split(":")[6][:-6] + "AbCdEf")),
        f"{INIT}{CANNOT_FIND}arn:aws:secretsmanager:us-east-1:{{account}}:secret:database-url-physical-AbCdEf:"
        " the ARN of the secret with this name is arn:aws:secretsmanager:us-east-1:{account}:secret:"),
    "a version that does not exist": (
        reference(lambda found: f"{found.split(':::')[0]}:::11111111-2222-3333-4444-555555555555"),
        f"{INIT}{CANNOT_FIND}the specified secret value for VersionId: 11111111-2222-3333-4444-555555555555 of arn"),
    "a stage that does not exist": (
        reference(lambda found: f"{found.split(':::')[0]}::AWSPREVIOUS:"),
        f"{INIT}{CANNOT_FIND}the specified secret value for staging label: AWSPREVIOUS of arn"),
    "a JSON key of a text": (
        reference(lambda found: found.replace(":::", ":url::")),
        f"{INIT}unable to pull secrets or registry auth: retrieved secret from Secrets Manager did not contain json"),
    "a version in the place of the key": (
        reference(lambda found: found.replace(":::", ":")), "unexpected ARN format with parameters"),
    "a secret without a version": (removed("database-url-version"), CANNOT_FIND),
    "the secret is gone": (removed("database-url"), "database-url-version"),
    "a parameter of Systems Manager": (
        reference(lambda _: "database-url"),
        "perform ssm:GetParameters on arn:aws:ssm:us-east-1:{account}:parameter/database-url: no policy"),
    "no permission to read secrets": (
        statement("ReadSecrets", lambda found: found.update(Action="secretsmanager:DescribeSecret")),
        "perform secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:{account}:secret:database-url"),
    "permission to read another secret": (
        statement("ReadSecrets", lambda found: found.update(Resource=[f"{found['Resource'][0]}x"])),
        "perform secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:{account}:secret:database-url"),
    "permission to read another version": (
        statement("ReadSecrets", lambda found: found.update(
            Condition={"StringEquals": {"secretsmanager:VersionId": "another"}})),
        "perform secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:{account}:secret:database-url"),
    "a Deny of the secret": (
        added(EXECUTION, Action="secretsmanager:getsecretvalue"), "promptsvc-task-execution-policy denies it"),
    "the secret's policy denies": (
        with_("database-url", policy=json.dumps({"Statement": [{**DENY, "Principal": "*"}]})), "database-url denies"),
    "the secret's own key": (
        keyed, "not authorized to perform kms:Decrypt on arn:aws:kms:us-east-1:{account}:key/"),
    # The bucket.
    "no policy of the task role": (
        removed(f"{ROLE}-policy"),
        f"{BUCKET}arn:aws:iam::{{account}}:role/promptsvc-task-role-physical is not authorized to perform"
        " s3:ListBucket on marginalia-content-test: no policy of promptsvc-task-role allows it"),
    "objects with the bucket's ARN": (
        statement("UseObjects", lambda found: found.update(Resource="arn:aws:s3:::marginalia-content-test"), ROLE),
        "perform s3:GetObject on marginalia-content-test: no policy of promptsvc-task-role allows it"),
    "the bucket with the objects' ARN": (
        statement("ListBucket", lambda found: found.update(Resource="arn:aws:s3:::marginalia-content-test/*"), ROLE),
        "perform s3:ListBucket on marginalia-content-test: no policy of promptsvc-task-role allows it"),
    "objects that cannot be written": (
        statement("UseObjects", lambda found: found["Action"].remove("s3:PutObject"), ROLE),
        "perform s3:PutObject on marginalia-content-test: no policy"),
    "another bucket in the environment": (
        environment("S3_BUCKET", "marginalia-content-other"), "marginalia-content-other: no policy"),
    "another bucket in the policy": (
        statement("UseObjects", lambda found: found.update(Resource="arn:aws:s3:::marginalia-content-other/*"), ROLE),
        "perform s3:GetObject on marginalia-content-test: no policy"),
    "the bucket's policy denies objects": (
        guard("bucket-tls", **OBJECTS, Action="s3:PutObject"),
        "perform s3:PutObject on marginalia-content-test: bucket-tls denies it"),
    "the bucket's policy denies TLS": (
        lambda world: mutate(world, "bucket-tls", policy(
            lambda found: found[0]["Condition"]["Bool"].update({"aws:SecureTransport": "true"}))),
        "perform s3:ListBucket on marginalia-content-test: bucket-tls denies it"),
    "the bucket's policy denies without condition": (
        lambda world: mutate(world, "bucket-tls", policy(lambda found: found[0].pop("Condition"))),
        "bucket-tls denies it"),
    "the bucket's policy denies other roles": (
        guard("bucket-tls", **OBJECTS, Action="s3:*", Condition={
            "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}),
        "bucket-tls denies it"),
}  # fmt: skip


@ACCOUNTS
@pytest.mark.parametrize(("mutation", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_change_of_roles_policies_images_or_secrets_is_refused_for_its_cause(
    mutation: Mutation, reason: str, account: str
) -> None:
    assert_refused(changed_program(mutation, account), reason.format(account=account))
