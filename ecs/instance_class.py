"""What an instance class of RDS has: the memory of the EC2 instance type of the same name, and what follows from it."""

from __future__ import annotations

GIB = 1024**3
SMALL = {"micro": 1, "small": 2, "medium": 4, "large": 8}
"""GiB of the sizes below xlarge of the families m and t."""
FAMILIES = {"m": (1, 4), "t": (1, 2), "r": (2, 5)}
"""The memory of a family in proportion to that of m, and the first generation that has it."""
MOST_CONNECTIONS = 5000
PER_CONNECTION = 9_531_392
"""Bytes. PostgreSQL takes LEAST(memory / 9531392, 5000) connections by default.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections"""


def memory(instance_class: str) -> int | None:
    """The bytes of an instance class such as db.t4g.micro; None for a family that is not listed here.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
    """
    _, family, size = instance_class.split(".")
    factor, first = FAMILIES.get(family[0], (0, 0))
    generation = int(family[1]) if family[1:2].isdigit() else -1
    gib = 16 * int(size.removesuffix("xlarge") or 1) if size.endswith("xlarge") else SMALL.get(size, 0)
    return factor * gib * GIB if factor * gib and generation >= first else None


def max_connections(memory: int) -> int:
    """The default of max_connections for this memory, of which RDS itself takes a part: the real number is lower."""
    return min(memory // PER_CONNECTION, MOST_CONNECTIONS)
