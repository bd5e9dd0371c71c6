"""Which changes replace a resource: the simulated types compared with the source of the real provider.

replacements.json has, for each type, the properties that the provider replaces (`ForceNew`, `RequiresReplace` or its
CustomizeDiff), each with its line in the type's `Failure.source`, and the other properties that a program here sets,
which it updates in place. Failure.source is a file of:

- https://github.com/hashicorp/terraform-provider-aws/tree/5f2286d6d836/internal/service
- https://github.com/hashicorp/terraform-provider-random/tree/v3.9.0
- https://github.com/pulumi/pulumi-docker/tree/v5.1.0, whose Diff replaces nothing: a changed image is built again
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import TYPES
from simulator.sdk import DEFAULTS
from tests.bootstrapped import BUILDING, declare_bootstrap
from tests.declared import WITH_JOBS, declare_program

FACTS: dict[str, Any] = json.loads(Path(__file__).with_name("replacements.json").read_text())
NETWORK = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "flow-logs": True}


def test_every_simulated_type_has_facts() -> None:
    assert list(FACTS) == list(TYPES)


@pytest.mark.parametrize("token", TYPES)
def test_a_type_replaces_on_the_changes_on_which_the_provider_replaces(token: str) -> None:
    assert TYPES[token].replace_on_changes == set(FACTS[token]["replaced"])


def test_the_facts_name_every_property_that_a_program_sets() -> None:
    """A new property needs a look at the provider's source."""
    properties: defaultdict[str, set[str]] = defaultdict(set)
    for declared in (
        declare_program(services=WITH_JOBS, **BUILDING, network={**NETWORK, "egress": "nat-per-zone"}),
        declare_program(network={**NETWORK, "egress": "endpoints"}, redeploy={"mcp": 1}),
        declare_program(rollout={"default": {"strategy": "blue-green", "bake-minutes": 5}}),
        declare_bootstrap(),
    ):
        for each in declared.registrations:
            properties[each.type] |= {key for key in each.inputs if key != DEFAULTS}
    known = {token: {*facts["replaced"], *facts["updated"]} for token, facts in FACTS.items()}
    assert {token: found for token in TYPES if (found := properties[token] - known[token])} == {}
