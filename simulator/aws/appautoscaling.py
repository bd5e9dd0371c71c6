"""Application Auto Scaling. https://docs.aws.amazon.com/autoscaling/application/APIReference/"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf

from ecs import types
from simulator.aws.ecs_service import FORWARDING, balancer_arn, forwards, target_groups
from simulator.aws.values import is_known, mapping, number, other_than, outside, text
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure
from simulator.store import Object, Properties

TARGET = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"
POLICY = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html"
METRIC = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html"
CODE = "ValidationException"
MAX_SECONDS = 2_147_483_647
SCALABLE = [("serviceNamespace", ("ecs",)), ("scalableDimension", ("ecs:service:DesiredCount",))]
"""The simulator has no other scalable resource than ECS services."""
METRICS = (
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    "ECSServiceAverageCPUUtilizationHighResolution",
    "ECSServiceAverageMemoryUtilizationHighResolution",
    "ALBRequestCountPerTarget",
)
"""The predefined metrics of ECS services."""

target = Checks[Request](types.SCALING_TARGET)
policy = Checks[Request](types.SCALING_POLICY)


def _scaled(request: Request) -> list[Object]:
    """The service that the resource ID names, of the form `service/CLUSTER/SERVICE`."""
    name = request.inputs.get("resourceId")
    return [each for each in request.visible(types.SERVICE) if each.properties["arn"].endswith(f":{name}")]


@target(TARGET)
def capacities_are_numbers(request: Request) -> Iterator[str]:
    """The desired count of a service scales between a minimum, from 0 on, and a maximum."""
    yield from other_than(CODE, request.inputs, SCALABLE)
    yield from outside(CODE, request.inputs, [("minCapacity", 0, MAX_SECONDS), ("maxCapacity", 0, MAX_SECONDS)])


@target(TARGET, confirmed="nobody")
def capacities_are_a_range(request: Request) -> Iterator[str]:
    """The maximum capacity is not below the minimum."""
    low, high = (number(request.inputs.get(key)) for key in ("minCapacity", "maxCapacity"))
    if low is not None and high is not None and low > high:
        yield f"{CODE}: the minimum capacity must not be above the maximum capacity"


@target(TARGET, confirmed="moto")
def the_service_exists(request: Request) -> Iterator[str]:
    """The resource ID names an ECS service of the account and region."""
    name = request.inputs.get("resourceId")
    if (name is None or is_known(name)) and not _scaled(request):
        yield f"{CODE}: ECS service doesn't exist: {name}"


@policy(POLICY)
def the_policy_has_its_configuration(request: Request) -> Iterator[str]:
    """A policy of ECS tracks a target, steps or predicts, and has the configuration of its type."""
    inputs = request.inputs
    yield from other_than(CODE, inputs, SCALABLE)
    name = inputs.get("name")
    if is_known(name) and not 1 <= len(str(name)) <= 255:
        yield f"{CODE}: the policy name must have 1 to 255 characters"
    configurations = {
        "StepScaling": "stepScalingPolicyConfiguration",
        "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
        "PredictiveScaling": "predictiveScalingPolicyConfiguration",
    }
    yield from other_than(CODE, inputs, [("policyType", configurations)])
    # The provider's default: internal/service/appautoscaling/policy.go
    if key := configurations.get(text(inputs.get("policyType") or "StepScaling")):
        if not inputs.get(key):
            yield f"{CODE}: a policy requires {key}: its policyType is {inputs.get('policyType') or 'StepScaling'}"
        for other in configurations.values():
            if other != key and inputs.get(other):
                yield f"{CODE}: {other} does not belong to a policy of the type {inputs.get('policyType')}"


def _tracking(inputs: Properties) -> Properties:
    return mapping(inputs.get("targetTrackingScalingPolicyConfiguration"))


@policy(
    "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html"
)
def the_target_is_a_value_of_one_metric(request: Request) -> Iterator[str]:
    """Target tracking has a target value that suits its one metric, and cooldowns of whole seconds."""
    if not (tracking := _tracking(request.inputs)):
        return
    value = tracking.get("targetValue")
    # A customized metric may be negative.
    least = 0 if tracking.get("predefinedMetricSpecification") else -inf
    if value is None or (is_known(value) and not (isinstance(value, int | float) and value > least)):
        yield f"{CODE}: targetValue must be a number{' above 0' if least == 0 else ''}, not {value!r}"
    yield from outside(CODE, tracking, [("scaleInCooldown", 0, MAX_SECONDS), ("scaleOutCooldown", 0, MAX_SECONDS)])
    metrics = [tracking.get(key) for key in ("predefinedMetricSpecification", "customizedMetricSpecification")]
    if sum(map(bool, metrics)) != 1:
        yield f"{CODE}: target tracking requires exactly one of a predefined and a customized metric"
    metric = text(mapping(metrics[0]).get("predefinedMetricType"))
    if metric.endswith("Utilization") and isinstance(value, int | float) and value > 100:
        yield f"{CODE}: targetValue of {metric} is in percent: {value:g} is never reached"


@policy(METRIC, confirmed="botocore")
def the_metric_is_one_of_the_service(request: Request) -> Iterator[str]:
    """A predefined metric is one of ECS; requests are counted for a target group of the service, by its label."""
    specification = mapping(_tracking(request.inputs).get("predefinedMetricSpecification"))
    if not specification:
        return
    yield from other_than(CODE, specification, [("predefinedMetricType", METRICS)])
    label = specification.get("resourceLabel")
    if specification.get("predefinedMetricType") != "ALBRequestCountPerTarget":
        if label:
            yield f"{CODE}: a resourceLabel requires the metric ALBRequestCountPerTarget"
    elif label is None or (is_known(label) and label not in _labels(request)):
        known = ", ".join(_labels(request)) or "absent, as the service has no target group"
        yield f"{CODE}: the resourceLabel of ALBRequestCountPerTarget must be {known}; not {label!r}"


def _labels(request: Request) -> Iterator[str]:
    """`app/NAME/ID/targetgroup/NAME/ID` for each load balancer that forwards to a target group of the service."""
    for service in _scaled(request):
        for group in target_groups(replace(request, inputs=service.properties)):
            for each in (each for kind in FORWARDING for each in request.visible(kind)):
                if group.properties["arn"] in forwards(each.properties):
                    balancer = balancer_arn(each.properties).partition("loadbalancer/")[2]
                    yield f"{balancer}/{group.properties['arn'].rpartition(':')[2]}"


# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html#API_PutScalingPolicy_Examples
_POLICY_ARN = (
    "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{uuid}:resource/{serviceNamespace}/{resourceId}"
    ":policyName/{name}"
)

TYPES = {
    types.SCALING_TARGET: ResourceType(
        id="{resourceId}",
        outputs={"arn": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex}"},
        replace_on_changes=frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
        validate=target.reasons,
        failure=Failure(
            source="appautoscaling/target.go", quota="LimitExceededException: A per-account resource limit is exceeded."
        ),
    ),
    types.SCALING_POLICY: ResourceType(
        id="{resourceId}/{name}",
        outputs={"arn": _POLICY_ARN},
        replace_on_changes=frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"}),
        name_property="name",
        references={"resourceId": (types.SCALING_TARGET, "resourceId")},
        blocks_delete=False,
        validate=policy.reasons,
        failure=Failure(
            source="appautoscaling/policy.go",
            empty_update="applies",
            quota="LimitExceededException: A per-account resource limit is exceeded.",
        ),
    ),
}
