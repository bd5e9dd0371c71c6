"""Targets, database and alarms against moto."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from moto import mock_aws

from ops import around
from ops.around import Alarm, Database
from tests.unit.ops.boto import client


@pytest.fixture(autouse=True)
def aws() -> Generator[None]:
    with mock_aws():
        yield


def test_the_targets_of_a_group_are_those_that_are_registered() -> None:
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    elbv2 = client("elbv2")
    group: Any = {"Name": "mcp", "Protocol": "HTTP", "Port": 8080, "VpcId": vpc, "TargetType": "ip"}
    arn = elbv2.create_target_group(**group)["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.6"}, {"Id": "10.0.0.5"}])
    assert [each.address for each in around.targets(elbv2, arn)] == ["10.0.0.5", "10.0.0.6"]
    assert around.targets(elbv2, arn.replace("mcp", "none")) == ()


def test_a_database_is_described_by_its_name() -> None:
    rds = client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="mrgnl", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20
    )
    assert around.database(rds, "mrgnl") == Database(
        name="mrgnl", status="available", instance_class="db.t4g.micro", storage=20, multi_az=False, pending=()
    )
    assert around.database(rds, "none") is None


def test_alarms_are_those_with_the_prefix_that_are_in_the_state_alarm() -> None:
    cloudwatch = client("cloudwatch")
    for name, state in (("mrgnl-5xx", "ALARM"), ("mrgnl-memory", "OK"), ("other-5xx", "ALARM")):
        cloudwatch.put_metric_alarm(
            AlarmName=name, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Period=60, Threshold=1,
            MetricName="x", Namespace="y", Statistic="Sum",
        )  # fmt: skip
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"is {state}")
    assert around.alarms(cloudwatch, "mrgnl-") == (Alarm(name="mrgnl-5xx", reason="is ALARM"),)
