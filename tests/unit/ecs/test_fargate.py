from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs.fargate import MEMORY, Size

SMALL = Size(cpu=256, memory=512, min=1, max=2)
GIB = 1024
# Task-level CPU and memory, copied from https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
# fmt: off
TABLE: dict[int, list[int]] = {
    256: [512, 1 * GIB, 2 * GIB],
    512: [1 * GIB, 2 * GIB, 3 * GIB, 4 * GIB],
    1024: [2 * GIB, 3 * GIB, 4 * GIB, 5 * GIB, 6 * GIB, 7 * GIB, 8 * GIB],
    2048: [4096, 5120, 6144, 7168, 8192, 9216, 10240, 11264, 12288, 13312, 14336, 15360, 16384],
    4096: [8192, 9216, 10240, 11264, 12288, 13312, 14336, 15360, 16384, 17408, 18432, 19456, 20480, 21504, 22528,
           23552, 24576, 25600, 26624, 27648, 28672, 29696, 30720],
    8192: [16384, 20480, 24576, 28672, 32768, 36864, 40960, 45056, 49152, 53248, 57344, 61440],
    16384: [32768, 40960, 49152, 57344, 65536, 73728, 81920, 90112, 98304, 106496, 114688, 122880],
}
# fmt: on


def test_the_sizes_are_those_of_fargates_table() -> None:
    assert {cpu: list(memory) for cpu, memory in MEMORY.items()} == TABLE


@pytest.mark.parametrize(("cpu", "memory"), [(cpu, memory) for cpu in TABLE for memory in TABLE[cpu]])
def test_a_size_of_fargates_table_is_accepted(cpu: int, memory: int) -> None:
    size = replace(SMALL, cpu=cpu, memory=memory)
    assert (size.cpu, size.memory) == (cpu, memory)


@pytest.mark.parametrize(
    ("cpu", "memory", "message"),
    [
        (256, 256, "with cpu 256, memory is one of 512, 1024, 2048"),
        (256, 1536, "with cpu 256, memory is one of 512, 1024, 2048"),
        (256, 3072, "with cpu 256, memory is one of 512, 1024, 2048"),
        (512, 512, "with cpu 512, memory is 1024 to 4096 in steps of 1024"),
        (1024, 1024, "with cpu 1024, memory is 2048 to 8192 in steps of 1024"),
        (1024, 2049, "with cpu 1024, memory is 2048 to 8192 in steps of 1024"),
        (2048, 17408, "with cpu 2048, memory is 4096 to 16384 in steps of 1024"),
        (4096, 31744, "with cpu 4096, memory is 8192 to 30720 in steps of 1024"),
        (8192, 17408, "with cpu 8192, memory is 16384 to 61440 in steps of 4096"),
        (16384, 36864, "with cpu 16384, memory is 32768 to 122880 in steps of 8192"),
        (16384, 131072, "with cpu 16384, memory is 32768 to 122880 in steps of 8192"),
        (300, 512, "cpu is one of 256, 512, 1024, 2048, 4096, 8192, 16384"),
        (0, 0, "cpu is one of 256, 512, 1024, 2048, 4096, 8192, 16384"),
    ],
)
def test_a_size_outside_of_fargates_table_is_rejected_with_the_valid_values(
    cpu: int, memory: int, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        replace(SMALL, cpu=cpu, memory=memory)


@pytest.mark.parametrize("changes", [{"min": 0}, {"min": 3}, {"max": 0}, {"min": -1, "max": 1}, {"max": 5001}])
def test_invalid_numbers_of_tasks_are_rejected(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"^1 <= min \(-?\d+\) <= max \(\d+\) <= 5000$"):
        replace(SMALL, **changes)


@pytest.mark.parametrize("changes", [{"min": 1, "max": 1}, {"min": 5000, "max": 5000}, {"max": 5000}])
def test_numbers_of_tasks_from_1_to_the_quota_are_accepted(changes: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html: tasks per service, 5,000."""
    assert replace(SMALL, **changes)
