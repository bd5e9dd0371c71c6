"""What runs: which image, with what in its environment, and what happens when it does not start.

A first preview does not know container definitions that name something yet to be made. What is said of those is judged
by the update, before the task definition is registered, and in pull requests, where the program is brought up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from policy.rule import Resource, Rule, StackRule, of

IMAGE = "docker:index/image:Image"
SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
CONTAINERS = "containerDefinitions"

SECRET_WORDS = frozenset(
    {"APIKEY", "CREDENTIAL", "CREDENTIALS", "DSN", "KEY", "PASSPHRASE", "PASSWD", "PASSWORD", "SECRET", "TOKEN"}
)
"""A variable whose last word is one of these holds a secret; one that ends in _ARN or _ID does not."""
SECRET_VALUES = {
    "a URL with a password": re.compile(r"://[^/@\s]*:[^/@\s]+@"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a signed token": re.compile(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+"),
}


def _containers(resource: Resource) -> list[dict[str, Any]]:
    return json.loads(resource.props[CONTAINERS])


def _digest(resource: Resource) -> Iterator[str]:
    for container in _containers(resource):
        if not re.search(r"@sha256:[0-9a-f]{64}$", container["image"]):
            yield (
                f"container {container['name']} runs {container['image']}, which may be another image tomorrow:"
                " name it by <repository>@sha256:<64 hex>"
            )


DIGEST = Rule(
    name="images-are-named-by-digest",
    description="A task definition names its images by digest.",
    types=frozenset({TASK_DEFINITION}),
    check=_digest,
)


def _environment(resource: Resource) -> Iterator[str]:
    """Never says the value."""
    for container in _containers(resource):
        for variable in container.get("environment", []):
            name, value = variable["name"], variable["value"]
            looks = [kind for kind, pattern in SECRET_VALUES.items() if pattern.search(value)]
            if name.upper().split("_")[-1] in SECRET_WORDS:
                looks.append("a secret, by its name")
            if looks:
                yield (
                    f"{name} of container {container['name']} looks like {looks[0]}: put it into Secrets Manager, name"
                    " it in the entry's `secrets` in services.py and give its ARN in the stack file"
                )


ENVIRONMENT = Rule(
    name="no-secret-in-plain-environment",
    description="A secret reaches a container by its ARN, never by its value.",
    types=frozenset({TASK_DEFINITION}),
    check=_environment,
)


def _breaker(resource: Resource) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    breaker = resource.props.get("deploymentCircuitBreaker", {})
    if not (breaker.get("enable") and breaker.get("rollback")):
        yield "a rollout that fails goes on for ever: set deployment_circuit_breaker to enable=True, rollback=True"


BREAKER = Rule(
    name="the-circuit-breaker-is-on",
    description="A rollout that fails is rolled back.",
    types=frozenset({SERVICE}),
    check=_breaker,
)


def _builds(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """A preview does not know an image's digest, but from which resource it comes."""
    images = {each.urn for each in of(resources, IMAGE)}
    definitions = of(resources, TASK_DEFINITION)
    built = {each.urn: images & set(each.uses.get(CONTAINERS, ())) for each in definitions}
    for image in of(resources, IMAGE):
        if not any(image.urn in each for each in built.values()):
            yield image, "is built, but no task runs it: a pinned stack builds nothing; remove it"
    for definition in definitions:
        if images and not built[definition.urn]:
            yield definition, "runs a pinned image in a stack that builds: use either `build` or `images` for all"


BUILDS = StackRule(
    name="a-stack-builds-all-its-images-or-none",
    description="A stack that runs pinned images builds nothing.",
    check=_builds,
)
