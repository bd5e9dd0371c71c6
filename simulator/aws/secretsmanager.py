"""Secrets. https://docs.aws.amazon.com/secretsmanager/latest/apireference/"""

from __future__ import annotations

from ecs import types
from simulator import logins
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
        internal={logins.LOGIN: lambda request, _: logins.in_url(request.inputs.get("secretString") or "")},
        # A version without a staging label can still be read by its ID. Secrets Manager removes it when there are more
        # than 100 versions. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
        retained_on_delete=lambda _: True,
        references={"secretId": (types.SECRET, "arn")},
        blocks_delete=False,
        failure=Failure(
            source="secretsmanager/secret_version.go",
            quota="LimitExceededException: the request would exceed one of the Secrets Manager quotas.",
        ),
    ),
}
