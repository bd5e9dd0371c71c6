from __future__ import annotations

from dataclasses import replace

from ecs import types
from simulator import upgrade
from simulator.engine import TYPES
from tests.unit.simulator.world import World, network

HTTP = {"protocol": "HTTP", "port": 8080, "targetType": "ip"}


def test_an_object_of_an_older_version_gets_the_outputs_that_it_lacks_as_its_create_computes_them(world: World) -> None:
    group = world.create(types.TARGET_GROUP, vpcId=network(world)[0].id, **HTTP)
    known = {key: value for key, value in group.properties.items() if key != "arnSuffix"}
    world.store.put(replace(group, properties=known))
    world.create(types.VPC, "later", cidrBlock="10.1.0.0/16")
    upgrade.complete(world.store, TYPES)
    assert world.get(types.TARGET_GROUP, group.id) == group


def test_an_update_returns_an_output_that_pulumis_state_lacks(world: World) -> None:
    group = world.create(types.TARGET_GROUP, vpcId=network(world)[0].id, **HTTP)
    outputs = world.cloud.update(world.request(group), {})
    assert outputs["arnSuffix"] == group.properties["arnSuffix"]
