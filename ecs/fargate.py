"""What Fargate runs tasks on: its sizes and its processors.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CPU_ARCHITECTURE = {"x86-64": "X86_64", "arm64": "ARM64"}
"""As ECS names them, by our name."""
PLATFORM = {"x86-64": "linux/amd64", "arm64": "linux/arm64"}
"""As Docker names them, by our name."""

MEMORY: Mapping[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
"""Memory in MiB that a task may have, by its CPU units (1024 units are one vCPU)."""


def describe(cpu: int) -> str:
    """What memory goes with `cpu` units, in words; the units there are, when there is no such size."""
    if cpu not in MEMORY:
        return f"cpu is one of {', '.join(map(str, MEMORY))}"
    memory = MEMORY[cpu]
    if isinstance(memory, range):
        return f"with cpu {cpu}, memory is {memory.start} to {memory[-1]} in steps of {memory.step}"
    return f"with cpu {cpu}, memory is one of {', '.join(map(str, memory))}"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How big a task is and how many of it run. Raises ValueError, saying what would be valid."""

    cpu: int
    """CPU units."""
    memory: int
    """MiB."""
    min: int
    """Tasks that always run."""
    max: int
    """Tasks at the highest load."""

    def __post_init__(self) -> None:
        if self.memory not in MEMORY.get(self.cpu, ()):
            raise ValueError(describe(self.cpu))
        if not 1 <= self.min <= self.max <= MOST_TASKS:
            raise ValueError(f"1 <= min ({self.min}) <= max ({self.max}) <= {MOST_TASKS}")


MOST_TASKS = 5000
"""Tasks of one service: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"""
