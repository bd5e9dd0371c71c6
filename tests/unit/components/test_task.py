"""The task of a service: task definition, container, log group and roles."""

from __future__ import annotations

from dataclasses import replace

from config.catalogue import Entry
from ecs import types
from ecs.container import START_TIMEOUT
from tests.declared import ACCOUNT, REGION, Declared
from tests.images import image
from tests.unit.components import build
from tests.unit.components.build import container, statements

SIGNING_KEY = f"arn:aws:secretsmanager:{REGION}:111122223333:secret:signing-key-AbCdEf"


def database_url(declared: Declared) -> str:
    [version] = declared.of(types.SECRET_VERSION).values()
    return version.inputs["secretId"]


def test_the_task_definition_runs_on_fargate_with_the_size_and_roles_of_the_service() -> None:
    declared = build.promptsvc()
    task = dict(declared.one(types.TASK_DEFINITION, "promptsvc-task-definition").inputs)
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
        "volumes": [{"name": "tmp"}],
        "skipDestroy": True,
    }


def test_the_container_has_the_image_environment_secrets_and_logs_of_the_service() -> None:
    declared = build.promptsvc()
    [secret] = container(declared)["secrets"]
    assert secret["name"] == "DATABASE_URL"
    assert secret["valueFrom"].startswith(f"{database_url(declared)}:::")  # names a version
    assert {**container(declared), "secrets": []} == {
        "name": "promptsvc",
        "image": image("promptsvc"),
        "essential": True,
        "user": "65532",
        "readonlyRootFilesystem": True,
        "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}],
        "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}, "initProcessEnabled": True},
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


def test_the_container_has_a_health_check_only_with_probe() -> None:
    assert "healthCheck" not in container(build.promptsvc(probe=False))
    assert container(build.promptsvc(probe=True))["healthCheck"] == {
        "command": ["CMD", "/service", "-healthcheck"],
        "interval": 10,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 10,
    }


def test_a_second_container_starts_when_the_service_is_healthy_and_checks_it_once() -> None:
    [service, gate] = build.containers(build.promptsvc(probe=True))
    assert (service["essential"], service["startTimeout"]) == (True, 60)
    assert gate == {
        "name": "start_gate",
        "image": image("promptsvc"),
        "essential": False,
        "user": "65532",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}, "initProcessEnabled": True},
        "command": ["-healthcheck"],
        "dependsOn": [{"containerName": "promptsvc", "condition": "HEALTHY"}],
        "environment": [{"name": "GRPC_PORT", "value": "9002"}],
    }


def test_a_task_has_one_container_without_a_health_check_and_behind_the_load_balancer() -> None:
    gateway = Entry(name="mcp", port=8080, protocol="http", public=True)
    public = build.promptsvc(probe=True, entry=gateway, ingress_args={"target": gateway})
    assert [len(build.containers(build.promptsvc(probe=False))), len(build.containers(public, "mcp"))] == [1, 1]


def test_the_start_timeout_exceeds_the_time_in_which_a_health_check_fails() -> None:
    check = container(build.promptsvc(probe=True))["healthCheck"]
    longest = check["startPeriod"] + check["retries"] * (check["interval"] + check["timeout"])
    assert longest < START_TIMEOUT <= 120


def test_container_definitions_have_no_secret_value_and_are_not_secret() -> None:
    declared = build.promptsvc()
    task = declared.one(types.TASK_DEFINITION, "promptsvc-task-definition")
    assert task.secrets == frozenset()  # a secret in it would hide the whole definition in every preview
    assert "postgres://" not in task.inputs["containerDefinitions"]


def test_the_task_has_the_architecture_of_the_stack() -> None:
    platform = (
        build.promptsvc(architecture="arm64")
        .one(types.TASK_DEFINITION, "promptsvc-task-definition")
        .inputs["runtimePlatform"]
    )
    assert platform == {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"}


def test_the_task_has_the_cpu_and_memory_of_the_size() -> None:
    task = (
        build.promptsvc(size=replace(build.SMALL, cpu=1024, memory=4096))
        .one(types.TASK_DEFINITION, "promptsvc-task-definition")
        .inputs
    )
    assert (task["cpu"], task["memory"]) == ("1024", "4096")


def test_the_log_group_has_the_retention_of_the_stack() -> None:
    group = build.promptsvc(log_retention_days=90).one(types.LOG_GROUP, "promptsvc-task-logs")
    assert group.inputs == {"name": "/ecs/mrgnl-promptsvc", "retentionInDays": 90}


def test_the_execution_role_is_limited_to_the_repository_log_group_and_secrets_of_the_service() -> None:
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


def test_the_task_role_of_a_service_with_bucket_allows_only_the_bucket() -> None:
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


def test_a_service_without_bucket_and_secrets_has_no_permissions_for_them() -> None:
    declared = build.promptsvc(entry=Entry(name="promptsvc", port=9002))
    assert list(declared.of(types.ROLE_POLICY)) == ["promptsvc-task-execution-policy"]
    assert [each["Sid"] for each in statements(declared, "promptsvc-task-execution-policy")] == [
        "GetToken",
        "PullImage",
        "WriteLogs",
    ]


def test_both_roles_trust_only_ecs_tasks_of_this_account_and_region() -> None:
    trusts = [role.json("assumeRolePolicy")["Statement"] for role in build.promptsvc().of(types.ROLE).values()]
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
