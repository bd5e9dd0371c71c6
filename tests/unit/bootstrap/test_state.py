from __future__ import annotations

from ecs import types
from tests.bootstrapped import bootstrap


def test_the_key_rotates_and_its_alias_names_the_stack() -> None:
    [key] = bootstrap().of(types.KMS_KEY).values()
    [alias] = bootstrap().of(types.KMS_ALIAS).values()
    assert (key.inputs["enableKeyRotation"], key.inputs["deletionWindowInDays"]) == (True, 30)
    assert (alias.inputs["name"], alias.inputs["targetKeyId"]) == ("alias/mrgnl-dev-pulumi", key.id)


def test_the_bucket_the_key_and_the_oidc_provider_are_protected() -> None:
    protected = {each.type for each in bootstrap().registrations if each.options.protect}
    assert {types.BUCKET, types.KMS_KEY, types.OIDC_PROVIDER} <= protected


def test_the_bucket_keeps_its_content_its_versions_and_the_world_out() -> None:
    declared = bootstrap()
    [bucket] = declared.of(types.BUCKET).values()
    [versioning] = declared.of(types.BUCKET_VERSIONING).values()
    [private] = declared.of(types.BUCKET_PUBLIC_ACCESS).values()
    [policy] = declared.of(types.BUCKET_POLICY).values()
    assert (bucket.inputs["bucket"], bucket.inputs["forceDestroy"]) == ("marginalia-state-dev", False)
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert {value for key, value in private.inputs.items() if key != "bucket"} == {True}
    assert policy.json("policy")["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_outputs_name_the_backend_and_the_key_by_its_arn() -> None:
    """An alias is resolved in the caller's account:
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-using.html
    """
    exports = bootstrap().exports()
    [key] = bootstrap().of(types.KMS_KEY).values()
    arn = f"arn:aws:kms:us-east-1:000000000000:key/{key.id}"
    assert exports["backend"] == "s3://marginalia-state-dev?region=us-east-1"
    assert exports["secrets-provider"] == f"awskms:///{arn}?region=us-east-1"
