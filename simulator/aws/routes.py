"""Where a subnet's traffic goes. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html"""

from __future__ import annotations

from ecs import types
from ecs.network import INTERNET
from simulator.cloud import Request, as_list
from simulator.store import Object, Properties


def logical_name(object: Object) -> str:
    """The name under which the program declares an object."""
    return object.urn.split("::")[-1] or object.id


def by_id(request: Request, kind: str, id: object) -> Object | None:
    """The object that is guaranteed to exist."""
    return next((each for each in request.visible(kind) if each.id == id), None)


def named(request: Request, kind: str, id: str) -> str:
    """The logical name of the object with this ID; the ID if there is none."""
    found = by_id(request, kind, id)
    return logical_name(found) if found else id


def tables(request: Request, subnet: str) -> list[Object]:
    """The associated route table. Without one a subnet has the main table of its VPC, with its local route only."""
    associated = {
        each.properties["routeTableId"] for each in request.visible(types.ROUTE_TABLE_ASSOCIATION, subnetId=subnet)
    }
    return [table for table in request.visible(types.ROUTE_TABLE) if table.id in associated]


def has_internet_route(request: Request, subnet: str, *, public: bool) -> bool:
    """Whether a default route to an internet gateway (`public`) or to a NAT gateway that reaches the internet exists.

    https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html
    """
    key = "gatewayId" if public else "natGatewayId"
    return any(
        route.get(key) and not _route_problem(request, route, subnet, public=public)
        for route in _default_routes(request, subnet)
    )


def internet_problem(request: Request, subnet: str, *, public: bool) -> str | None:
    """Why an interface in this subnet, with a public address or without, does not reach the internet; None if it does.

    A route to something that the simulator does not know, such as a transit gateway, is taken to lead out.
    """
    routes = _default_routes(request, subnet)
    problems = [_route_problem(request, route, subnet, public=public) for route in routes]
    if None in problems:
        return None
    if not (attached := tables(request, subnet)):
        return "no route table is associated with it"
    return problems[0] if problems else f"{logical_name(attached[0])} has no route to {INTERNET}"


def _default_routes(request: Request, subnet: str) -> list[Properties]:
    """The routes to all addresses: to 0.0.0.0/0, or to ranges that make it up."""
    routes = [route for table in tables(request, subnet) for route in as_list(table.properties.get("routes"))]
    whole = [route for route in routes if route.get("cidrBlock") == INTERNET]
    halves = [route for route in routes if route.get("cidrBlock") in ("0.0.0.0/1", "128.0.0.0/1")]
    return whole or (halves if len(halves) == 2 else [])


def _route_problem(request: Request, route: Properties, subnet: str, *, public: bool) -> str | None:
    """Why an interface with or without a public address does not reach the internet by this route."""
    if (gateway := route.get("natGatewayId")) is not None:
        return _nat_problem(request, gateway, vpc_of(request, subnet))
    gateway = str(route.get("gatewayId") or "")
    if gateway == "local":
        return "its route leads nowhere outside of the VPC"
    if not gateway.startswith("igw-"):
        return None
    found = by_id(request, types.INTERNET_GATEWAY, gateway)
    if not found or found.properties.get("vpcId") != vpc_of(request, subnet):
        return f"its route to the internet gateway {gateway} is a blackhole: it is not attached to this VPC"
    if not public:
        name = logical_name(found)
        return f"its route leads to the internet gateway {name}, which a task without a public address cannot use"
    return None


def _nat_problem(request: Request, gateway: str, vpc: object) -> str | None:
    """Why a NAT gateway does not reach the internet.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
    """
    found = by_id(request, types.NAT_GATEWAY, gateway)
    if not found:
        return f"its route to the NAT gateway {gateway} is a blackhole: it does not exist"
    name, own = logical_name(found), found.properties.get("subnetId")
    if own is None:  # a regional NAT gateway has routes of its own
        return None
    if vpc_of(request, own) != vpc:
        return f"its route leads to the NAT gateway {name}, which is in another VPC"
    if found.properties.get("connectivityType") == "private":
        return f"its route leads to the NAT gateway {name}, whose connectivityType is private"
    if not has_internet_route(request, own, public=True):
        subnet = named(request, types.SUBNET, own)
        return f"its route leads to the NAT gateway {name} in {subnet}, which has no route to an internet gateway"
    return None


def vpc_of(request: Request, subnet: str) -> object:
    """The ID of the subnet's VPC; None if the subnet does not exist."""
    found = by_id(request, types.SUBNET, subnet)
    return found.properties["vpcId"] if found else None
