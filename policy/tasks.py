"""House rules on ECS: images, environment variables and failed rollouts.

A first preview does not know container definitions that contain the attributes of a resource that does not exist yet.
The update checks those before it registers the task definition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ecs import types
from policy.rule import Resource, of, resource_rule, stack_rule

CONTAINERS = "containerDefinitions"

SECRET_WORDS = frozenset(
    {"APIKEY", "CREDENTIAL", "CREDENTIALS", "DSN", "KEY", "PASSPHRASE", "PASSWD", "PASSWORD", "SECRET", "TOKEN"}
)
"""A variable whose last word is one of these contains a secret; one that ends in _ARN or _ID does not."""
SECRET_VALUES = {
    "a URL with a password": re.compile(r"://[^/@\s]*:[^/@\s]+@"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a signed token": re.compile(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+"),
}


def _containers(resource: Resource) -> list[dict[str, Any]]:
    return json.loads(resource.props[CONTAINERS])


@resource_rule(
    id="images-are-named-by-digest",
    description="A task definition names its images by digest.",
    types={types.TASK_DEFINITION},
    fix="Name the image as `<repository>@sha256:<64 hexadecimal digits>`.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
)
def images_are_named_by_digest(resource: Resource) -> Iterator[str]:
    for container in _containers(resource):
        if not re.search(r"@sha256:[0-9a-f]{64}$", container["image"]):
            yield f"container {container['name']} runs {container['image']}, which a later push can replace"


@resource_rule(
    id="no-secret-in-plain-environment",
    description="A secret reaches a container by its ARN, never by its value.",
    types={types.TASK_DEFINITION},
    fix=(
        "Store it in Secrets Manager, name it in the entry's `secrets` in services.py and put its ARN into the"
        " stack file."
    ),
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
)
def no_secret_in_plain_environment(resource: Resource) -> Iterator[str]:
    """A finding never contains the value."""
    for container in _containers(resource):
        for variable in container.get("environment", []):
            name, value = variable["name"], variable["value"]
            kinds = _kinds(value)
            if name.upper().split("_")[-1] in SECRET_WORDS:
                kinds.append("a secret, by its name")
            if kinds:
                yield f"{name} of container {container['name']} looks like {kinds[0]}"


@resource_rule(
    id="no-secret-in-a-plain-parameter",
    description="A parameter of Systems Manager contains no secret.",
    types={types.PARAMETER},
    fix="Store it in Secrets Manager.",
    source="https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html",
)
def no_secret_in_a_plain_parameter(resource: Resource) -> Iterator[str]:
    """A finding never contains the value."""
    props = resource.props
    if props["type"] == "SecureString" or props.get("value"):
        yield "its value is secret, and a copy of it is in Pulumi's state"
    elif kinds := _kinds(props.get("insecureValue") or ""):
        yield f"its value looks like {kinds[0]}"


def _kinds(value: str) -> list[str]:
    """The kinds of secrets that the value looks like."""
    return [kind for kind, pattern in SECRET_VALUES.items() if pattern.search(value)]


@resource_rule(
    id="the-circuit-breaker-is-on",
    description="ECS rolls a failed deployment back.",
    types={types.SERVICE},
    fix="Set deployment_circuit_breaker to enable=True, rollback=True.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
)
def the_circuit_breaker_is_on(resource: Resource) -> Iterator[str]:
    breaker = resource.props.get("deploymentCircuitBreaker", {})
    if not (breaker.get("enable") and breaker.get("rollback")):
        yield "ECS does not roll a failed deployment back"


@stack_rule(
    id="a-stack-builds-all-its-images-or-none",
    description="A stack builds the images of all its services, or runs pinned images and builds none.",
    fix="Use `build` for all services of the stack, or `images` for all.",
)
def a_stack_builds_all_its_images_or_none(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    images = {each.urn for each in of(resources, types.DOCKER_IMAGE)}
    definitions = of(resources, types.TASK_DEFINITION)
    # A preview does not know an image's digest, but it knows the resource that the digest comes from.
    built = {each.urn: images & set(each.uses.get(CONTAINERS, ())) for each in definitions}
    for image in of(resources, types.DOCKER_IMAGE):
        if not any(image.urn in each for each in built.values()):
            yield image, "is built, but no task definition runs it"
    for definition in definitions:
        if images and not built[definition.urn]:
            yield definition, "runs a pinned image in a stack that builds images"
