"""Secrets. https://docs.aws.amazon.com/secretsmanager/latest/apireference/"""

from __future__ import annotations

from ecs import types
from simulator.cloud import ResourceType
from simulator.failure import Failure

TYPES = {
    types.SECRET: ResourceType(
        id="arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}",
        outputs={"arn": "{id}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        cascade=lambda request: request.all(types.SECRET_VERSION, secretId=request.id),
        failure=Failure(
            source="secretsmanager/secret.go",
            unreadable=frozenset({"recoveryWindowInDays"}),
            quota="LimitExceededException: the request would exceed one of the Secrets Manager quotas.",
        ),
    ),
    types.SECRET_VERSION: ResourceType(
        id="{secretId}|{hex}",
        outputs={"arn": "{secretId}", "versionId": "{hex}"},
        replace_on_changes=frozenset({"secretId", "secretString"}),
        # A version without a staging label is deprecated, but can still be read by its ID.
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
        retained_on_delete=lambda _: True,
        references={"secretId": (types.SECRET, "arn")},
        blocks_delete=False,
        failure=Failure(
            source="secretsmanager/secret_version.go",
            quota="LimitExceededException: the request would exceed one of the Secrets Manager quotas.",
        ),
    ),
}
