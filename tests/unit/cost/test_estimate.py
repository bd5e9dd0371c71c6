"""What single resources cost, computed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cost.deployment import Resource, read
from cost.estimate import Estimate, hour_of_tasks
from ecs import types
from tests.unit.cost.resources import estimated, resource

HOURS = 730


def amounts(found: Estimate) -> dict[str, tuple[float, float]]:
    return {each.name: (round(each.least, 4), round(each.most, 4)) for each in found.amounts}


def expected(found: Estimate) -> dict[str, float]:
    return {each.thing: round(each.monthly, 4) for each in found.used if each.monthly is not None}


def service(
    count: tuple[int, int] = (2, 6), platform: str = "X86_64", storage: int = 0, **inputs: Any
) -> list[Resource]:
    ephemeral = {"ephemeralStorage": {"sizeInGib": storage}} if storage else {}
    size = {"cpu": "512", "memory": "1024", "runtimePlatform": {"cpuArchitecture": platform}}
    definition = resource(types.TASK_DEFINITION, "definition", {**size, **ephemeral})
    found = resource(types.SERVICE, "service", inputs, component="mcp", references={"taskDefinition": [definition]})
    scaling = {"minCapacity": count[0], "maxCapacity": count[1]}
    target = resource(types.SCALING_TARGET, "target", scaling, references={"resourceId": [found]})
    return [definition, found, target]


def test_tasks_cost_their_vcpus_and_memory_between_the_lowest_and_the_highest_number() -> None:
    task = HOURS * (0.5 * 0.04048 + 1 * 0.004445)
    assert amounts(estimated(*service())) == {"tasks of mcp": (round(2 * task, 4), round(6 * task, 4))}


def test_tasks_on_arm_cost_less() -> None:
    task = HOURS * (0.5 * 0.03238 + 1 * 0.00356)
    found = estimated(*service(platform="ARM64"))
    assert amounts(found) == {"tasks of mcp": (round(2 * task, 4), round(6 * task, 4))}


def test_the_share_on_spot_has_the_price_of_spot() -> None:
    strategy = [{"capacityProvider": "FARGATE", "weight": 75}, {"capacityProvider": "FARGATE_SPOT", "weight": 25}]
    hour = 0.75 * (0.5 * 0.04048 + 0.004445) + 0.25 * (0.5 * 0.01264355 + 0.00138835)
    found = estimated(*service(capacityProviderStrategies=strategy))
    assert amounts(found)["tasks of mcp"][0] == round(2 * HOURS * hour, 4)
    assert found.amounts[0].detail == "0.5 vCPU, 1 GB, x86-64, 25% Spot"


def test_a_task_pays_for_storage_above_20_gb_and_for_its_public_address() -> None:
    plain = estimated(*service()).least
    assert round(estimated(*service(storage=50)).least - plain, 4) == round(2 * HOURS * 30 * 0.000111, 4)
    addressed = estimated(*service(networkConfiguration={"assignPublicIp": True}))
    assert round(addressed.least - plain, 4) == 2 * 3.65


def test_an_hour_of_twice_the_tasks_costs_their_hour_once_more() -> None:
    found = estimated(*service())
    assert round(hour_of_tasks(found, "mcp"), 6) == round(2 * (0.5 * 0.04048 + 0.004445), 6)
    assert hour_of_tasks(found, "other") == 0


def test_the_address_of_a_nat_gateway_is_a_part_of_it() -> None:
    subnet = resource(types.SUBNET, "subnet", {"availabilityZone": "us-east-1b"})
    address = resource(types.EIP, "address")
    gateway = resource(types.NAT_GATEWAY, "nat", references={"allocationId": [address], "subnetId": [subnet]})
    other = resource(types.EIP, "other")
    assert amounts(estimated(subnet, address, gateway, other)) == {
        "a NAT gateway in us-east-1b": (36.5, 36.5),
        "the public address other": (3.65, 3.65),
    }


def test_a_load_balancer_has_a_public_address_in_each_zone_unless_it_is_internal() -> None:
    def cost(**inputs: Any) -> float:
        return estimated(resource(types.LOAD_BALANCER, inputs={"subnets": ["a", "b", "c"], **inputs})).least

    assert round(cost(), 4) == round(HOURS * (0.0225 + 3 * 0.005), 4)
    assert round(cost(internal=True), 4) == round(HOURS * 0.0225, 4)


def test_an_interface_endpoint_is_billed_in_each_zone_and_a_gateway_endpoint_is_free() -> None:
    inputs = {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"], "serviceName": "com.amazonaws.us-east-1.ecr.api"}
    gateway = resource(types.VPC_ENDPOINT, "s3", {"vpcEndpointType": "Gateway"})
    assert amounts(estimated(resource(types.VPC_ENDPOINT, "ecr", inputs), gateway)) == {
        "the endpoint of ecr.api": (14.6, 14.6)
    }


def test_a_database_in_two_zones_costs_twice_and_may_grow_to_its_limit() -> None:
    inputs = {"instanceClass": "db.m7g.large", "allocatedStorage": 100, "maxAllocatedStorage": 400, "multiAz": True}
    instance = 2 * HOURS * 0.168
    assert amounts(estimated(resource(types.DB_INSTANCE, inputs=inputs))) == {
        "the database": (round(instance + 2 * 100 * 0.115, 4), round(instance + 2 * 400 * 0.115, 4))
    }


@pytest.mark.parametrize(("kind", "vcpu"), [("db.t4g.micro", 2), ("db.m7g.xlarge", 4), ("db.m7g.2xlarge", 8)])
def test_advanced_insights_are_billed_by_vcpu(kind: str, vcpu: int) -> None:
    inputs = {"instanceClass": kind, "allocatedStorage": 20, "databaseInsightsMode": "advanced"}
    found = amounts(estimated(resource(types.DB_INSTANCE, inputs=inputs)))
    assert found["Database Insights"][0] == round(HOURS * vcpu * 0.0125, 4)


def test_a_password_that_rds_manages_is_a_secret() -> None:
    inputs = {"instanceClass": "db.t4g.micro", "allocatedStorage": 20, "manageMasterUserPassword": True}
    found = amounts(estimated(resource(types.DB_INSTANCE, inputs=inputs)))
    assert found["the secret of the master user"] == (0.4, 0.4)


def test_an_alarm_on_an_expression_costs_each_of_its_metrics() -> None:
    queries: list[dict[str, Any]] = [
        {"id": "result", "expression": "a / b"},
        {"id": "a", "metric": {}},
        {"id": "b", "metric": {}},
    ]
    single = resource(types.METRIC_ALARM, "single", component="alerts")
    math = resource(types.METRIC_ALARM, "math", {"metricQueries": queries}, component="alerts")
    assert amounts(estimated(single, math)) == {"alarms": (0.3, 0.3)}


def test_the_scaling_of_a_service_has_two_alarms_for_each_policy_which_pulumi_does_not_know() -> None:
    policies = [resource(types.SCALING_POLICY, name, component="mcp") for name in ("cpu", "memory")]
    assert amounts(estimated(*service(), *policies))["alarms of mcp"] == (0.4, 0.4)


def test_a_web_acl_costs_its_rules() -> None:
    found = estimated(resource(types.WEB_ACL, inputs={"rules": [{}, {}, {}, {}]}))
    assert amounts(found) == {"the web ACL": (9, 9)}


def test_use_is_named_with_its_price_and_not_summed_without_an_expectation() -> None:
    found = estimated(resource(types.LOG_GROUP, inputs={"retentionInDays": 30}))
    assert [(each.thing, each.usd, each.unit, each.monthly) for each in found.used] == [
        ("logs, ingested", 0.5, "GB", None),
        ("logs, kept", 0.03, "GB-month", None),
    ]
    assert found.least == 0


def test_expected_logs_cost_their_ingestion_once_and_their_storage_by_their_days() -> None:
    groups = [resource(types.LOG_GROUP, name, {"retentionInDays": 30}) for name in ("a", "b")]
    found = estimated(*groups, logs_gigabytes=10)
    assert expected(found) == {"logs, ingested": 5, "logs, kept": round(10 * 0.15 * 30 / (730 / 24) * 0.03, 4)}


def test_expected_requests_and_data_cost_capacity_units_transfer_and_inspection() -> None:
    balancer = resource(types.LOAD_BALANCER, "balancer", {"subnets": []})
    found = estimated(balancer, resource(types.WEB_ACL), requests_per_day=1_000_000, gigabytes_out=100)
    requests = 1_000_000 * 730 / 24
    assert expected(found) == {
        "capacity units of the load balancer": round(max(requests / 25 / 3600, 100) * 0.008, 4),
        "data out to the internet": 9,
        "requests that the web ACL inspects": round(requests / 1_000_000 * 0.6, 4),
    }


def test_what_has_no_known_price_is_named_and_not_summed() -> None:
    found = estimated(resource(types.NAT_GATEWAY, "nat"), region="sa-east-1")
    assert found.amounts == ()
    assert found.unknown == (
        "the NAT gateway nat: no price of nat-gateway in sa-east-1",
        "data through NAT gateways: no price of nat-gateway/gb in sa-east-1",
    )


def test_a_type_without_a_rule_is_named() -> None:
    assert estimated(resource("aws:sqs/queue:Queue")).unknown == ("aws:sqs/queue:Queue: no rule",)


def test_an_amount_with_a_weak_price_is_marked() -> None:
    found = estimated(resource(types.DASHBOARD, "dashboard"), resource(types.SECRET, "url"))
    assert {each.thing: each.weak for each in found.amounts} == {"the dashboard": True, "the secret url": False}


def test_an_export_is_read_with_its_region_components_references_and_expectations() -> None:
    prefix = "urn:pulumi:dev::marginalia::"
    stack = f"{prefix}pulumi:pulumi:Stack::dev"
    component = {"urn": f"{prefix}marginalia:network:Network::network", "type": "marginalia:network:Network"}
    vpc: dict[str, Any] = {
        "urn": f"{prefix}{types.VPC}::vpc",
        "type": types.VPC,
        "custom": True,
        "parent": component["urn"],
    }
    raw: list[dict[str, Any]] = [
        {"urn": stack, "type": types.STACK, "outputs": {"expect": {"gigabytes-out": 5}}},
        {"urn": f"{prefix}{types.AWS_PROVIDER}::aws", "type": types.AWS_PROVIDER, "custom": True,
         "inputs": {"region": "eu-west-1"}},
        {**component, "parent": stack},
        {**vpc, "inputs": {"cidrBlock": "10.0.0.0/16"}, "propertyDependencies": {"cidrBlock": None, "tags": ["x"]}},
        {**vpc, "urn": f"{prefix}{types.VPC}::old", "delete": True},
    ]  # fmt: skip
    found = read(raw)
    assert (found.region, found.expect) == ("eu-west-1", {"gigabytes-out": 5})
    assert list(found.resources.values()) == [
        Resource(
            urn=vpc["urn"],
            type=types.VPC,
            name="vpc",
            component="network",
            inputs={"cidrBlock": "10.0.0.0/16"},
            references={"tags": ["x"]},
        )
    ]
