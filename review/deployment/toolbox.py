"""The toolbox of a stack's debug tasks."""

from __future__ import annotations

from typing import cast

from ecs.container import DEBUG
from review.deployment.state import Properties


def toolbox(definition: Properties) -> str:
    """The image of a task definition of debug tasks, with a short digest; empty for another task definition."""
    containers: object = definition.get("containerDefinitions")
    if not str(definition.get("family")).endswith(f"_{DEBUG}") or not isinstance(containers, list):
        return ""
    image = str(cast(list[Properties], containers)[0]["image"])
    repository, _, digest = image.rpartition("/")[2].partition("@sha256:")
    return f"{repository}@sha256:{digest[:12]}"
