"""Task sizes and CPU architectures of Fargate.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Architecture = Literal["x86-64", "arm64"]
CPU_ARCHITECTURE: Mapping[Architecture, str] = {"x86-64": "X86_64", "arm64": "ARM64"}
"""The name that ECS uses for each architecture."""
PLATFORM: Mapping[Architecture, str] = {"x86-64": "linux/amd64", "arm64": "linux/arm64"}
"""The platform that Docker uses for each architecture."""

MEMORY: Mapping[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
"""The memory values in MiB that Fargate supports, by CPU units. 1024 units are one vCPU."""


def describe(cpu: int) -> str:
    """Describes the memory values for `cpu` units; the valid units if Fargate does not support this number."""
    if cpu not in MEMORY:
        return f"cpu is one of {', '.join(map(str, MEMORY))}"
    memory = MEMORY[cpu]
    if isinstance(memory, range):
        return f"with cpu {cpu}, memory is {memory.start} to {memory[-1]} in steps of {memory.step}"
    return f"with cpu {cpu}, memory is one of {', '.join(map(str, memory))}"


@dataclass(frozen=True, kw_only=True)
class Size:
    """The CPU and memory of a task and the number of tasks. Raises ValueError, which describes the valid values."""

    cpu: int
    """CPU units."""
    memory: int
    """MiB."""
    min: int
    """The minimum number of tasks."""
    max: int
    """The maximum number of tasks."""

    def __post_init__(self) -> None:
        if self.memory not in MEMORY.get(self.cpu, ()):
            raise ValueError(describe(self.cpu))
        if not 1 <= self.min <= self.max <= MAX_TASKS:
            raise ValueError(f"1 <= min ({self.min}) <= max ({self.max}) <= {MAX_TASKS}")


MAX_TASKS = 5000
"""The quota of tasks per service: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"""
