"""Lifecycle hooks of a deployment, at which it waits for a function or for a person.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.ecs_service import service
from simulator.aws.ecs_strategy import effective
from simulator.aws.values import mapping, mappings, outside, texts
from simulator.cloud import Request
from simulator.store import Properties

PAUSES = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html"
HOOK = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html"
CODE = "InvalidParameterException"
IN_ROLLBACKS = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
"""The stages that a rollback passes, too."""
MOST_HOOKS, MOST_MINUTES, MINUTES = 10, 20_160, 1440
"""The hooks of one kind, the minutes that a pause may last, and those that it lasts by default."""


def pauses(inputs: Properties) -> list[Properties]:
    """The hooks at which a deployment waits for ContinueServiceDeployment."""
    return [each for each in _hooks(inputs) if each.get("targetType") == "PAUSE"]


def _hooks(inputs: Properties) -> list[Properties]:
    return mappings(mapping(inputs.get("deploymentConfiguration")).get("lifecycleHooks"))


@service(PAUSES)
def a_pause_is_at_a_stage_of_no_rollback(request: Request) -> Iterator[str]:
    """A deployment pauses at no stage that a rollback passes, too, for 1 to 20,160 minutes."""
    for hook in pauses(effective(request)):
        for stage in texts(hook.get("lifecycleStages")):
            if stage in IN_ROLLBACKS:
                yield f"{CODE}: a PAUSE hook cannot be configured at the lifecycle stage {stage}"
        yield from outside(CODE, mapping(hook.get("timeoutConfiguration")), [("timeoutInMinutes", 1, MOST_MINUTES)])


@service(PAUSES)
def a_service_has_few_hooks(request: Request) -> Iterator[str]:
    """A service has at most 10 hooks that pause and 10 that call a function."""
    hooks, pausing = _hooks(effective(request)), pauses(effective(request))
    for kind, count in (("PAUSE", len(pausing)), ("AWS_LAMBDA", len(hooks) - len(pausing))):
        if count > MOST_HOOKS:
            yield f"{CODE}: a service can have at most {MOST_HOOKS} {kind} hooks, not {count}"


@service(HOOK)
def a_hook_that_calls_a_function_names_it(request: Request) -> Iterator[str]:
    """A lifecycle hook that calls a function names the function."""
    for hook in _hooks(effective(request)):
        if hook not in pauses(effective(request)) and not hook.get("hookTargetArn"):
            yield f"{CODE}: a lifecycle hook of the type AWS_LAMBDA requires a hookTargetArn"
