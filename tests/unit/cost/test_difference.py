"""What a change costs, by cause."""

from __future__ import annotations

from typing import Any

from cost.deployment import Resource
from cost.difference import difference
from cost.estimate import Estimate
from ecs import types
from tests.unit.cost.resources import estimated, resource

SUBNET = resource(types.SUBNET, "subnet", {"availabilityZone": "us-east-1b"})
ADDRESS = resource(types.EIP, "address")
GATEWAY = resource(types.NAT_GATEWAY, "nat", references={"allocationId": [ADDRESS], "subnetId": [SUBNET]})


def causes(before: Estimate, after: Estimate) -> list[tuple[float, str]]:
    found = difference(before, after)
    return [(round(each.least, 2), each.text) for each in found.causes] if found else []


def database(**inputs: Any) -> Resource:
    return resource(types.DB_INSTANCE, "database", {"instanceClass": "db.t4g.micro", "allocatedStorage": 20, **inputs})


def test_a_new_gateway_and_its_address_are_one_cause() -> None:
    assert causes(estimated(), estimated(SUBNET, ADDRESS, GATEWAY)) == [(36.5, "a NAT gateway in us-east-1b")]


def test_what_is_gone_costs_less() -> None:
    assert causes(estimated(SUBNET, ADDRESS, GATEWAY), estimated()) == [(-36.5, "a NAT gateway in us-east-1b")]


def test_a_changed_thing_is_named_with_what_it_was_and_will_be() -> None:
    assert causes(estimated(database()), estimated(database(instanceClass="db.t4g.small"))) == [
        (11.68, "the database: db.t4g.micro, 20 GB → db.t4g.small, 20 GB")
    ]


def test_services_that_change_alike_are_one_cause() -> None:
    def tasks(**inputs: Any) -> list[Resource]:
        definition = resource(types.TASK_DEFINITION, "definition", {"cpu": "256", "memory": "512"})
        return [
            definition,
            *(
                resource(types.SERVICE, name, inputs, component=name, references={"taskDefinition": [definition]})
                for name in ("chatsvc", "mcp")
            ),
        ]

    addressed = tasks(networkConfiguration={"assignPublicIp": True})
    assert causes(estimated(*tasks()), estimated(*addressed)) == [(7.3, "public addresses of chatsvc, mcp")]
    assert causes(estimated(), estimated(*tasks())) == [(18.02, "tasks of chatsvc, mcp (0.25 vCPU, 0.5 GB, x86-64)")]


def test_the_largest_cause_is_the_first() -> None:
    secret = resource(types.SECRET, "url")
    found = causes(estimated(database()), estimated(secret, SUBNET, ADDRESS, GATEWAY))
    assert [text for _, text in found] == [
        "a NAT gateway in us-east-1b",
        "the database (db.t4g.micro, 20 GB)",
        "the secret url",
    ]


def test_a_higher_limit_costs_nothing_at_once_and_more_at_most() -> None:
    found = difference(estimated(database()), estimated(database(maxAllocatedStorage=100)))
    assert found is not None
    [cause] = found.causes
    assert (round(cause.least, 2), round(cause.most, 2)) == (0, 9.2)


def test_what_newly_costs_by_use_or_has_no_price_is_named() -> None:
    found = difference(estimated(region="sa-east-1"), estimated(GATEWAY, resource(types.SECRET), region="sa-east-1"))
    assert found is not None
    assert found.used == ("reads of secrets: $0.05 a 10000 requests",)
    assert found.unknown == (
        "the NAT gateway nat: no price of nat-gateway in sa-east-1",
        "data through NAT gateways: no price of nat-gateway/gb in sa-east-1",
    )


def test_another_expectation_is_a_cause() -> None:
    logs = resource(types.LOG_GROUP, inputs={"retentionInDays": 1})
    [cause, _] = causes(estimated(logs), estimated(logs, logs_gigabytes=100))
    assert cause == (50, "expected use: logs, ingested")


def test_a_change_that_costs_nothing_has_no_difference() -> None:
    assert difference(estimated(database()), estimated(database(multiAz=False))) is None
