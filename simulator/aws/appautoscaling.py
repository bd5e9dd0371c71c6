"""Application Auto Scaling. https://docs.aws.amazon.com/autoscaling/application/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from ecs import types
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure


def _validate_target(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    if request.inputs["minCapacity"] > request.inputs["maxCapacity"]:
        yield "ValidationException: the minimum capacity must not be above the maximum capacity"
    if not any(
        each.properties["arn"].endswith(f":{request.inputs['resourceId']}") for each in request.visible(types.SERVICE)
    ):
        yield f"ValidationException: ECS service doesn't exist: {request.inputs['resourceId']}"


TYPES = {
    types.SCALING_TARGET: ResourceType(
        id="{resourceId}",
        outputs={"arn": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex}"},
        replace_on_changes=frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
        validate=_validate_target,
        failure=Failure(
            source="appautoscaling/target.go", quota="LimitExceededException: A per-account resource limit is exceeded."
        ),
    ),
    types.SCALING_POLICY: ResourceType(
        id="{resourceId}/{name}",
        outputs={"arn": "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{hex}:policyName/{name}"},
        replace_on_changes=frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"}),
        name_property="name",
        references={"resourceId": (types.SCALING_TARGET, "resourceId")},
        blocks_delete=False,
        failure=Failure(
            source="appautoscaling/policy.go",
            empty_update="applies",
            quota="LimitExceededException: A per-account resource limit is exceeded.",
        ),
    ),
}
