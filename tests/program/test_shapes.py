"""Stacks with each key of the stack file: the simulated AWS accepts them, and the key has its effect."""

from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from tests.declared import CATALOGUE, Declared, declare_program

NETWORK = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}
PROTECTED = {"database-instance", "bucket-bucket", "ingress-balancer", "logs-bucket"}
REPOSITORIES = {f"{name}-image-repository" for name in CATALOGUE.names}


@pytest.mark.parametrize(
    ("egress", "nat", "interfaces", "public"),
    [("public", 0, 0, True), ("endpoints", 0, 4, False), ("nat", 1, 0, False), ("nat-per-zone", 2, 0, False)],
)
def test_every_egress_mode_starts_every_service(egress: str, nat: int, interfaces: int, public: bool) -> None:
    declared = declare_program(network={**NETWORK, "egress": egress})
    kinds = [each.inputs["vpcEndpointType"] for each in declared.of(types.VPC_ENDPOINT).values()]
    assert (len(declared.of(types.NAT_GATEWAY)), kinds.count("Interface"), kinds.count("Gateway")) == (
        nat,
        interfaces,
        1,
    )
    addresses = {each.inputs["networkConfiguration"]["assignPublicIp"] for each in declared.of(types.SERVICE).values()}
    assert addresses == {public}


@pytest.mark.parametrize(
    ("ingress", "listeners", "url"),
    [
        ({"allowed-cidrs": ["203.0.113.0/24"]}, {80: "forward"}, "http://ingress-balancer"),
        (
            {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"},
            {80: "redirect", 443: "forward"},
            "https://api.marginalia.sh",
        ),
    ],
)
def test_the_listeners_and_the_url_follow_from_the_domain(
    ingress: dict[str, Any], listeners: dict[int, str], url: str
) -> None:
    declared = declare_program(ingress=ingress)
    found = {each.inputs["port"]: each.inputs["defaultActions"][0]["type"] for each in listened(declared)}
    assert found == listeners
    assert declared.exports()["url"].startswith(url)


def listened(declared: Declared) -> list[Any]:
    return list(declared.of(types.LISTENER).values())


@pytest.mark.parametrize(
    ("architecture", "platform", "cpu"), [("x86-64", "linux/amd64", "X86_64"), ("arm64", "linux/arm64", "ARM64")]
)
def test_images_are_built_for_the_architecture_of_the_tasks(architecture: str, platform: str, cpu: str) -> None:
    declared = declare_program(architecture=architecture)
    assert {each.inputs["build"]["platform"] for each in declared.of(types.DOCKER_IMAGE).values()} == {platform}
    assert {
        each.inputs["runtimePlatform"]["cpuArchitecture"] for each in declared.of(types.TASK_DEFINITION).values()
    } == {cpu}


@pytest.mark.parametrize(("protect", "protected"), [(True, PROTECTED | REPOSITORIES), (False, set[str]())])
def test_protect_protects_the_database_the_bucket_the_load_balancer_and_the_repositories(
    protect: bool, protected: set[str]
) -> None:
    declared = declare_program(protect=protect)
    assert {each.name for each in declared.registrations if each.options.protect} == protected


@pytest.mark.parametrize(
    ("protect", "access_logs", "flow_logs"),
    [(True, None, False), (True, False, True), (False, None, False), (False, None, True), (False, True, True)],
)
def test_logs_are_written_to_a_bucket_that_exists_without_them_too(
    protect: bool, access_logs: bool | None, flow_logs: bool
) -> None:
    """Without the key, a protected stack has access logs. Unprotecting it or switching logs off deletes no log."""
    declared = declare_program(
        protect=protect,
        ingress={"allowed-cidrs": ["203.0.113.0/24"], "access-logs": access_logs},
        network={**NETWORK, "flow-logs": flow_logs},
    )
    written = protect if access_logs is None else access_logs
    buckets = {each.inputs["bucket"] for each in declared.of(types.BUCKET).values()}
    [balancer] = declared.of(types.LOAD_BALANCER).values()
    logs = "marginalia-content-test-logs"
    assert buckets == {"marginalia-content-test", logs}
    assert balancer.inputs.get("accessLogs") == ({"bucket": logs, "enabled": True} if written else None)
    destinations = {each.inputs["logDestination"] for each in declared.of(types.FLOW_LOG).values()}
    assert destinations == ({f"arn:aws:s3:::{logs}"} if flow_logs else set[str]())


@pytest.mark.parametrize("firewall", [True, False])
def test_the_firewall_stands_in_front_of_the_load_balancer(firewall: bool) -> None:
    limit = {"request-limit": 100} if firewall else {}
    declared = declare_program(ingress={"allowed-cidrs": ["203.0.113.0/24"], "firewall": firewall, **limit})
    [balancer] = declared.of(types.LOAD_BALANCER).values()
    associated = {each.inputs["resourceArn"] for each in declared.of(types.WEB_ACL_ASSOCIATION).values()}
    assert associated == ({balancer.id} if firewall else set[str]())
    rules = {
        rule["name"]: (rule["priority"], rule["statement"].get("rateBasedStatement", {}).get("limit"))
        for each in declared.of(types.WEB_ACL).values()
        for rule in each.inputs["rules"]
    }
    expected = {
        "requests-of-an-address": (0, 100),
        "AWSManagedRulesAmazonIpReputationList": (1, None),
        "AWSManagedRulesCommonRuleSet": (2, None),
        "AWSManagedRulesKnownBadInputsRuleSet": (3, None),
    }
    assert rules == (expected if firewall else {})


def test_only_the_size_of_a_body_is_counted_and_not_blocked() -> None:
    [acl] = declare_program(ingress={"allowed-cidrs": ["203.0.113.0/24"], "firewall": True}).of(types.WEB_ACL).values()
    groups = [each["statement"].get("managedRuleGroupStatement", {}) for each in acl.inputs["rules"]]
    overridden = [each for group in groups for each in group.get("ruleActionOverrides", [])]
    assert overridden == [{"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}]


@pytest.mark.parametrize("protect", [True, False])
def test_the_logs_of_a_service_outlive_it_in_a_protected_stack(protect: bool) -> None:
    groups = declare_program(protect=protect).of(types.LOG_GROUP).values()
    assert {each.options.retainOnDelete for each in groups} == {protect}


def test_the_default_security_group_has_no_rules_and_every_other_rule_is_described() -> None:
    declared = declare_program()
    [group] = declared.of(types.DEFAULT_SECURITY_GROUP).values()
    assert set(group.inputs) == {"vpcId"}
    rules = [*declared.of(types.INGRESS_RULE).values(), *declared.of(types.EGRESS_RULE).values()]
    assert all(each.inputs["description"].startswith("From ") for each in rules)


def test_the_database_keys_reach_the_instance() -> None:
    [instance] = (
        declare_program(
            protect=True,
            database={
                "multi-az": True,
                "backup-days": 14,
                "class": "db.m7g.large",
                "storage": 100,
                "max-storage": 200,
                "backup-window": "04:00-04:30",
                "maintenance-window": "sun:05:00-sun:05:30",
                "insights": "advanced",
            },
        )
        .of(types.DB_INSTANCE)
        .values()
    )
    wanted = ("multiAz", "backupRetentionPeriod", "instanceClass", "allocatedStorage", "deletionProtection")
    assert [instance.inputs[key] for key in wanted] == [True, 14, "db.m7g.large", 100, True]
    wanted = ("maxAllocatedStorage", "backupWindow", "maintenanceWindow", "databaseInsightsMode", "applyImmediately")
    assert [instance.inputs[key] for key in wanted] == [
        200,
        "04:00-04:30",
        "sun:05:00-sun:05:30",
        "advanced",
        False,
    ]


@pytest.mark.parametrize(("insights", "value"), [(True, "enabled"), (False, "disabled")])
def test_insights_enables_container_insights(insights: bool, value: str) -> None:
    [cluster] = declare_program(insights=insights).of(types.CLUSTER).values()
    assert cluster.inputs["settings"] == [{"name": "containerInsights", "value": value}]


def test_families_repositories_and_log_groups_begin_with_the_prefix() -> None:
    declared = declare_program(prefix="other")
    families = {each.inputs["family"] for each in declared.of(types.TASK_DEFINITION).values()}
    repositories = {each.inputs["name"] for each in declared.of(types.REPOSITORY).values()}
    log_groups = {each.inputs["name"] for each in declared.of(types.LOG_GROUP).values()}
    assert {name.split("-")[0] for name in families | repositories} == {"other"}
    assert {name.split("-")[0].removesuffix("/postgresql").removesuffix("/upgrade") for name in log_groups} == {
        "/ecs/other",
        "/aws/rds/instance/other",
    }


def test_each_other_key_reaches_its_resource() -> None:
    declared = declare_program(
        spot=40,
        probe=True,
        log_retention_days=7,
        ingress={"allowed-cidrs": ["203.0.113.0/24"], "idle-timeout": 300, "health": {"interval": 20}},
        build={"context": "image/sample", "consumers": ["000000000001"]},
        sizes={"default": {"min": 2, "max": 2}, "mcp": {"cpu": 512, "memory": 1024, "max": 9}},
    )
    services = declared.of(types.SERVICE)
    weights = {each["weight"] for each in services["mcp-service"].inputs["capacityProviderStrategies"]}
    assert weights == {60, 40}
    assert {each.inputs["desiredCount"] for each in services.values()} == {2}
    assert [each.inputs["maxCapacity"] for each in declared.of(types.SCALING_TARGET).values()] == [9]
    assert all(
        "healthCheck" in each.json("containerDefinitions")[0] for each in declared.of(types.TASK_DEFINITION).values()
    )
    assert {e.inputs["retentionInDays"] for e in declared.of(types.LOG_GROUP).values()} == {7}
    assert declared.one(types.LOAD_BALANCER, "ingress-balancer").inputs["idleTimeout"] == 300
    target = declared.one(types.TARGET_GROUP, "ingress-target").inputs
    assert target["healthCheck"]["interval"] == 20
    assert len(declared.of(types.REPOSITORY_POLICY)) == len(CATALOGUE.names)
