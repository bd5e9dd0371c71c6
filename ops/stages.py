"""Where a deployment is that ECS has not ended, in a few words, and the command that comes next.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
"""

from __future__ import annotations

from collections.abc import Mapping

from ops.approval import until
from ops.cloud import Cloud
from ops.deployments import GOING_BACK, Detail, ServiceDeployment

STAGES: Mapping[str, tuple[str, str]] = {
    "RECONCILE_SERVICE": ("settling", "settles with the deployment before it"),
    "PRE_SCALE_UP": ("starting", "is about to start its tasks"),
    "SCALE_UP": ("starting", "starts its tasks, beside the former ones"),
    "POST_SCALE_UP": ("starting", "has started its tasks; they have no traffic yet"),
    "TEST_TRAFFIC_SHIFT": ("testing", "leads test requests to its tasks"),
    "POST_TEST_TRAFFIC_SHIFT": ("testing", "answers test requests; its tasks have no traffic yet"),
    "PRE_PRODUCTION_TRAFFIC_SHIFT": ("shifting", "is about to shift traffic"),
    "PRODUCTION_TRAFFIC_SHIFT": ("shifting", "shifts traffic to its tasks"),
    "POST_PRODUCTION_TRAFFIC_SHIFT": ("shifting", "has shifted all traffic to its tasks"),
    "BAKE_TIME": ("baking", "bakes: its tasks have all traffic, and the former ones still run"),
    "CLEAN_UP": ("cleaning up", "stops the former tasks"),
}
"""By lifecycle stage: a word, and what the deployment does. An alarm before CLEAN_UP shifts the traffic back."""


def word(detail: Detail) -> str:
    """For a table; empty if ECS names no stage, as of a rolling deployment."""
    return "waiting" if detail.waits else STAGES.get(detail.stage, (detail.stage.lower(), ""))[0]


def sentence(deployment: ServiceDeployment, detail: Detail) -> str:
    """What the deployment does, after its name; empty if ECS names no stage."""
    if deployment.status in GOING_BACK:
        return f"is being rolled back ({deployment.status})"
    if detail.waits:
        return f"waits for approval{until(detail.waits.expires)}"
    return STAGES.get(detail.stage, ("", f"is in the stage {detail.stage}" if detail.stage else ""))[1]


def command(cloud: Cloud, stack: str, service: str, deployment: ServiceDeployment, detail: Detail) -> str:
    """What a person does next, in a sentence."""
    if deployment.status in GOING_BACK:
        return f"Wait for it: `{cloud.verb(f'status {stack}')}`."
    if detail.waits:
        approve, reject = (cloud.verb(f"{verb} {stack} {service}") for verb in ("approve", "reject"))
        return f"`{approve}` lets it go on, `{reject}` ends it."
    return f"ECS completes it by itself; `{cloud.verb(f'stop-rollout {stack} {service}')}` ends it."
