"""Malformed policy documents are refused with the code of the service that refuses them."""

from __future__ import annotations

import pytest

from tests.program.changes import (
    EXECUTION,
    OBJECTS,
    ROLE,
    changed_program,
    document,
    guard,
    statement,
    text,
    trust,
    without,
)
from tests.program.mutations import ACCOUNTS, Mutation, assert_refused, mutate, policy

MALFORMED = "MalformedPolicyDocument: "
REFUSED: dict[str, tuple[Mutation, str]] = {
    "a trust policy without a principal": (
        trust(without("Principal")), f"promptsvc-task-execution: {MALFORMED}statement 1: Missing required field Princ"),
    "a trust policy with a resource": (
        trust(lambda found: found.update(Resource="*")),
        f"promptsvc-task-execution: {MALFORMED}statement 1: Has prohibited field Resource"),
    "a trust policy about S3": (
        trust(lambda found: found.update(Action="s3:GetObject")),
        f"promptsvc-task-execution: {MALFORMED}AssumeRole policy may only specify STS AssumeRole actions"),
    "a trust policy with an unknown kind of principal": (
        trust(lambda found: found.update(Principal={"Services": "ecs-tasks.amazonaws.com"})),
        f"{MALFORMED}statement 1: Invalid principal in policy: Services"),
    "a trust policy with a service that is no name": (
        trust(lambda found: found.update(Principal={"Service": "ecs-tasks"})),
        f"{MALFORMED}statement 1: Invalid principal in policy: Service: 'ecs-tasks'"),
    "a trust policy that is not JSON": (
        text(EXECUTION, lambda _: "{", "assumeRolePolicy"),
        f"promptsvc-task-execution: {MALFORMED}This policy contains invalid Json"),
    "a trust policy that is empty": (
        text(EXECUTION, lambda _: "{}", "assumeRolePolicy"), f"{MALFORMED}Missing required field Statement"),
    "a trust policy with a principal of a wrong type": (
        trust(lambda found: found.update(Principal=["ecs-tasks.amazonaws.com"])), "Invalid principal in policy"),
    "a policy that is not JSON": (
        text(f"{EXECUTION}-policy", lambda _: "not JSON"), f"{MALFORMED}This policy contains invalid Json"),
    "a policy that is a list": (
        text(f"{EXECUTION}-policy", lambda _: "[]"), f"{MALFORMED}This policy contains invalid Json"),
    "a policy without statements": (
        text(f"{EXECUTION}-policy", document(without("Statement"))), f"{MALFORMED}Missing required field Statement"),
    "a policy of another version": (
        text(f"{EXECUTION}-policy", lambda found: found.replace("2012-10-17", "2012-10-18")),
        f"{MALFORMED}the policy must contain a valid version"),
    "an effect that is neither": (
        statement("GetToken", lambda found: found.update(Effect="allow")), f"{MALFORMED}statement 1: Invalid effect"),
    "no effect": (statement("GetToken", without("Effect")), f"{MALFORMED}statement 1: Missing required field Effect"),
    "both Action and NotAction": (
        statement("GetToken", lambda found: found.update(NotAction="s3:*")), "both Action and NotAction"),
    "no action": (statement("GetToken", without("Action")), "Missing required field Action"),
    "an empty list of actions": (
        statement("GetToken", lambda found: found.update(Action=[])), "Policy statement must contain actions"),
    "an action without a service": (
        statement("GetToken", lambda found: found.update(Action="GetAuthorizationToken")),
        f"{MALFORMED}statement 1: Actions must be prefaced by a vendor"),
    "no resource": (statement("GetToken", without("Resource")), "Missing required field Resource"),
    "a resource that is no ARN": (
        statement("UseObjects", lambda found: found.update(Resource="marginalia-content-test/*"), ROLE),
        'a resource must be in ARN format or "*": '),
    "a principal in the policy of a role": (
        statement("GetToken", lambda found: found.update(Principal="*")), "Has prohibited field Principal"),
    "a misspelt field": (
        statement("GetToken", lambda found: found.update(Conditions={})), "the field Conditions is unknown"),
    "an unknown operator": (
        statement("GetToken", lambda found: found.update(Condition={"StringEqual": {"aws:x": "y"}})),
        "the condition operator StringEqual is unknown"),
    "a condition that is a text": (
        statement("GetToken", lambda found: found.update(Condition="x")), "a condition is a JSON object"),
    "one ID twice": (
        lambda world: mutate(world, f"{EXECUTION}-policy", policy(lambda found: found.append(found[0]))),
        "Statement IDs (SID) in a single policy must be unique: GetToken"),
    "an ID with a space": (
        statement("GetToken", lambda found: found.update(Sid="Get token")), "(SID) must be alpha-numeric"),
    "a policy that is too long": (
        statement("GetToken", lambda found: found.update(Sid="x" * 10241)),
        "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role"),
    "a trust policy that is too long": (
        trust(lambda found: found.update(Sid="x" * 2049)), "LimitExceeded: Cannot exceed quota for ACLSizePerRole"),
    "a bucket policy without a principal": (
        lambda world: mutate(world, "bucket-tls", policy(lambda found: found[0].pop("Principal"))),
        "bucket-tls: MalformedPolicy: statement 1: Missing required field Principal"),
    "a bucket policy about another bucket": (
        guard("bucket-tls", Principal="*", Action="s3:*", Resource="arn:aws:s3:::other/*"),
        "bucket-tls: MalformedPolicy: Policy has invalid resource"),
    "a bucket policy that is not JSON": (
        text("bucket-tls", lambda _: ""), "bucket-tls: MalformedPolicy: Policies must be valid JSON"),
    "a bucket policy about ECR": (
        guard("bucket-tls", **OBJECTS, Action="ecr:*"), "MalformedPolicy: Policy has invalid action: ecr:*"),
    "a bucket policy that is public": (
        guard("bucket-tls", **OBJECTS, Effect="Allow", Action="s3:GetObject"),
        "bucket-tls: AccessDenied: public policies are blocked"),
    "a bucket policy about the bucket's objects without a key": (
        guard("bucket-tls", Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::marginalia-content-test"),
        "bucket-tls: MalformedPolicy: Action does not apply to any resource(s) in statement"),
    "a repository policy with a resource": (
        guard("promptsvc-image-consumers", Principal="*", Action="ecr:*", Resource="*"),
        "promptsvc-image-consumers: InvalidParameterException: Invalid parameter at 'PolicyText' failed to satisfy"),
    "a repository policy for an account that is none": (
        guard("promptsvc-image-consumers", Principal={"AWS": "arn:aws:iam::1:root"}, Action="ecr:*"),
        "Invalid principal in policy: AWS: 'arn:aws:iam::1:root'"),
    "a repository policy for all of an account": (
        guard("promptsvc-image-consumers", Principal={"AWS": "arn:aws:iam::000000000001:*"}, Action="ecr:*"),
        "Invalid principal in policy: AWS: 'arn:aws:iam::000000000001:*'"),
    "a repository policy that is not JSON": (
        text("promptsvc-image-consumers", lambda _: "x"), "InvalidParameterException: Invalid parameter at"),
}  # fmt: skip


@ACCOUNTS
@pytest.mark.parametrize(("mutation", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_malformed_policy_is_refused_with_the_code_of_its_service(
    mutation: Mutation, reason: str, account: str
) -> None:
    assert_refused(changed_program(mutation, account), reason)
