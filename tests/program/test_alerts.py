"""Stacks with alerts: who is told what, and that each alarm reads a metric which AWS publishes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ecs import types
from simulator.aws import cloudwatch_metrics
from simulator.aws.cloudwatch_alarms import measured
from simulator.aws.cloudwatch_dashboard import widgets
from tests.declared import CATALOGUE, Declared, declare_program
from tests.program.mutations import Case, Change, assert_refused, deployed, mutate, put, refusals, removed, within

EMAILS: dict[str, Any] = {"emails": ["ops@example.com", "on-call@example.com"]}
TOPIC = "arn:aws:sns:us-east-1:111122223333:on-call"
DOMAIN = {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"}
NEW = {
    types.BUDGET,
    types.DASHBOARD,
    types.EVENT_RULE,
    types.EVENT_TARGET,
    types.METRIC_ALARM,
    types.TOPIC,
    types.TOPIC_POLICY,
    types.TOPIC_SUBSCRIPTION,
}
GATEWAY = {"gateway-errors", "gateway-latency", "gateway-unanswered", "gateway-unhealthy"}
DATABASE = {"database-connections", "database-cpu", "database-memory", "database-storage"}
SERVICES = {f"{name}-{kind}" for name in CATALOGUE.names for kind in ("memory", "tasks")}


def alarms(declared: Declared) -> set[str]:
    """Their names without the prefix."""
    return {each.inputs["name"].removeprefix("mrgnl-") for each in declared.of(types.METRIC_ALARM).values()}


def network(egress: str) -> dict[str, Any]:
    return {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": egress}


def test_a_stack_without_the_section_has_none_of_the_types_and_a_service_without_deployment_alarms() -> None:
    declared = declare_program()
    assert declared.types & NEW == set()
    assert [each for each in declared.of(types.SERVICE).values() if "alarms" in each.inputs] == []


@pytest.mark.parametrize(
    ("egress", "gateways"),
    [
        ("public", set[str]()),
        ("endpoints", set[str]()),
        ("nat", {"nat"}),
        ("nat-per-zone", {"nat-us-east-1a", "nat-us-east-1b"}),
    ],
)
@pytest.mark.parametrize(("ingress", "certificates"), [(None, set[str]()), (DOMAIN, {"certificate"})])
def test_every_mode_has_the_alarms_of_what_it_has(
    egress: str, gateways: set[str], ingress: dict[str, str] | None, certificates: set[str]
) -> None:
    shape: dict[str, Any] = {} if ingress is None else {"ingress": ingress}
    declared = declare_program(alerts=EMAILS, network=network(egress), **shape)
    assert alarms(declared) == GATEWAY | DATABASE | SERVICES | gateways | certificates


def test_a_stack_that_runs_no_service_has_no_alarm_of_the_gateway() -> None:
    """It answers 503 by intent."""
    assert alarms(declare_program(alerts=EMAILS, build=None, images={})) == DATABASE | {"nat"}


def test_the_stacks_own_topic_sends_to_each_address_and_lets_the_two_publishers_publish() -> None:
    declared = declare_program(alerts=EMAILS)
    subscriptions = [each.inputs for each in declared.of(types.TOPIC_SUBSCRIPTION).values()]
    assert {(each["protocol"], each["endpoint"]) for each in subscriptions} == {
        ("email", address) for address in EMAILS["emails"]
    }
    [policy] = declared.of(types.TOPIC_POLICY).values()
    statements = {each["Principal"]["Service"]: each.get("Condition") for each in policy.json("policy")["Statement"]}
    assert statements == {
        "cloudwatch.amazonaws.com": {"StringEquals": {"aws:SourceAccount": "000000000000"}},
        "events.amazonaws.com": None,
    }


def test_a_budget_counts_the_costs_of_the_stack_and_tells_the_topic_which_lets_it_publish() -> None:
    declared = declare_program("prod", alerts=EMAILS, budget=600)
    [policy] = declared.of(types.TOPIC_POLICY).values()
    statements = {each["Sid"]: each for each in policy.json("policy")["Statement"]}
    assert statements["Budgets"]["Principal"] == {"Service": "budgets.amazonaws.com"}
    assert statements["Budgets"]["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:budgets::000000000000:*"}
    [budget] = [each.inputs for each in declared.of(types.BUDGET).values()]
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("600", "USD", "MONTHLY")
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:stack$prod"]}]
    [tags] = [each.json("defaultTags")["tags"] for each in declared.of(types.AWS_PROVIDER).values()]
    assert tags["stack"] == "prod", "the filter must count what the tags of the provider mark"
    [topic] = declared.of(types.TOPIC).values()
    assert {
        (each["notificationType"], each["threshold"], *each["subscriberSnsTopicArns"])
        for each in budget["notifications"]
    } == {(kind, percent, topic.id) for kind, percent in (("FORECASTED", 100), ("ACTUAL", 80), ("ACTUAL", 100))}


def test_expectations_are_an_output_and_declare_nothing() -> None:
    plain, expecting = declare_program(), declare_program(expect={"requests-per-day": 1000, "gigabytes-out": 5})
    assert expecting.exports()["expect"] == {"requests-per-day": 1000, "gigabytes-out": 5}
    assert "expect" not in plain.exports()
    assert {each.urn for each in plain.registrations} == {each.urn for each in expecting.registrations}


def test_with_a_topic_the_stack_has_none_of_its_own_and_every_alarm_and_event_goes_there() -> None:
    declared = declare_program(alerts={"topic": TOPIC})
    assert declared.types & {types.TOPIC, types.TOPIC_POLICY, types.TOPIC_SUBSCRIPTION} == set()
    found = [*declared.of(types.METRIC_ALARM).values()]
    assert {json.dumps([each.inputs["alarmActions"], each.inputs["okActions"]]) for each in found} == {
        json.dumps([[TOPIC], [TOPIC]])
    }
    assert {each.inputs["arn"] for each in declared.of(types.EVENT_TARGET).values()} == {TOPIC}


def test_each_alarm_and_each_widget_reads_a_metric_of_the_table() -> None:
    world = deployed(alerts=EMAILS, ingress=DOMAIN, insights=True)
    found = [metric for each in world.all(types.METRIC_ALARM) for metric in measured(world.request(each))]
    names = {(each.namespace, each.name) for each in found}
    [dashboard] = world.all(types.DASHBOARD)
    lines = [
        line
        for each in widgets(dashboard.properties["dashboardBody"])
        for line in each["properties"].get("metrics", [])
    ]
    names |= {(line[0], line[1]) for line in lines}
    assert {each for each in names if cloudwatch_metrics.find(*each) is None} == set()
    assert len(found) == len(GATEWAY | DATABASE | SERVICES) + 3  # one more of the share, NAT and the certificate
    assert refusals(world) == []


def test_each_message_of_an_alarm_names_what_to_run_or_to_change() -> None:
    for each in declare_program("prod", alerts=EMAILS, ingress=DOMAIN).of(types.METRIC_ALARM).values():
        text = each.inputs["alarmDescription"]
        service = re.fullmatch(r"mrgnl-(\w+)-(memory|tasks)", each.inputs["name"])
        if service and service[1] != "database":
            assert f"`python -m ops why prod {service[1]}`" in text
        else:
            assert "`python -m ops status prod`" in text or "`pulumi up --refresh`" in text, text


def test_the_gateways_deployment_is_guarded_by_the_alarms_that_a_bad_release_raises() -> None:
    services = declare_program(alerts=EMAILS).of(types.SERVICE)
    guarded = {name: each.inputs["alarms"] for name, each in services.items() if "alarms" in each.inputs}
    names = ["mrgnl-gateway-errors", "mrgnl-gateway-latency", "mrgnl-gateway-unanswered"]
    [block] = guarded.values()
    assert [*guarded] == ["mcp-service"]
    assert {**block, "alarmNames": sorted(block["alarmNames"])} == {
        "enable": True,
        "rollback": True,
        "alarmNames": names,
    }


def test_thresholds_follow_the_stack_file_and_the_size_of_the_database() -> None:
    thresholds = {"gateway-errors": 2.5, "database-storage": 20, "database-memory": 50, "database-connections": 50}
    declared = declare_program(
        alerts={**EMAILS, "thresholds": thresholds}, database={"storage": 100}, sizes={"mcp": {"min": 2, "max": 4}}
    )
    found = {each.inputs["name"]: each.inputs["threshold"] for each in declared.of(types.METRIC_ALARM).values()}
    assert [found[f"mrgnl-{each}"] for each in ("gateway-errors", "mcp-tasks", "authsvc-tasks")] == [2.5, 2, 1]
    of_database = ("storage", "memory", "connections")
    assert [found[f"mrgnl-database-{each}"] for each in of_database] == [20 * 1024**3, 1024**3 / 2, 56]


def query(index: int, **properties: Any) -> Change:
    return lambda found: found["metricQueries"][index].update(properties)


def text(key: str, before: str, after: str) -> Change:
    """Replaces a part of a text."""
    return lambda found: found.update({key: found[key].replace(before, after)})


REFUSED: list[Case] = [
    ("alerts-gateway-latency", put(metricName="Latency"), "nothing publishes Latency of AWS/ApplicationELB"),
    ("alerts-gateway-latency", put(namespace="AWS/ELB"), "nothing publishes TargetResponseTime of AWS/ELB"),
    ("alerts-gateway-latency", put(dimensions={"LoadBalancer": "app/other/1"}), "no load balancer app/other/1"),
    ("alerts-gateway-latency", put(dimensions={"TargetGroup": "t"}), 'by ["TargetGroup"], but by ["LoadBalancer"] or'),
    ("alerts-gateway-latency", put(extendedStatistic="p101"), "the statistic 'p101' of the alarm is none"),
    ("alerts-gateway-latency", put(extendedStatistic=None), "requires either a statistic or an extendedStatistic"),
    ("alerts-gateway-latency", put(period=90), "must be 10, 20, 30 or a multiple of 60, not 90"),
    ("alerts-gateway-latency", put(datapointsToAlarm=4), "must be from 1 to the 3 evaluationPeriods, not 4"),
    ("alerts-gateway-latency", put(evaluationPeriods=2000), "2000 periods of 60 seconds are longer than 86400 seconds"),
    ("alerts-gateway-errors", query(0, expression="100 * error / requests"),
     "Error in expression 'result': Undefined variable error"),
    ("alerts-gateway-errors", query(1, returnData=True), "return data, not 2"),
    ("alerts-gateway-errors", query(1, id="requests"), "is more than once"),
    ("alerts-gateway-errors", query(0, expression=""), "either an expression"),
    ("alerts-gateway-errors", put(metricName="RequestCount"), "must have either a metricName or metricQueries"),
    ("alerts-certificate", put(period=60), "periods of 60 seconds, and DaysToExpiry a value every 43200 seconds"),
    ("alerts-nat", put(dimensions={"NatGatewayId": "nat-1"}), "there is no NAT gateway nat-1"),
    ("alerts-database-cpu", put(threshold=100), "CPUUtilization is not greater than 100"),
    ("alerts-database-storage", put(threshold=0), "FreeStorageSpace is not less than 0"),
    ("alerts-database-cpu", put(dimensions={"DBInstanceIdentifier": "other"}), "there is no database other"),
    ("mcp-tasks-alarm", put(namespace="ECS/ContainerInsights", metricName="RunningTaskCount"), "Insights is off"),
    ("mcp-tasks-alarm", put(dimensions={"ClusterName": "mrgnl"}), 'MemoryUtilization of AWS/ECS by ["Cl'),
    ("authsvc-memory-alarm", put(metricName="HTTPCode_Target_5XX_Count"), "http2, and authsvc offers grpc"),
    ("mcp-memory-alarm", put(metricName="HTTPCode_Target_5XX_Count"), "and mcp offers no port there"),
    ("mcp-memory-alarm", put(alarmActions=[TOPIC.replace("us-east-1", "eu-west-1")]), "is in eu-west-1, not in"),
    ("alerts-topic-policy", text("policy", "cloudwatch.", "other."),
     "cloudwatch.amazonaws.com is not authorized to perform: SNS:Publish"),
    ("alerts-topic-policy", text("policy", "000000000000\"}}", "9\"}}"),
     "cloudwatch.amazonaws.com is not authorized to perform: SNS:Publish"),
    ("alerts-topic-policy", text("policy", "events.", "other."),
     "events.amazonaws.com is not authorized to perform: SNS:Publish"),
    ("alerts-topic-policy", text("policy", "cloudwatch.", "events."),
     "events.amazonaws.com is allowed under a condition, which EventBridge never meets"),
    ("alerts-topic-policy", put(policy="{}"), "Missing required field Statement"),
    ("alerts-topic", put(name="a topic"), "Topic Name: 'a topic'"),
    ("alerts-to-ops@example.com", put(endpoint="ops"), "Endpoint: 'ops' is none of email"),
    ("alerts-to-ops@example.com", put(protocol="mail"), "protocol must be one of http, https, email"),
    ("alerts-deployment-failed", put(eventPattern="[]"), "Filter is not an object with fields"),
    ("alerts-deployment-failed", put(eventPattern='{"source": "aws.ecs"}'), "'source' must be an object or an array"),
    ("alerts-deployment-failed", put(eventPattern='{"kind": ["a"]}'), "an event has no field 'kind'"),
    ("alerts-deployment-failed",
     text("eventPattern", "ECS Deployment", "ECS Service Deployment"),
     "aws.ecs sends no 'ECS Service Deployment State Change'"),
    ("alerts-deployment-failed",
     text("eventPattern", '"eventName"', '"clusterArn": [], "eventName"'),
     "has no clusterArn. Filter by `resources`"),
    ("alerts-deployment-failed",
     text("eventPattern", "service/mrgnl/", "service/other/"),
     "there is no cluster with services arn:aws:ecs:us-east-1:000000000000:service/other/"),
    ("alerts-deployment-failed", put(eventPattern=None), "EventPattern or ScheduleExpression must be specified"),
    ("alerts-out-of-memory-target", within("inputTransformer", inputPaths={}), "names <service>, and"),
    ("alerts-out-of-memory-target", within("inputTransformer", inputTemplate="<reason>!"),
     "Invalid InputTemplate: it is not JSON"),
    ("dashboard-dashboard", put(dashboardName="my stack"), "'my stack' for parameter DashboardName is not supported"),
    ("dashboard-dashboard", put(dashboardBody="[]"), "must be a valid JSON object"),
    ("dashboard-dashboard",
     text("dashboardBody", '"x": 12', '"x": 13'), "within 24 columns"),
    ("dashboard-dashboard",
     text("dashboardBody", '"type": "metric"', '"type": "graph"'),
     "/type must be one of alarm, custom, explorer, log, metric, text, not 'graph'"),
    ("dashboard-dashboard",
     text("dashboardBody", "FreeStorageSpace", "FreeStorage"),
     "the widget 'Database: free bytes' stays empty: nothing publishes FreeStorage of AWS/RDS"),
    ("dashboard-dashboard",
     text("dashboardBody", "alarm:mrgnl-nat", "alarm:other"),
     "alarm:other, which does not exist"),
    ("mcp-service", within("alarms", alarmNames=["other"]), "the deployment alarm other does not exist"),
    ("mcp-service", put(deploymentController={"type": "CODE_DEPLOY"}), "deployment alarms require the deploy"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "words"), REFUSED)
def test_what_can_never_tell_anybody_is_refused(name: str, change: Any, words: str) -> None:
    world = deployed(alerts=EMAILS, ingress=DOMAIN)
    mutate(world, name, change)
    assert_refused(world, words)


def test_a_topic_without_a_policy_takes_alarms_and_no_events() -> None:
    world = deployed(alerts=EMAILS)
    removed("alerts-topic-policy")(world)
    assert {each.split(":")[0] for each in refusals(world)} == {
        "alerts-deployment-failed-target",
        "alerts-out-of-memory-target",
    }
