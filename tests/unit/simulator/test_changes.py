"""What AWS refuses of a change of a running stack, and of a deletion."""

from __future__ import annotations

from ecs import types
from tests.unit.simulator.world import World, network


def test_a_subnet_has_one_route_table_and_gets_another_by_an_update(world: World) -> None:
    vpc, [subnet, other] = network(world)
    tables = [world.create(types.ROUTE_TABLE, name, vpcId=vpc.id) for name in ("first", "second")]
    association = world.create(types.ROUTE_TABLE_ASSOCIATION, "routes", subnetId=subnet.id, routeTableId=tables[0].id)
    assert world.rejection(types.ROUTE_TABLE_ASSOCIATION, "more", subnetId=subnet.id, routeTableId=tables[1].id) == (
        f"Resource.AlreadyAssociated: the specified association for route table {tables[1].id} conflicts with an"
        f" existing association of {subnet.id}: routes"
    )
    assert world.create(types.ROUTE_TABLE_ASSOCIATION, "other", subnetId=other.id, routeTableId=tables[0].id)
    assert world.update(association, routeTableId=tables[1].id)
