"""Autoscaling. https://docs.aws.amazon.com/autoscaling/application/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.aws.ecs import SERVICE
from simulator.cloud import Call, ResourceType

TARGET = "aws:appautoscaling/target:Target"


def _target(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    if call.inputs["minCapacity"] > call.inputs["maxCapacity"]:
        yield "ValidationException: the minimum capacity must not be above the maximum capacity"
    if not any(each.properties["arn"].endswith(f":{call.inputs['resourceId']}") for each in call.find(SERVICE)):
        yield f"ValidationException: ECS service doesn't exist: {call.inputs['resourceId']}"


TYPES = {
    TARGET: ResourceType(
        id="{resourceId}",
        outputs={"arn": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex}"},
        replaces=frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
        refuses=_target,
    ),
    "aws:appautoscaling/policy:Policy": ResourceType(
        id="{resourceId}/{name}",
        outputs={"arn": "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{hex}:policyName/{name}"},
        replaces=frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"}),
        named="name",
        refers={"resourceId": (TARGET, "resourceId")},
        holds=False,
    ),
}
