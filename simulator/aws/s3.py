"""Buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time

from ecs import types
from ecs.iam import BUCKET_ACTIONS, OBJECT_ACTIONS
from simulator.aws import changes, policy_grammar
from simulator.aws.conditions import matches
from simulator.aws.permissions import principals, read
from simulator.aws.values import mapping, mappings, other_than, texts
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, Validation, as_list
from simulator.failure import Failure

SETTINGS = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html"
NAMES = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
LIFECYCLE = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html"
MOST_RULES = 1000
LEAST_SIZES = ("all_storage_classes_128K", "varies_by_storage_class")
ACTIONS = (
    "abortIncompleteMultipartUpload",
    "expiration",
    "noncurrentVersionExpiration",
    "noncurrentVersionTransitions",
    "transitions",
)
DAYS = ("days", "daysAfterInitiation", "noncurrentDays")

bucket = Checks[Request](types.BUCKET)
encryption = Checks[Request](types.BUCKET_ENCRYPTION)
lifecycle = Checks[Request](types.BUCKET_LIFECYCLE)
setting = Checks[Request]("each setting of a bucket")


@bucket(NAMES, confirmed="recorded answer")
def has_a_valid_name(request: Request) -> Iterable[str]:
    """A bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit first and last."""
    name = request.inputs.get("bucket") or ""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) or ".." in name:
        yield f"InvalidBucketName: The specified bucket is not valid: {name!r}"


@bucket(NAMES)
def has_a_name_that_s3_does_not_reserve(request: Request) -> Iterable[str]:
    """A bucket's name is no IP address and has no prefix or suffix that S3 keeps for itself."""
    name = request.inputs.get("bucket") or ""
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name):
        yield f"InvalidBucketName: The specified bucket is not valid: {name} is an IP address"
    if name.startswith(PREFIXES) or name.endswith(SUFFIXES):
        reserved = ", ".join((*PREFIXES, *SUFFIXES))
        yield f"InvalidBucketName: The specified bucket is not valid: {name} begins or ends with one of {reserved}"


@setting(SETTINGS, confirmed="nobody")
def is_the_only_one_of_its_bucket(request: Request) -> Iterable[str]:
    """A bucket has one setting of a kind: a second resource overwrites that of the first, in every update again."""
    for other in request.visible(request.token, bucket=request.inputs.get("bucket")):
        if other.urn != request.urn:
            yield f"OperationAborted: {request.inputs['bucket']} has this setting already, from {other.urn or other.id}"


@encryption("https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html", confirmed="recorded answer")
def encrypts_by_one_rule(request: Request) -> Iterable[str]:
    """A bucket has one rule of encryption, and a key only with KMS."""
    rules = mappings(request.inputs.get("rules"))
    if len(rules) != 1:
        yield f"MalformedXML: a bucket has one rule of encryption, not {len(rules)}"
    for each in rules:
        default = mapping(each.get("applyServerSideEncryptionByDefault"))
        if default.get("kmsMasterKeyId") and default.get("sseAlgorithm") == "AES256":
            yield (
                "InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
                "aws:kms:dsse"
            )


@lifecycle(LIFECYCLE)
def has_rules_with_ids_of_their_own(request: Request) -> Iterable[str]:
    """A bucket has 1 to 1000 rules, each with an ID of its own."""
    ids = [each.get("id") for each in mappings(request.inputs.get("rules"))]
    if not 1 <= len(ids) <= MOST_RULES:
        yield f"MalformedXML: a lifecycle configuration has 1 to {MOST_RULES} rules, not {len(ids)}"
    if twice := sorted({str(each) for each in ids if ids.count(each) > 1}):
        yield f"InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: {', '.join(twice)}"


@lifecycle(LIFECYCLE, confirmed="recorded answer")
def has_rules_that_do_something(request: Request) -> Iterable[str]:
    """A rule has an action, and a filter of one kind: a prefix, a tag, a size, or several of them in `and`."""
    for each in mappings(request.inputs.get("rules")):
        if not any(each.get(action) for action in ACTIONS):
            yield f"MalformedXML: the rule {each.get('id')} has no action: one of {', '.join(ACTIONS)}"
        if len([key for key, value in mapping(each.get("filter")).items() if value is not None]) > 1:
            yield f"MalformedXML: the filter of the rule {each.get('id')} has several conditions outside of `and`"


@lifecycle(LIFECYCLE, confirmed="recorded answer")
def expires_at_midnight_or_after_days(request: Request) -> Iterable[str]:
    """A date is at midnight UTC. A rule that removes expired delete markers has neither days nor a date for it."""
    yield from other_than("InvalidRequest", request.inputs, [("transitionDefaultMinimumObjectSize", LEAST_SIZES)])
    for each in mappings(request.inputs.get("rules")):
        expiration = mapping(each.get("expiration"))
        for date in texts([expiration.get("date"), *(move.get("date") for move in mappings(each.get("transitions")))]):
            if not _is_midnight(date):
                yield f"InvalidArgument: 'Date' must be at midnight GMT: {date}, in the rule {each.get('id')}"
        if expiration.get("expiredObjectDeleteMarker") and (expiration.get("days") or expiration.get("date")):
            name = f"the expiration of the rule {each.get('id')}"
            yield f"MalformedXML: {name} has expiredObjectDeleteMarker and either days or a date"


def _is_midnight(date: str) -> bool:
    try:
        moment = datetime.fromisoformat(date)
        return moment.tzinfo is not None and moment.astimezone(UTC).time() == time()
    except (OverflowError, ValueError):
        return False


@lifecycle("https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html")
def waits_for_whole_days(request: Request) -> Iterable[str]:
    """An object expires after at least one day."""
    for each in mappings(request.inputs.get("rules")):
        for action in ("abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration"):
            for key, days in mapping(each.get(action)).items():
                # The provider takes zero days of an expiration as not set.
                if key in DAYS and days is not None and days < (0 if action == "expiration" else 1):
                    yield (
                        f"InvalidArgument: '{key}' for {action} must be a positive integer: {days:g}, in the rule "
                        f"{each.get('id')}"
                    )


def _setting(*checks: Checks[Request]) -> Validation:
    return lambda request: [reason for each in (setting, *checks) for reason in each.reasons(request)]


_BUCKET_SETTING = ResourceType(
    id="{bucket}",
    replace_on_changes=frozenset({"bucket"}),
    references={"bucket": (types.BUCKET, "bucket")},
    blocks_delete=False,
    validate=_setting(),
)


def _put(source: str, *checks: Checks[Request]) -> ResourceType:
    """A setting that the provider sends whole in every update."""
    failure = Failure(source=f"s3/{source}", empty_update="applies")
    return replace(_BUCKET_SETTING, failure=failure, validate=_setting(*checks))


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
        validate=bucket.reasons,
        failure=Failure(
            source="s3/bucket.go",
            # So the provider in us-east-1; elsewhere S3 says BucketAlreadyOwnedByYou of an account's own bucket.
            taken="BucketAlreadyExists",
            missing="NoSuchBucket",
            unreadable=frozenset({"forceDestroy"}),
            quota="TooManyBuckets: You have attempted to create more buckets than allowed",
        ),
    ),
    types.BUCKET_LIFECYCLE: replace(
        _BUCKET_SETTING,
        validate=_setting(lifecycle),
        failure=Failure(sdk="framework", source="s3/bucket_lifecycle_configuration.go"),
    ),
    types.BUCKET_POLICY: _put("bucket_policy.go", bucket_policy),
    types.BUCKET_PUBLIC_ACCESS: _put("bucket_public_access_block.go"),
    types.BUCKET_ENCRYPTION: _put("bucket_server_side_encryption_configuration.go", encryption),
    types.BUCKET_VERSIONING: replace(_put("bucket_versioning.go"), validate_update=changes.versioning.reasons),
}
