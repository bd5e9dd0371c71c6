"""The key `sizes`: partial sizes of services and jobs."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from config.section import Section
from ecs.fargate import Size

SIZE = {"cpu": 256, "memory": 512, "min": 1, "max": 2}
"""The default size: CPU units, MiB, and the minimum and maximum number of tasks."""


class SizeChange(Section):
    """A partial size. A missing value is that of `default`, or the built-in default."""

    cpu: int | None = Field(default=None, examples=[512])
    """CPU units; 1024 are one vCPU."""
    memory: int | None = Field(default=None, examples=[1024])
    """MiB; the CPU units bound it."""
    min: int | None = Field(default=None, examples=[2])
    """Tasks that always run."""
    max: int | None = Field(default=None, examples=[6])
    """Tasks at the highest load."""


def size_of(sizes: Mapping[str, SizeChange], name: str) -> Size:
    """The size of a service or a job, or of `default`. Raises ValueError for a size that Fargate does not support."""
    return Size(**{**SIZE, **configured_size(sizes, name)})


def configured_size(sizes: Mapping[str, SizeChange], name: str) -> dict[str, int]:
    """The size of a service or a job as the stack file sets it, including `default`."""
    changes = [sizes[key].model_dump(exclude_none=True) for key in ("default", name) if key in sizes]
    return {key: value for change in changes for key, value in change.items()}
