from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cost.deployment import Deployment
from cost.estimate import Amount, estimate
from ecs import types
from review.deployment.state import State, states
from review.deployment.summary import summary
from review.render.mermaid import flowchart
from tests.unit.review.deployments import STACK, Raw, component, references, resource

FLOWCHART = """\
flowchart LR
    outside0(["the internet"])
    subgraph vpc["VPC 10.0.0.0/16 in us-east-1a"]
        ingress["load balancer"]
        subgraph cluster["ECS cluster mrgnl"]
            service_web["web<br>HTTP 8080"]
        end
        database[("postgres 16<br>db.t4g.micro")]
    end
    bucket[("S3<br>content")]
    outside0 -- 80 --> ingress
    service_web -- 5432 --> database
    ingress -- 8080 --> service_web
    service_web --> bucket
    vpc -. "none" .-> aws(["AWS and the web"])
"""


NO_PRICES = estimate(Deployment(region="", resources={}))


def rule(type: str, name: str, parent: Raw, own: Raw, port: int, peer: Raw | None = None) -> Raw:
    inputs = {"securityGroupId": own["id"], "ipProtocol": "tcp", "fromPort": port, "toPort": port}
    if peer is None:
        return resource(type, name, parent, {**inputs, "cidrIpv4": "0.0.0.0/0"}, **references(securityGroupId=own))
    used = references(securityGroupId=own, referencedSecurityGroupId=peer)
    return resource(type, name, parent, {**inputs, "referencedSecurityGroupId": peer["id"]}, **used)


def deployment(ingress: str, database: str, task_role: str) -> State:
    """One public service with a database and a bucket, whose components and task role have the given names."""
    network, door = component("network", "x:y:Network"), component(ingress, "x:y:Ingress")
    store, web = component(database, "x:y:Database"), component("web")
    groups = [resource(types.SECURITY_GROUP, f"{ingress}-{n}", each) for n, each in enumerate((door, store, web))]
    outer, inner, own = groups
    execution, task = resource(types.ROLE, "web-task-role", web), resource(types.ROLE, task_role, web)
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    port = {"appProtocol": "http", "containerPort": 8080}
    definition = resource(
        types.TASK_DEFINITION,
        "definition",
        web,
        {"containerDefinitions": json.dumps([{"portMappings": [port]}])},
        **references(executionRoleArn=execution, taskRoleArn=task),
    )
    resources = [
        *(network, door, store, web, *groups, execution, task, definition),
        resource(types.VPC, "vpc", network, {"cidrBlock": "10.0.0.0/16"}),
        resource(types.SUBNET, "subnet", network, {"availabilityZone": "us-east-1a"}),
        resource(types.CLUSTER, "cluster", network, {"name": "mrgnl"}),
        resource(types.LOAD_BALANCER, "balancer", door, **references(securityGroups=outer)),
        resource(
            types.DB_INSTANCE,
            "instance",
            store,
            {"engine": "postgres", "engineVersion": "16", "instanceClass": "db.t4g.micro"},
            **references(vpcSecurityGroupIds=inner),
        ),
        resource(types.BUCKET, "content", store, {"bucket": "content"}),
        resource(
            types.ROLE_POLICY, "s3", web, {"policy": json.dumps({"Statement": statement})}, **references(role=task)
        ),
        resource(
            types.SERVICE,
            "service",
            web,
            {"loadBalancers": [{"containerPort": 8080}]},
            **references(taskDefinition=definition, networkConfiguration=own),
        ),
        rule(types.INGRESS_RULE, "a", door, outer, 80),
        rule(types.EGRESS_RULE, "b", web, own, 5432, inner),
        rule(types.INGRESS_RULE, "c", web, inner, 5432, own),
        rule(types.EGRESS_RULE, "d", web, outer, 8080, own),
        rule(types.INGRESS_RULE, "e", web, own, 8080, outer),
    ]
    return states([], [STACK, *resources])[1]


NAMES = [("ingress", "database", "web-task-role-2"), ("front", "store", "x"), ("database", "ingress", "web-execution")]


@pytest.mark.parametrize("names", NAMES)
def test_a_flowchart_does_not_depend_on_the_names_of_components_and_roles(names: tuple[str, str, str]) -> None:
    assert flowchart(deployment(*names), NO_PRICES) == FLOWCHART


@pytest.mark.parametrize("names", NAMES)
def test_a_summary_does_not_depend_on_the_name_of_the_ingress(names: tuple[str, str, str]) -> None:
    [public] = [line.text for line in summary(deployment(*names)) if line.topic == "public"]
    assert public == "web at the load balancer's own name, without TLS, for the internet on 80/tcp"


def test_the_legend_says_what_the_whole_costs_in_dollars() -> None:
    amount = Amount(component="", thing="it", of="", detail="", least=1234.6, most=2000, weak=False)
    picture = flowchart(deployment("ingress", "database", "web-task-role"), replace(NO_PRICES, amounts=(amount,)))
    assert picture.splitlines()[-1] == '    legend["$1,235 to $2,000 a month<br>and what costs by use"]'
