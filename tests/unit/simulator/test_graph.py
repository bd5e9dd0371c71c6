from __future__ import annotations

from pulumi.runtime.proto import resource_pb2

from simulator.graph import Graph
from tests.declared import declare

# In the engine's format: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
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

    declare(register)  # sets the names of stack and project, which are part of a URN
    return graph.ancestors(of)


def request(
    urn: str, *, parent: str = "", depends_on: tuple[str, ...] = (), values_of: tuple[str, ...] = ()
) -> resource_pb2.RegisterResourceRequest:
    """The SDK's request for the resource with this URN."""
    types, name = urn.removeprefix(f"{PROJECT}::").split("::")
    message = resource_pb2.RegisterResourceRequest(
        type=types.split("$")[-1], name=name, parent=parent, dependencies=depends_on
    )
    for number, each in enumerate(values_of):
        message.propertyDependencies[f"property-{number}"].urns.append(each)
    return message


def test_the_source_of_an_input_is_an_ancestor() -> None:
    subnet = request(SUBNET, parent=NETWORK, values_of=(VPC, LOGS))
    assert ancestors(SUBNET, request(VPC, parent=NETWORK), subnet) == {VPC, LOGS}


def test_a_resource_in_depends_on_is_an_ancestor() -> None:
    assert ancestors(LOGS, request(LOGS, parent=STACK, depends_on=(VPC,))) == {VPC}


def test_ancestors_are_transitive() -> None:
    chain = (
        request(VPC, parent=NETWORK, depends_on=(LOGS,)),
        request(SUBNET, parent=NETWORK, values_of=(VPC,)),
        request(ROLE, parent=TASK, depends_on=(SUBNET,)),
    )
    assert ancestors(ROLE, *chain) == {LOGS, VPC, SUBNET}


def test_the_urn_of_a_nested_resource_is_that_of_the_engine() -> None:
    for urn, parent in ((LOGS, STACK), (LOGS, ""), (SUBNET, NETWORK), (TASK, SERVICE), (ROLE, TASK)):
        assert ancestors(urn, request(urn, parent=parent, depends_on=(VPC,))) == {VPC}, urn


def test_siblings_and_the_parent_are_not_ancestors() -> None:
    siblings = (request(VPC, parent=NETWORK), request(SUBNET, parent=NETWORK, values_of=(VPC,)))
    assert ancestors(LOGS, *siblings, request(LOGS, parent=STACK)) == frozenset()
    assert ancestors(VPC, *siblings) == frozenset()


def test_a_cycle_of_dependencies_terminates() -> None:
    cycle = (request(VPC, parent=NETWORK, depends_on=(LOGS,)), request(LOGS, parent=STACK, depends_on=(VPC,)))
    assert ancestors(LOGS, *cycle) == {VPC, LOGS}
