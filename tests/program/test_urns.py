"""URNs are identities: one that moves without an alias is a resource deleted and created again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.stackfile import KEY
from ecs import types
from tests.declared import CATALOGUE, REGION, STACKS, declare_program

URNS = Path(__file__).with_name("urns")
IMAGES = {
    name: f"111122223333.dkr.ecr.{REGION}.amazonaws.com/mrgnl-{name}@sha256:{'a' * 64}" for name in CATALOGUE.names
}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stack_has_the_urns_that_it_was_first_deployed_with(stack: str) -> None:
    """A resource may be added to the file; a line that goes needs an alias, and a test of it."""
    settings: dict[str, Any] = yaml.safe_load((STACKS / f"Pulumi.{stack}.yaml").read_text())["config"][KEY]
    pins = {"images": IMAGES} if "images" in settings else {}
    keys: Any = {"build": None, **{key.replace("-", "_"): value for key, value in settings.items()}, **pins}
    urns = sorted(each.urn for each in declare_program(stack, **keys).registrations)
    assert urns == (URNS / f"{stack}.txt").read_text().splitlines(), "deployed resources would be replaced"


def test_the_association_of_a_private_subnet_takes_over_its_former_name_in_every_mode() -> None:
    """With `nat-per-zone`, it was named after the table of its zone."""
    network = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}
    for egress in ("public", "endpoints", "nat", "nat-per-zone"):
        declared = declare_program(network={**network, "egress": egress})
        former = {
            name: [alias.spec.name for alias in each.options.aliases]
            for name, each in declared.of(types.ROUTE_TABLE_ASSOCIATION).items()
        }
        assert former == {
            "network-public-us-east-1a-routes": [],
            "network-public-us-east-1b-routes": [],
            "network-private-us-east-1a-routes": ["network-private-us-east-1a-us-east-1a-routes"],
            "network-private-us-east-1b-routes": ["network-private-us-east-1b-us-east-1b-routes"],
        }
