"""IPv4 ranges as EC2 and its provider read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, collapse_addresses

from simulator.sdk import UNKNOWN


def parse(value: object) -> IPv4Network | None:
    """The range; None if there is none, or if it is unknown or malformed."""
    try:
        return IPv4Network(value) if isinstance(value, str) and "/" in value else None
    except ValueError:
        return None


def parsed(values: Iterable[object]) -> list[IPv4Network]:
    """The ranges among these values."""
    return [block for block in map(parse, values) if block]


def is_malformed(value: object) -> bool:
    return value is not None and value != UNKNOWN and parse(value) is None


def problems(value: object, parameter: str) -> Iterator[str]:
    """Why a value is no range in CIDR notation. The provider takes no address with host bits, although EC2 does.

    https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/verify/validate.go
    """
    if not is_malformed(value):
        return
    yield f"InvalidParameterValue: Value ({value}) for parameter {parameter} is invalid. This is not a valid CIDR block"


def covers(ranges: Iterable[IPv4Network], block: IPv4Network) -> bool:
    """Whether these ranges contain each address of the block."""
    return any(block.subnet_of(each) for each in collapse_addresses(ranges))
