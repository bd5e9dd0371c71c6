"""House rules on ECS: images, environment variables and failed rollouts.

A first preview does not know container definitions that contain the attributes of a resource that does not exist yet.
The update checks those before it registers the task definition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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


DEBUG = re.compile(r"(?P<service>.+)-debug-definition")
"""The logical name of the task definition of a service's debug tasks: components/debug.py."""


def _is_of_debug_tasks(resource: Resource) -> bool:
    """Whether its family is `<prefix>-<service>_debug`. No other one may be written to or run an image of its own."""
    named = DEBUG.fullmatch(resource.name)
    return bool(named) and str(resource.props.get("family")).endswith(f"-{named['service']}_debug")


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
    id="containers-cannot-be-changed",
    description="A container has a read-only root file system and no Linux capability, except that of a debug task.",
    types={types.TASK_DEFINITION},
    fix="Set readonlyRootFilesystem to true and drop ALL capabilities, or debug it by `python -m ops debug`.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5",
)
def containers_cannot_be_changed(resource: Resource) -> Iterator[str]:
    for container in [] if _is_of_debug_tasks(resource) else _containers(resource):
        if not container.get("readonlyRootFilesystem"):
            yield f"container {container['name']} can write to its root file system"
        capabilities = container.get("linuxParameters", {}).get("capabilities", {})
        if capabilities.get("add") or "ALL" not in capabilities.get("drop", ()):
            yield f"container {container['name']} has Linux capabilities"


@resource_rule(
    id="services-have-no-shell",
    description="No service has ECS Exec: only debug tasks have it, and each is somebody's own.",
    types={types.SERVICE},
    fix="Leave enable_execute_command out, and debug the service by `python -m ops debug`: docs/howto/debug.md.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
)
def services_have_no_shell(resource: Resource) -> Iterator[str]:
    if resource.props.get("enableExecuteCommand"):
        yield "somebody can open a shell in its tasks"


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
    description="ECS rolls a failed deployment back: by the circuit breaker, or by alarms with CANARY and LINEAR.",
    types={types.SERVICE},
    fix="Set deployment_circuit_breaker to enable=True, rollback=True; with CANARY and LINEAR, set `alerts`.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html",
)
def the_circuit_breaker_is_on(resource: Resource) -> Iterator[str]:
    configuration: Mapping[str, Any] = resource.props.get("deploymentConfiguration") or {}
    strategy = configuration.get("strategy")
    brake = "alarms" if strategy in ("CANARY", "LINEAR") else "deploymentCircuitBreaker"
    found: Mapping[str, Any] = resource.props.get(brake) or {}
    if not (found.get("enable") and found.get("rollback")):
        yield "ECS does not roll a failed deployment back"


@stack_rule(
    id="a-stack-builds-all-its-images-or-none",
    description="A stack builds the images of all its services, or runs pinned images and builds none.",
    fix="Use `build` for all services of the stack, or `images` for all.",
)
def a_stack_builds_all_its_images_or_none(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    images = {each.urn for each in of(resources, types.DOCKER_IMAGE)}
    definitions = [each for each in of(resources, types.TASK_DEFINITION) if not _is_of_debug_tasks(each)]
    # A preview does not know an image's digest, but it knows the resource that the digest comes from.
    built = {each.urn: images & set(each.uses.get(CONTAINERS, ())) for each in definitions}
    for image in of(resources, types.DOCKER_IMAGE):
        if not any(image.urn in each for each in built.values()):
            yield image, "is built, but no task definition runs it"
    for definition in definitions:
        if images and not built[definition.urn]:
            yield definition, "runs a pinned image in a stack that builds images"
