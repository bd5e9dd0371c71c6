"""Where the traffic of a service goes while ECS deploys it, and afterwards: the weights of its listener rule.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ecs import types
from simulator.aws.ecs_service import strategy
from simulator.aws.ecs_strategy import advanced
from simulator.aws.values import mapping, text
from simulator.store import Object, Properties, Store

GROUP = "productionTargetGroup"
"""Internal property of a service: the ARN of the target group whose tasks have the traffic between two deployments;
empty without one."""
STAGE = "lifecycleStage"
"""Internal property of a service: where its last deployment is, or failed; empty if it completed, or if it rolls."""
SCALE_UP, TESTED, STEP, BAKE = "SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME"
"""The stages in which the simulator lets a deployment stop.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html"""


def groups(service: Properties) -> tuple[str, str]:
    """The target group and the alternate one; empty where there is none."""
    for primary, given in advanced(service):
        return primary, text(given.get("alternateTargetGroupArn"))
    return "", ""


def other(service: Properties, group: str) -> str:
    primary, alternate = groups(service)
    return alternate if group == primary else primary


def group_after(service: Properties, former: str, *, completed: bool) -> str:
    """The target group that has the traffic after a deployment.

    Each one changes it, the first one included: https://github.com/go-to-k/cdk-real-drift/issues/1730 quotes the rule.
    """
    primary, alternate = groups(service)
    current = former if former in (primary, alternate) else primary
    return other(service, current) if completed and strategy(service) != "ROLLING" else current


def rewritten(store: Store, service: Object) -> Iterator[Object]:
    """The production rule of the service with the weights of its stage, if they are others."""
    properties = service.properties
    for primary, given in advanced(properties):
        for rule in store.find(types.LISTENER_RULE):
            if rule.id == given.get("productionListenerRule"):
                weights = _weights(properties)
                order = (primary, text(given.get("alternateTargetGroupArn")))
                targets = [{"arn": arn, "weight": weights.get(arn, 0)} for arn in order]
                actions = [{"type": "forward", "forward": {"targetGroups": targets}}]
                if rule.properties.get("actions") != actions:
                    yield replace(rule, properties={**rule.properties, "actions": actions})


def _weights(service: Properties) -> dict[str, float]:
    """Percent of the traffic, by target group."""
    group, stage = service[GROUP], service[STAGE] if service["rollout"] == "in progress" else ""
    new = {BAKE: 100, STEP: _first_part(service)}.get(stage, 0)
    return {group: 100 - new, other(service, group): new}


def _first_part(service: Properties) -> int:
    configuration = mapping(service.get("deploymentConfiguration"))
    canary, linear = (mapping(configuration.get(f"{key}Configuration")) for key in ("canary", "linear"))
    return round(canary.get("canaryPercent") or linear.get("stepPercent") or 0)
