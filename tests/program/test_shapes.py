"""Every shape that a stack file can give a stack: the simulated AWS accepts it, and it has what the key promises."""

from __future__ import annotations

from typing import Any

import pytest

from services import CATALOGUE
from tests.declared import Declared, declare_program

NETWORK = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
PROTECTED = {"database-instance", "bucket-bucket", "ingress-balancer"}
REPOSITORIES = {f"{name}-image-repository" for name in CATALOGUE.names}


@pytest.mark.parametrize(
    ("egress", "nat", "interfaces", "public"),
    [("public", 0, 0, True), ("endpoints", 0, 4, False), ("nat", 1, 0, False), ("nat-per-zone", 2, 0, False)],
)
def test_every_egress_mode_starts_every_service(egress: str, nat: int, interfaces: int, public: bool) -> None:
    declared = declare_program(network={**NETWORK, "egress": egress})
    types = [each.inputs["vpcEndpointType"] for each in declared.of(ENDPOINT).values()]
    assert (len(declared.of(NAT)), types.count("Interface"), types.count("Gateway")) == (nat, interfaces, 1)
    addresses = {each.inputs["networkConfiguration"]["assignPublicIp"] for each in declared.of(SERVICE).values()}
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
def test_with_and_without_a_domain(ingress: dict[str, Any], listeners: dict[int, str], url: str) -> None:
    declared = declare_program(ingress=ingress)
    found = {each.inputs["port"]: each.inputs["defaultActions"][0]["type"] for each in listened(declared)}
    assert found == listeners
    assert declared.exports()["url"].startswith(url)


def listened(declared: Declared) -> list[Any]:
    return list(declared.of("aws:lb/listener:Listener").values())


@pytest.mark.parametrize(
    ("architecture", "platform", "cpu"), [("x86-64", "linux/amd64", "X86_64"), ("arm64", "linux/arm64", "ARM64")]
)
def test_images_are_built_for_what_tasks_run_on(architecture: str, platform: str, cpu: str) -> None:
    declared = declare_program(architecture=architecture)
    assert {each.inputs["build"]["platform"] for each in declared.of("docker:index/image:Image").values()} == {platform}
    assert {each.inputs["runtimePlatform"]["cpuArchitecture"] for each in declared.of(TASK).values()} == {cpu}


@pytest.mark.parametrize(("protect", "protected"), [(True, PROTECTED | REPOSITORIES), (False, set[str]())])
def test_protect_protects_what_holds_data_the_way_in_and_the_repositories(protect: bool, protected: set[str]) -> None:
    declared = declare_program(protect=protect)
    assert {each.name for each in declared.registrations if each.options.protect} == protected


def test_a_protected_stack_can_keep_backups_in_two_zones() -> None:
    [instance] = (
        declare_program(
            protect=True, database={"multi-az": True, "backup-days": 14, "class": "db.m7g.large", "storage": 100}
        )
        .of("aws:rds/instance:Instance")
        .values()
    )
    wanted = ("multiAz", "backupRetentionPeriod", "instanceClass", "allocatedStorage", "deletionProtection")
    assert [instance.inputs[key] for key in wanted] == [True, 14, "db.m7g.large", 100, True]


@pytest.mark.parametrize(("insights", "value"), [(True, "enabled"), (False, "disabled")])
def test_insights_reach_the_cluster(insights: bool, value: str) -> None:
    [cluster] = declare_program(insights=insights).of("aws:ecs/cluster:Cluster").values()
    assert cluster.inputs["settings"] == [{"name": "containerInsights", "value": value}]


def test_the_prefix_is_in_every_physical_name_that_people_rely_on() -> None:
    declared = declare_program(prefix="other")
    families = {each.inputs["family"] for each in declared.of(TASK).values()}
    repositories = {each.inputs["name"] for each in declared.of("aws:ecr/repository:Repository").values()}
    log_groups = {each.inputs["name"] for each in declared.of("aws:cloudwatch/logGroup:LogGroup").values()}
    assert {name.split("-")[0] for name in families | repositories} == {"other"}
    assert {name.split("-")[0] for name in log_groups} == {"/ecs/other"}


def test_everything_else_of_the_schema_reaches_what_it_names() -> None:
    declared = declare_program(
        spot=40,
        probe=True,
        log_retention_days=7,
        ingress={"allowed-cidrs": ["203.0.113.0/24"], "idle-timeout": 300, "health": {"interval": 20}},
        build={"context": "image/sample", "consumers": ["000000000001"]},
        sizes={"default": {"min": 2, "max": 2}, "mcp": {"cpu": 512, "memory": 1024, "max": 9}},
    )
    services = declared.of(SERVICE)
    weights = {each["weight"] for each in services["mcp-service"].inputs["capacityProviderStrategies"]}
    assert weights == {60, 40}
    assert {each.inputs["desiredCount"] for each in services.values()} == {2}
    assert [each.inputs["maxCapacity"] for each in declared.of("aws:appautoscaling/target:Target").values()] == [9]
    assert all("healthCheck" in each.json("containerDefinitions")[0] for each in declared.of(TASK).values())
    assert {e.inputs["retentionInDays"] for e in declared.of("aws:cloudwatch/logGroup:LogGroup").values()} == {7}
    assert declared.one("aws:lb/loadBalancer:LoadBalancer", "ingress-balancer").inputs["idleTimeout"] == 300
    target = declared.one("aws:lb/targetGroup:TargetGroup", "ingress-target").inputs
    assert target["healthCheck"]["interval"] == 20
    assert len(declared.of("aws:ecr/repositoryPolicy:RepositoryPolicy")) == len(CATALOGUE.names)
