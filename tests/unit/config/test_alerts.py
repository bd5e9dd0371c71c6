"""The section `alerts` of a stack file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import moto
import pytest

from ecs.instance_class import GIB, max_connections, memory
from tests.unit.config.stack_settings import problems, read

TOPIC = "arn:aws:sns:us-east-1:111122223333:on-call"
ONE = "Set either emails, to which a topic of the stack sends, or topic, the ARN of an existing one."


@pytest.mark.parametrize(
    ("alerts", "lines"),
    [
        ("{}", [f"marginalia:stack.alerts: {ONE}"]),
        (f"{{emails: [a@example.com], topic: '{TOPIC}'}}", [f"marginalia:stack.alerts: {ONE}"]),
        (
            f"{{topic: '{TOPIC.replace('us-east-1', 'eu-west-1')}'}}",
            [
                'marginalia:stack.alerts.topic is "arn:aws:sns:eu-west-1:111122223333:on-call": must be a topic in'
                " aws:region, us-east-1."
            ],
        ),
    ],
)
def test_alerts_have_one_destination_in_the_region(alerts: str, lines: list[str]) -> None:
    assert problems(f"alerts: {alerts}") == lines


def test_a_budget_requires_a_topic_that_it_tells() -> None:
    assert problems("budget: 200") == [
        "marginalia:stack.alerts: missing. AWS Budgets tells its topic when the cost exceeds `budget`."
    ]
    assert read("{budget: 200, alerts: {emails: [a@example.com]}}").budget == 200


def test_an_address_without_a_domain_is_rejected() -> None:
    assert problems("alerts: {emails: [ops]}") == [
        'marginalia:stack.alerts.emails.0 is "ops": must be an e-mail address, such as ops@example.com.'
    ]


def test_a_class_of_an_unknown_family_requires_its_memory() -> None:
    alerts = "alerts: {emails: [a@example.com]}"
    database = "database: {class: db.x2g.large}"
    assert problems(f"{alerts}\n{database}") == [
        "marginalia:stack.alerts.database-class-memory: missing. It must be the GiB of memory of db.x2g.large."
    ]
    known = read(f"alerts: {{emails: [a@example.com], database-class-memory: 32}}\n{database}")
    assert known.database_memory == 32 * GIB


def test_the_memory_of_a_class_is_that_of_the_ec2_type_of_the_same_name() -> None:
    """As moto has it from AWS's DescribeInstanceTypes."""
    file = Path(moto.__file__).parent / "ec2" / "resources" / "instance_types.json.gz"
    types: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    known = {name: found for name in types if (found := memory(f"db.{name}")) is not None}
    assert len(known) > 200
    assert known == {name: types[name]["MemoryInfo"]["SizeInMiB"] * 1024**2 for name in known}
    assert {"t4g.micro", "m7g.large", "r6g.xlarge"} <= known.keys()


@pytest.mark.parametrize(("gib", "most"), [(1, 112), (8, 901), (64, 5000)])
def test_postgresql_takes_connections_by_its_memory_up_to_a_maximum(gib: int, most: int) -> None:
    assert max_connections(gib * GIB) == most
