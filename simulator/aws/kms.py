"""Keys and their aliases. https://docs.aws.amazon.com/kms/latest/APIReference/"""

from __future__ import annotations

from ecs import types
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure
from simulator.store import Object


def stored(request: Request, reference: str | None) -> list[Object]:
    """The key that an ARN, an ID or an alias names. Keys of AWS, and those outside of all stacks here, are not known.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
    """
    aliases = [
        each.properties["targetKeyId"]
        for each in request.visible(types.KMS_ALIAS)
        if reference in (each.properties["name"], each.properties["arn"])
    ]
    return [
        each
        for each in request.visible(types.KMS_KEY)
        if reference in (each.properties["arn"], each.properties["keyId"]) or each.properties["keyId"] in aliases
    ]


TYPES = {
    types.KMS_KEY: ResourceType(
        id="{hex}",
        outputs={"arn": "arn:aws:kms:{region}:{account}:key/{hex}", "keyId": "{hex}"},
        replace_on_changes=frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion"}),
        failure=Failure(
            source="kms/key.go",
            unreadable=frozenset({"deletionWindowInDays"}),
            quota="LimitExceededException: a length constraint or quota was exceeded.",
        ),
    ),
    # The deletion of a key deletes its aliases, so an alias does not block it.
    # https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
    types.KMS_ALIAS: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:kms:{region}:{account}:{name}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        references={"targetKeyId": (types.KMS_KEY, "keyId")},
        blocks_delete=False,
        failure=Failure(
            source="kms/alias.go",
            quota="LimitExceededException: a length constraint or quota was exceeded.",
        ),
    ),
}
