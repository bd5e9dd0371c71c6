from __future__ import annotations

from dataclasses import replace
from typing import Any

from components.service import Build, Service
from services import Entry
from tests.declared import ACCOUNT, REGION, Declared, declare
from tests.unit.components import build

TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
POLICY = "aws:iam/rolePolicy:RolePolicy"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SIGNING_KEY = f"arn:aws:secretsmanager:{REGION}:111122223333:secret:signing-key-AbCdEf"


def container(declared: Declared, name: str = "promptsvc") -> dict[str, Any]:
    [only] = declared.one(TASK, f"{name}-task-definition").json("containerDefinitions")
    return only


def statements(declared: Declared, policy: str) -> list[dict[str, Any]]:
    return declared.one(POLICY, policy).json("policy")["Statement"]


def database_url(declared: Declared) -> str:
    [version] = declared.of("aws:secretsmanager/secretVersion:SecretVersion").values()
    return version.inputs["secretId"]


def test_promptsvcs_task_is_the_pattern_and_what_the_pattern_lacks() -> None:
    declared = build.promptsvc()
    task = dict(declared.one(TASK, "promptsvc-task-definition").inputs)
    task.pop("containerDefinitions")
    assert task == {
        "family": "mrgnl-promptsvc",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"},
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/promptsvc-task-execution-physical",
        "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/promptsvc-task-role-physical",
        "skipDestroy": True,
    }


def test_promptsvcs_container_is_the_pattern_and_what_the_pattern_lacks() -> None:
    declared = build.promptsvc()
    [secret] = container(declared)["secrets"]
    assert secret["name"] == "DATABASE_URL"
    assert secret["valueFrom"].startswith(f"{database_url(declared)}:::")  # pinned to a version
    assert {**container(declared), "secrets": []} == {
        "name": "promptsvc",
        "image": f"111122223333.dkr.ecr.{REGION}.amazonaws.com/mrgnl-promptsvc@sha256:{'a' * 64}",
        "essential": True,
        "user": "65532",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
        "stopTimeout": 35,
        "portMappings": [
            {"name": "grpc", "containerPort": 9002, "hostPort": 9002, "protocol": "tcp", "appProtocol": "grpc"}
        ],
        "environment": [
            {"name": "GRPC_PORT", "value": "9002"},
            {"name": "S3_BUCKET", "value": "marginalia-content"},
        ],
        "secrets": [],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/mrgnl-promptsvc",
                "awslogs-region": REGION,
                "awslogs-stream-prefix": "task",
                "max-buffer-size": "25m",
                "mode": "non-blocking",
            },
        },
    }


def test_the_container_is_probed_exactly_when_the_stack_says_that_its_images_can_answer() -> None:
    assert "healthCheck" not in container(build.promptsvc(probe=False))
    assert container(build.promptsvc(probe=True))["healthCheck"] == {
        "command": ["CMD", "/service", "-healthcheck"],
        "interval": 10,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 10,
    }


def test_the_execution_role_pulls_its_own_repository_writes_its_own_log_group_and_reads_its_own_secrets() -> None:
    declared = build.promptsvc(
        entry=Entry(name="promptsvc", port=9002, database=True, secrets=("SIGNING_KEY",)),
        secrets={"SIGNING_KEY": f"{SIGNING_KEY}:::3f0c"},
    )
    assert statements(declared, "promptsvc-task-execution-policy") == [
        {"Sid": "GetToken", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
        {
            "Sid": "PullImage",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": [f"arn:aws:ecr:{REGION}:111122223333:repository/mrgnl-promptsvc"],
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/mrgnl-promptsvc:*"],
        },
        {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [SIGNING_KEY, database_url(declared)],
        },
    ]


def test_the_task_role_may_use_the_bucket_and_nothing_else() -> None:
    assert statements(build.promptsvc(), "promptsvc-task-role-policy") == [
        {
            "Sid": "ListBucket",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::marginalia-content"],
        },
        {
            "Sid": "UseObjects",
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::marginalia-content/*"],
        },
    ]


def test_a_service_without_bucket_and_secrets_gets_no_task_policy_and_no_right_to_read_secrets() -> None:
    declared = build.promptsvc(entry=Entry(name="promptsvc", port=9002))
    assert list(declared.of(POLICY)) == ["promptsvc-task-execution-policy"]
    assert [each["Sid"] for each in statements(declared, "promptsvc-task-execution-policy")] == [
        "GetToken",
        "PullImage",
        "WriteLogs",
    ]


def test_both_roles_trust_ecs_tasks_of_this_account_and_region_alone() -> None:
    trusts = [role.json("assumeRolePolicy")["Statement"] for role in build.promptsvc().of("aws:iam/role:Role").values()]
    assert (
        trusts
        == [
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {
                        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"},
                        "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    },
                }
            ]
        ]
        * 2
    )


def test_the_ecs_service_is_exactly_this() -> None:
    declared = build.promptsvc(spot=30, size=replace(build.SMALL, min=2, max=4))
    inputs = dict(declared.one(SERVICE, "promptsvc-service").inputs)
    assert inputs.pop("serviceConnectConfiguration")["enabled"] is True
    network = inputs.pop("networkConfiguration")
    assert inputs == {
        "name": "promptsvc",
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
        "taskDefinition": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/mrgnl-promptsvc:1",
        "desiredCount": 2,
        "capacityProviderStrategies": [
            {"capacityProvider": "FARGATE", "weight": 70},
            {"capacityProvider": "FARGATE_SPOT", "weight": 30},
        ],
        "forceNewDeployment": True,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "waitForSteadyState": True,
        "availabilityZoneRebalancing": "ENABLED",
        "loadBalancers": [],
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
    }
    assert network["assignPublicIp"] is False
    assert len(network["subnets"]) == 2


def test_service_connect_gives_an_inner_service_its_own_name_and_port_and_lets_streams_last() -> None:
    declared = build.promptsvc()
    assert declared.one(SERVICE, "promptsvc-service").inputs["serviceConnectConfiguration"]["services"] == [
        {
            "portName": "grpc",
            "discoveryName": "promptsvc",
            "clientAlias": [{"dnsName": "promptsvc", "port": 9002}],
            "timeout": {"perRequestTimeoutSeconds": 0, "idleTimeoutSeconds": 3600},
        }
    ]


def test_the_public_service_has_no_name_inside_the_cluster() -> None:
    declared = build.promptsvc(entry=Entry(name="mcp", port=8080, protocol="http", public=True))
    assert declared.one(SERVICE, "mcp-service").inputs["serviceConnectConfiguration"]["services"] == []


AUTHSVC = Entry(name="authsvc", port=9001)
CALLER = Entry(name="mcp", port=8080, protocol="http", calls=("authsvc",))


def caller_and_callee() -> Declared:
    def both() -> Service:
        host = build.host()
        return build.service(CALLER, on=host, callees=(build.service(AUTHSVC, on=host),))

    return declare(both)


def ways(declared: Declared) -> set[tuple[str, str, str, int]]:
    """Every rule as (direction, whose security group, other end, port)."""
    names = {group.id: name for name, group in declared.of("aws:ec2/securityGroup:SecurityGroup").items()}
    return {
        (
            direction,
            names[rule.inputs["securityGroupId"]],
            names.get(rule.inputs.get("referencedSecurityGroupId", "")) or rule.inputs["cidrIpv4"],
            rule.inputs["fromPort"],
        )
        for direction, kind in (("out", EGRESS), ("in", INGRESS))
        for rule in declared.of(kind).values()
        if rule.inputs["ipProtocol"] == "tcp" and rule.inputs["fromPort"] == rule.inputs["toPort"]
    }


def test_a_declared_call_opens_exactly_its_port_between_the_two_and_nothing_else_is_open() -> None:
    declared = caller_and_callee()
    assert ways(declared) == {
        ("out", "authsvc-access-group", "0.0.0.0/0", 443),
        ("out", "mcp-access-group", "0.0.0.0/0", 443),
        ("out", "mcp-access-group", "authsvc-access-group", 9001),
        ("in", "authsvc-access-group", "mcp-access-group", 9001),
    }
    assert len(declared.of(EGRESS)) + len(declared.of(INGRESS)) == 4


def test_the_database_is_reachable_on_its_port_from_the_service_that_uses_it_alone() -> None:
    assert {way for way in ways(build.promptsvc()) if "database-access-group" in way} == {
        ("out", "promptsvc-access-group", "database-access-group", 5432),
        ("in", "database-access-group", "promptsvc-access-group", 5432),
    }
    without = build.promptsvc(entry=Entry(name="promptsvc", port=9002))
    assert ways(without) == {("out", "promptsvc-access-group", "0.0.0.0/0", 443)}


def test_no_security_group_has_rules_of_its_own_beside_the_accounted_ones() -> None:
    groups = build.promptsvc().of("aws:ec2/securityGroup:SecurityGroup").values()
    assert [each.inputs.get("ingress", each.inputs.get("egress")) for each in groups] == [None, None]


def test_a_declared_call_is_an_address_in_the_callers_environment() -> None:
    assert container(caller_and_callee(), "mcp")["environment"] == [
        {"name": "AUTH_SERVICE", "value": "authsvc:9001"},
        {"name": "HTTP_PORT", "value": "8080"},
    ]


def test_a_service_waits_for_all_that_its_first_task_needs_and_no_data_flow_orders() -> None:
    declared = caller_and_callee()
    waits_for = {urn.rsplit("::", 1)[-1] for urn in declared.one(SERVICE, "mcp-service").options.dependencies}
    assert waits_for >= {
        "mcp-task-execution-policy",
        "mcp-access-to-https-egress",
        "mcp-access-to-authsvc-egress",
        "mcp-access-to-authsvc-ingress",
        "cluster-capacity",
        "network-private-us-east-1a-routes",
        "network-private-us-east-1b-routes",
        "authsvc-service",
    }


def test_a_pinned_service_declares_nothing_of_docker_and_no_repository() -> None:
    declared = build.promptsvc()
    assert not [each for each in declared.types if each.startswith(("docker:", "pulumi:providers:docker", "aws:ecr/"))]


def test_a_built_service_runs_the_pushed_digest_and_may_pull_its_own_repository() -> None:
    declared = build.promptsvc(image=Build(context="image/sample"))
    repository = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mrgnl-promptsvc"
    assert container(declared)["image"].startswith(f"{repository}@sha256:")
    assert statements(declared, "promptsvc-task-execution-policy")[1]["Resource"] == [
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/mrgnl-promptsvc"
    ]


def test_on_arm64_the_task_asks_for_arm64() -> None:
    platform = build.promptsvc(architecture="arm64").one(TASK, "promptsvc-task-definition").inputs["runtimePlatform"]
    assert platform == {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"}


def test_the_size_is_the_tasks() -> None:
    task = (
        build.promptsvc(size=replace(build.SMALL, cpu=1024, memory=4096)).one(TASK, "promptsvc-task-definition").inputs
    )
    assert (task["cpu"], task["memory"]) == ("1024", "4096")


def test_logs_are_kept_for_as_long_as_the_stack_says() -> None:
    group = build.promptsvc(log_retention_days=90).one("aws:cloudwatch/logGroup:LogGroup", "promptsvc-task-logs")
    assert group.inputs == {"name": "/ecs/mrgnl-promptsvc", "retentionInDays": 90}


def test_no_secret_is_in_a_container_definition_and_none_makes_it_secret() -> None:
    declared = build.promptsvc()
    task = declared.one(TASK, "promptsvc-task-definition")
    assert task.secrets == frozenset()  # one secret in it would hide it in every diff
    assert "postgres://" not in task.inputs["containerDefinitions"]


TARGET = "aws:appautoscaling/target:Target"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"


def test_tasks_follow_the_load_between_min_and_max() -> None:
    declared = build.promptsvc(size=replace(build.SMALL, min=2, max=6))
    assert declared.one(TARGET, "promptsvc-scaling-target").inputs == {
        "serviceNamespace": "ecs",
        "resourceId": "service/mrgnl/promptsvc",
        "scalableDimension": "ecs:service:DesiredCount",
        "minCapacity": 2,
        "maxCapacity": 6,
    }
    configurations = {
        name: policy.inputs["targetTrackingScalingPolicyConfiguration"]
        for name, policy in declared.of(SCALING_POLICY).items()
    }
    assert configurations == {
        "promptsvc-scaling-cpu": {
            "targetValue": 60,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
        },
        "promptsvc-scaling-memory": {
            "targetValue": 75,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageMemoryUtilization"},
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
        },
    }


def test_pulumi_leaves_the_count_to_the_autoscaler_exactly_where_there_is_one() -> None:
    scaled = build.promptsvc(size=replace(build.SMALL, min=1, max=2)).one(SERVICE, "promptsvc-service")
    fixed = build.promptsvc(size=replace(build.SMALL, min=2, max=2))
    assert list(scaled.options.ignoreChanges) == ["desiredCount"]
    assert list(fixed.one(SERVICE, "promptsvc-service").options.ignoreChanges) == []
    assert not fixed.of(TARGET)


def test_in_public_subnets_tasks_have_public_addresses_and_no_inbound_rule_from_anywhere() -> None:
    declared = build.promptsvc(network_args={"egress": "public"}, entry=Entry(name="promptsvc", port=9002))
    network = declared.one(SERVICE, "promptsvc-service").inputs["networkConfiguration"]
    subnets = {subnet.id: name for name, subnet in declared.of("aws:ec2/subnet:Subnet").items()}
    assert network["assignPublicIp"] is True
    assert [subnets[each] for each in network["subnets"]] == [f"network-public-us-east-1{zone}" for zone in "ab"]
    assert not declared.of(INGRESS)


def test_with_endpoints_a_service_reaches_the_endpoints_and_s3_and_not_the_web() -> None:
    declared = build.promptsvc(network_args={"egress": "endpoints"}, entry=Entry(name="promptsvc", port=9002))
    group = declared.one("aws:ec2/securityGroup:SecurityGroup", "network-endpoints-group").id
    own = declared.one("aws:ec2/securityGroup:SecurityGroup", "promptsvc-access-group").id
    rules = {name: rule.inputs for name, rule in declared.of(EGRESS).items()}
    port = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    prefix_list = rules["promptsvc-access-to-s3-egress"]["prefixListId"]
    assert rules == {
        "promptsvc-access-to-endpoints-egress": {**port, "securityGroupId": own, "referencedSecurityGroupId": group},
        "promptsvc-access-to-s3-egress": {**port, "securityGroupId": own, "prefixListId": prefix_list},
    }
    [into] = declared.of(INGRESS).values()
    assert into.inputs == {**port, "securityGroupId": group, "referencedSecurityGroupId": own}
