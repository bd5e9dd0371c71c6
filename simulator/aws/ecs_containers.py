"""The form in which ECS returns container definitions, and the differences from it that the provider ignores.

The provider compares both sides after it has leveled them; what is left replaces the task definition in each `up`.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.store import Properties

EMPTY: Properties = {
    "cpu": 0,
    "environment": [],
    "mountPoints": [],
    "portMappings": [],
    "systemControls": [],
    "volumesFrom": [],
}
"""Properties that ECS returns if they were not sent.

Recorded answers of AWS (Cloud Custodian, 2024); systemControls:
https://github.com/hashicorp/terraform-aws-consul-ecs/issues/318
"""
HEALTH_CHECK: Properties = {"interval": 30, "retries": 3, "timeout": 5}
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""


def returned(containers: Iterable[Properties]) -> list[Properties]:
    """Container definitions in network mode awsvpc, as ECS returns them after it has registered them."""
    return [_returned(each) for each in containers]


def is_equivalent(sent: Iterable[Properties], returned: Iterable[Properties]) -> bool:
    """Whether the provider finds no difference.

    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecs/container_definitions.go
    """
    return _leveled(sent) == _leveled(returned)


def _returned(container: Properties) -> Properties:
    found: Properties = {**EMPTY, "essential": True, **container}
    found["portMappings"] = [
        {**({"hostPort": each["containerPort"]} if "containerPort" in each else {}), "protocol": "tcp", **each}
        for each in found["portMappings"]
    ]
    # https://github.com/hashicorp/terraform-provider-aws/issues/39533 (2024-09) reports an empty value as dropped. Four
    # answers that Cloud Custodian recorded in 2024 still have empty values. config/catalogue.py refuses them.
    found["environment"] = [each for each in found["environment"] if each.get("value")]
    if "linuxParameters" in found:
        found["linuxParameters"] = _linux_parameters(found["linuxParameters"])
    return found


def _linux_parameters(parameters: Properties) -> Properties:
    """Both lists of capabilities, or none at all.

    https://github.com/braintrustdata/terraform-aws-braintrust-data-plane/pull/335 (2026-08),
    https://github.com/TerraConstructs/base/pull/158 (2026-08): an empty `capabilities` is dropped.
    """
    kept = {key: value for key, value in parameters.items() if key != "capabilities"}
    capabilities: Properties = parameters.get("capabilities") or {}
    if any(capabilities.values()):
        kept["capabilities"] = {"add": [], "drop": [], **capabilities}
    return kept


def _leveled(containers: Iterable[Properties]) -> list[Properties]:
    return sorted((_leveled_container(each) for each in containers), key=lambda each: str(each.get("name")))


def _leveled_container(container: Properties) -> Properties:
    """Only lists directly in the container are leveled: an empty list within another property is a difference. Of its
    numbers only `cpu` is no pointer in the provider, so that 0 is as good as absent.
    """
    leveled: Properties = {"essential": True, **container}
    for key in ("environment", "secrets"):
        leveled[key] = sorted(leveled.get(key) or [], key=lambda each: str(each.get("name")))
    ports: list[Properties] = leveled.get("portMappings") or []
    leveled["portMappings"] = [_leveled_port(each) for each in ports]
    if "healthCheck" in leveled:
        leveled["healthCheck"] = {**HEALTH_CHECK, **leveled["healthCheck"]}
    return {key: value for key, value in leveled.items() if value not in ([], None) and (key, value) != ("cpu", 0)}


def _leveled_port(port: Properties) -> Properties:
    return {
        "hostPort": port.get("containerPort"),
        "protocol": "tcp",
        **{key: each for key, each in port.items() if each},
    }
