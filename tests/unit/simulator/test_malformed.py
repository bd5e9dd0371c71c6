"""Any JSON value in any input ends in an object or in a refusal, never in a traceback."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs import types
from simulator.aws.limits import Inputs
from simulator.failure import RejectedError
from simulator.store import Properties, Store
from tests.unit.simulator.test_rds import instance
from tests.unit.simulator.world import World, network

TEXT = st.text(max_size=20) | st.sampled_from(["mrgnl", "0", "true", "{}", "[]", '{"rules": [7]}', '{"Statement": 7}'])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
RULE: Properties = {"id": "all", "status": "Enabled", "filter": {}, "expiration": {"days": 1.0}}
EXPIRE: Properties = {
    "rulePriority": 1,
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
    "action": {"type": "expire"},
}
VALID: dict[str, Properties] = {
    types.BUCKET: {"bucket": "other"},
    types.BUCKET_ENCRYPTION: {
        "bucket": "content", "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
    types.BUCKET_LIFECYCLE: {"bucket": "content", "rules": [RULE]},
    types.BUCKET_PUBLIC_ACCESS: {"bucket": "content", "blockPublicAcls": True},
    types.BUCKET_VERSIONING: {"bucket": "content", "versioningConfiguration": {"status": "Enabled"}},
    types.DB_INSTANCE: {},
    types.DB_SUBNET_GROUP: {"name": "other", "subnetIds": []},
    types.KMS_ALIAS: {"name": "alias/content", "targetKeyId": ""},
    types.KMS_KEY: {},
    types.LIFECYCLE_POLICY: {"repository": "content", "policy": json.dumps({"rules": [EXPIRE]})},
    types.LOG_GROUP: {"name": "/ecs/content"},
    types.NAMESPACE: {"name": "content"},
    types.REPOSITORY: {"name": "other"},
    types.SECRET: {"name": "content"},
    types.SECRET_VERSION: {"secretId": "", "secretString": "text"},
}  # fmt: skip


def valid(world: World, token: str) -> Properties:
    """Inputs of a type that the cloud accepts, with what they reference."""
    inputs = VALID[token]
    if "bucket" in inputs:
        world.create(types.BUCKET, "bucket", bucket="content")
    if token == types.LIFECYCLE_POLICY:
        world.create(types.REPOSITORY, "repository", name="content")
    if token == types.DB_INSTANCE:
        return instance(world)
    if token == types.DB_SUBNET_GROUP:
        return {**inputs, "subnetIds": [each.id for each in network(world)[1]]}
    if token == types.KMS_ALIAS:
        return {**inputs, "targetKeyId": world.create(types.KMS_KEY, "key").properties["keyId"]}
    if token == types.SECRET_VERSION:
        return {**inputs, "secretId": world.create(types.SECRET, "secret", name="url").id}
    return inputs


@pytest.mark.parametrize("token", VALID)
def test_the_inputs_are_accepted_as_they_are(world: World, token: str) -> None:
    assert world.create(token, **valid(world, token))


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_value_of_an_input_is_accepted_or_refused(data: st.DataObject) -> None:
    world = World(store=Store(":memory:"))
    token = data.draw(st.sampled_from(sorted(VALID)))
    inputs = valid(world, token)
    key = data.draw(st.sampled_from(sorted(each for each in Inputs(token, {}).limits if not {*each} & {*".["})))
    changed: dict[str, Any] = {**inputs, key: data.draw(JSON)}
    with suppress(RejectedError):
        world.create(token, **changed)
    world.store.close()
