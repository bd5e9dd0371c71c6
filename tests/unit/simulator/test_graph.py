from __future__ import annotations

from pulumi.runtime.proto import resource_pb2

from simulator.graph import Graph
from tests.declared import declare

# As the engine gives them: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
PROJECT = "urn:pulumi:test::marginalia"
STACK = f"{PROJECT}::pulumi:pulumi:Stack::marginalia-test"
NETWORK = f"{PROJECT}::marginalia:network:Network::network"
VPC = f"{PROJECT}::marginalia:network:Network$aws:ec2/vpc:Vpc::network-vpc"
SUBNET = f"{PROJECT}::marginalia:network:Network$aws:ec2/subnet:Subnet::network-a"
SERVICE = f"{PROJECT}::marginalia:service:Service::mcp"
TASK = f"{PROJECT}::marginalia:service:Service$marginalia:service:Task::mcp-task"
ROLE = f"{PROJECT}::marginalia:service:Service$marginalia:service:Task$aws:iam/role:Role::mcp-role"
LOGS = f"{PROJECT}::aws:cloudwatch/logGroup:LogGroup::logs"


def ancestors(of: str, *requests: resource_pb2.RegisterResourceRequest) -> frozenset[str]:
    graph = Graph()

    def register() -> None:
        for each in requests:
            graph.add(each)

    declare(register)  # in a world in which a stack's name and its project's are known
    return graph.ancestors(of)


def request(
    urn: str, *, parent: str = "", depends_on: tuple[str, ...] = (), values_of: tuple[str, ...] = ()
) -> resource_pb2.RegisterResourceRequest:
    """What the SDK sends for the resource that will have this URN."""
    types, name = urn.removeprefix(f"{PROJECT}::").split("::")
    made = resource_pb2.RegisterResourceRequest(
        type=types.split("$")[-1], name=name, parent=parent, dependencies=depends_on
    )
    for number, each in enumerate(values_of):
        made.propertyDependencies[f"property-{number}"].urns.append(each)
    return made


def test_what_a_value_comes_from_is_an_ancestor() -> None:
    subnet = request(SUBNET, parent=NETWORK, values_of=(VPC, LOGS))
    assert ancestors(SUBNET, request(VPC, parent=NETWORK), subnet) == {VPC, LOGS}


def test_what_is_depended_on_is_an_ancestor() -> None:
    assert ancestors(LOGS, request(LOGS, parent=STACK, depends_on=(VPC,))) == {VPC}


def test_ancestors_of_ancestors_count() -> None:
    chain = (
        request(VPC, parent=NETWORK, depends_on=(LOGS,)),
        request(SUBNET, parent=NETWORK, values_of=(VPC,)),
        request(ROLE, parent=TASK, depends_on=(SUBNET,)),
    )
    assert ancestors(ROLE, *chain) == {LOGS, VPC, SUBNET}


def test_a_resource_is_known_by_its_urn_however_deep_it_lies() -> None:
    for urn, parent in ((LOGS, STACK), (LOGS, ""), (SUBNET, NETWORK), (TASK, SERVICE), (ROLE, TASK)):
        assert ancestors(urn, request(urn, parent=parent, depends_on=(VPC,))) == {VPC}, urn


def test_what_stands_beside_or_is_the_parent_is_no_ancestor() -> None:
    beside = (request(VPC, parent=NETWORK), request(SUBNET, parent=NETWORK, values_of=(VPC,)))
    assert ancestors(LOGS, *beside, request(LOGS, parent=STACK)) == frozenset()
    assert ancestors(VPC, *beside) == frozenset()


def test_a_circle_of_dependencies_comes_to_an_end() -> None:
    circle = (request(VPC, parent=NETWORK, depends_on=(LOGS,)), request(LOGS, parent=STACK, depends_on=(VPC,)))
    assert ancestors(LOGS, *circle) == {VPC, LOGS}
