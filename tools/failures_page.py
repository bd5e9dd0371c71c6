"""The table in docs/simulator.md: what a failure leaves, by resource type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.engine import TYPES
from simulator.failure import Failure

PROVIDERS: Mapping[str, str] = {
    "aws": "https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/",
    "docker": "https://github.com/pulumi/pulumi-docker/blob/v5.1.0/",
    "random": "https://github.com/hashicorp/terraform-provider-random/blob/main/",
}
"""The folder of each package's `Failure.source`."""
CREATED = {"recorded": "in the state, with init errors", "lost": "not in the state"}
NEXT = {
    "reads": "changes nothing, reads AWS; the second one changes it",
    "applies": "sends all values again",
    "nothing": "changes and reads nothing; only a refresh sees it",
    "fails": "fails until a refresh",
}
COLUMNS = ("type", "created, then failed", "update refused: state", "the next `up`", "a refresh does not read")


def table() -> str:
    """One row for each simulated type, in the order of the type tokens."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    for token, kind in sorted(TYPES.items()):
        yield f"| {' | '.join(_cells(token, kind.failure))} |"


def _cells(token: str, failure: Failure) -> tuple[str, ...]:
    package, module, name = token.split(":")
    is_planned = failure.state == "planned"
    return (
        f"[{package}.{module.partition('/')[0]}.{name}]({PROVIDERS[package]}{failure.source})",
        CREATED[failure.created],
        "planned values, init errors" if is_planned else "former values",
        NEXT[failure.empty_update] if is_planned else "is the same update again",
        ", ".join(f"`{each}`" for each in sorted(failure.unreadable)),
    )
