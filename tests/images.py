"""Image references, by digest, in an account that is not simulated: they are valid without a push."""

from __future__ import annotations

from collections.abc import Iterable

from tests.declared import REGION

ACCOUNT = "111122223333"


def image(service: str, digit: str = "a") -> str:
    """The reference of a service's image; its digest repeats one hexadecimal digit."""
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mrgnl-{service}@sha256:{digit * 64}"


def images(services: Iterable[str], digit: str = "a") -> dict[str, str]:
    """The reference of each service's image."""
    return {service: image(service, digit) for service in services}
