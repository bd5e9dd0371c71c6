"""Buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ecs import types
from ecs.iam import BUCKET_ACTIONS, OBJECT_ACTIONS
from simulator.aws import changes, policy_grammar
from simulator.aws.conditions import matches
from simulator.aws.permissions import principals, read
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list
from simulator.failure import Failure

_BUCKET_SETTING = ResourceType(
    id="{bucket}",
    replace_on_changes=frozenset({"bucket"}),
    references={"bucket": (types.BUCKET, "bucket")},
    blocks_delete=False,
)


def _put(source: str) -> ResourceType:
    """A setting that the provider sends whole in every update."""
    return replace(_BUCKET_SETTING, failure=Failure(source=f"s3/{source}", empty_update="applies"))


bucket_policy = Checks[Request](types.BUCKET_POLICY)
PAGE = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"


@bucket_policy(PAGE, confirmed="recorded answer")
def bucket_policy_is_a_policy(request: Request) -> Iterator[str]:
    """The policy of a bucket names principals, actions and resources."""
    for each in policy_grammar.problems(request.inputs.get("policy"), policy_grammar.BUCKET):
        yield f"MalformedPolicy: {each}"


@bucket_policy("https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html", confirmed="nobody")
def bucket_policy_is_about_the_bucket(request: Request) -> Iterator[str]:
    """The resources of a bucket's policy are the bucket and its objects, and its actions are S3's on one of them."""
    arn = f"arn:aws:s3:::{request.inputs.get('bucket')}"
    for statement in read(request.inputs.get("policy", "")):
        resources = [str(each) for each in as_list(statement.get("Resource"))]
        actions = [str(each) for each in as_list(statement.get("Action"))]
        for resource in resources:
            if not any(matches(resource.partition("/")[0], each, {}) is not False for each in (arn, f"{arn}/x")):
                yield f"MalformedPolicy: Policy has invalid resource: {resource} is not of {arn}"
        for action in actions:
            if not re.fullmatch(r"(?i)\*|s3:.*", action):
                yield f"MalformedPolicy: Policy has invalid action: {action}"
            wrong = (action in OBJECT_ACTIONS and set(resources) == {arn}) or (
                action in BUCKET_ACTIONS and all(each.startswith(f"{arn}/") for each in resources) and resources
            )
            if wrong and len(actions) == 1:
                yield f"MalformedPolicy: Action does not apply to any resource(s) in statement: {action}"


@bucket_policy("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html")
def bucket_policy_is_not_public(request: Request) -> Iterator[str]:
    """A bucket that blocks public policies has no policy that allows something to everybody."""
    blocked = request.visible(types.BUCKET_PUBLIC_ACCESS, bucket=request.inputs.get("bucket"))
    if any(each.properties.get("blockPublicPolicy") for each in blocked):
        for statement in read(request.inputs.get("policy", "")):
            everybody = "*" in principals(statement, "AWS") and not statement.get("Condition")
            if statement.get("Effect") == "Allow" and everybody:
                yield "AccessDenied: public policies are blocked by the BlockPublicPolicy block public access setting"


TYPES = {
    types.BUCKET: ResourceType(
        id="{bucket}",
        outputs={"arn": "arn:aws:s3:::{bucket}"},
        replace_on_changes=frozenset({"bucket"}),
        name_property="bucket",
        name_scope="global",
        failure=Failure(
            source="s3/bucket.go",
            unreadable=frozenset({"forceDestroy"}),
            quota="TooManyBuckets: You have attempted to create more buckets than allowed",
        ),
    ),
    types.BUCKET_LIFECYCLE: replace(
        _BUCKET_SETTING, failure=Failure(sdk="framework", source="s3/bucket_lifecycle_configuration.go")
    ),
    types.BUCKET_POLICY: replace(_put("bucket_policy.go"), validate=bucket_policy.reasons),
    types.BUCKET_PUBLIC_ACCESS: _put("bucket_public_access_block.go"),
    types.BUCKET_ENCRYPTION: _put("bucket_server_side_encryption_configuration.go"),
    types.BUCKET_VERSIONING: replace(_put("bucket_versioning.go"), validate_update=changes.versioning.reasons),
}
