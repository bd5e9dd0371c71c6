"""ECS, ECR, the roles of tasks, their logs, scaling and Service Connect."""

from __future__ import annotations

from bootstrap.actions.row import Row, each
from ecs import types

_CLUSTER = "arn:aws:ecs:{region}:{account}:cluster/{name}"
_SERVICE = "arn:aws:ecs:{region}:{account}:service/{cluster_name}/{name}"
_REPOSITORY = "arn:aws:ecr:{region}:{account}:repository/{name}"
_ROLE = "arn:aws:iam::{account}:role/{role}"
_TARGET = "arn:aws:application-autoscaling:{region}:{account}:scalable-target/*"
_TAGS = each("ecs", "TagResource UntagResource")
_ROLES = {"role": "*-task-*"}  # Pulumi names them <service>-task-execution-<7 hex> and <service>-task-role-<7 hex>
_REPOSITORIES = {"name": "{prefix}-*"}
_SERVICES = {"cluster_name": "{prefix}", "name": "*"}
_DEPLOYMENTS = each("ecs", "DescribeServiceDeployments ListServiceDeployments")
_ANSWER = each("ecs", "ContinueServiceDeployment")
_ALARMS = each("cloudwatch", "DescribeAlarms")
_BOUNDED = {"iam:PermissionsBoundary": "{boundary_arn}"}
_PUSH = (
    *each("ecr", "BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload GetDownloadUrlForLayer"),
    *each("ecr", "InitiateLayerUpload PutImage UploadLayerPart"),
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""

ROWS = (
    Row(
        type=types.CLUSTER,
        arn=_CLUSTER,
        known={"name": "{prefix}"},
        read=each("ecs", "DescribeClusters"),
        create=each("ecs", "CreateCluster"),
        tag=_TAGS,
        update={"*": each("ecs", "UpdateCluster")},
        delete=each("ecs", "DeleteCluster"),
    ),
    Row(
        type=types.CAPACITY_PROVIDERS,
        arn="arn:aws:ecs:{region}:{account}:cluster/{clusterName}",
        known={"clusterName": "{prefix}"},
        read=each("ecs", "DescribeClusters"),
        create=each("ecs", "PutClusterCapacityProviders"),
        update={"*": each("ecs", "PutClusterCapacityProviders")},
        delete=each("ecs", "PutClusterCapacityProviders"),
    ),
    Row(
        type=types.SERVICE,
        arn=_SERVICE,
        known=_SERVICES,
        read=each("ecs", "DescribeServices"),
        create=each("ecs", "CreateService"),
        tag=_TAGS,
        update={"*": each("ecs", "UpdateService")},
        delete=each("ecs", "DeleteService UpdateService"),
    ),
    Row(  # `wait_for_steady_state` follows the deployment; a job may test it and approve it, or reject it
        type=types.SERVICE,
        arn=_SERVICE,
        known=_SERVICES,
        also=("arn:aws:ecs:{region}:{account}:service-deployment/{prefix}/*",),
        create=(*_DEPLOYMENTS, *_ANSWER),
        update={"*": (*_DEPLOYMENTS, *_ANSWER)},
    ),
    Row(  # the role with which ECS shifts traffic
        type=types.SERVICE,
        arn="{shift_role}",
        known={"shift_role": "arn:aws:iam::{account}:role/ingress-shift-task-*"},
        conditions={"iam:PassedToService": "ecs.amazonaws.com"},
        create=each("iam", "PassRole"),
        update={"loadBalancers": each("iam", "PassRole"), "*": ()},
    ),
    Row(
        type=types.GET_SERVICE,
        arn="arn:aws:ecs:{region}:{account}:service/{cluster_name}/{serviceName}",
        known={"cluster_name": "{prefix}", "serviceName": "*"},
        read=each("ecs", "DescribeServices"),
    ),
    Row(  # `skip_destroy`: the provider never deregisters a revision
        type=types.TASK_DEFINITION,
        arn="arn:aws:ecs:{region}:{account}:task-definition/{family}:*",
        known={"family": "{prefix}-*"},
        read=each("ecs", "DescribeTaskDefinition"),
        create=each("ecs", "RegisterTaskDefinition"),
        tag=_TAGS,
    ),
    *(
        Row(
            type=token,
            arn=f"{{{role}}}",
            known={role: "arn:aws:iam::{account}:role/*-task-*"},
            conditions={"iam:PassedToService": "ecs-tasks.amazonaws.com"},
            create=each("iam", "PassRole"),
        )
        for token in (types.TASK_DEFINITION, types.RUN_TASK)
        for role in ("executionRoleArn", "taskRoleArn")
    ),
    Row(
        type=types.RUN_TASK,
        arn="arn:aws:ecs:{region}:{account}:task-definition/{family}:*",
        known={"family": "{prefix}-*"},
        create=each("ecs", "RunTask"),
    ),
    Row(  # it is tagged as it starts, found again, followed, and stopped when it takes too long
        type=types.RUN_TASK,
        arn="arn:aws:ecs:{region}:{account}:task/{cluster_name}/*",
        known={"cluster_name": "{prefix}"},
        create=each("ecs", "DescribeTasks ListTasks StopTask TagResource"),
    ),
    Row(
        type=types.RUN_TASK,
        arn="arn:aws:logs:{region}:{account}:log-group:{log_group}:log-stream:*",
        known={"log_group": "/ecs/{prefix}-*"},
        create=each("logs", "GetLogEvents"),
    ),
    Row(
        type=types.ROLE,
        arn="arn:aws:iam::{account}:role/{name}",
        known={"name": "*-task-*"},
        read=each("iam", "GetRole ListAttachedRolePolicies ListRolePolicies"),
        tag=each("iam", "TagRole UntagRole"),
        delete=each("iam", "DeleteRole ListInstanceProfilesForRole"),
    ),
    Row(  # never iam:DeleteRolePermissionsBoundary: a role keeps its boundary
        type=types.ROLE,
        arn="arn:aws:iam::{account}:role/{name}",
        known={"name": "*-task-*"},
        conditions=_BOUNDED,
        create=each("iam", "CreateRole"),
        update={
            "assumeRolePolicy": each("iam", "UpdateAssumeRolePolicy"),
            "permissionsBoundary": each("iam", "PutRolePermissionsBoundary"),
        },
    ),
    Row(
        type=types.ROLE_POLICY,
        arn=_ROLE,
        known=_ROLES,
        read=each("iam", "GetRolePolicy"),
        delete=each("iam", "DeleteRolePolicy"),
    ),
    Row(
        type=types.ROLE_POLICY,
        arn=_ROLE,
        known=_ROLES,
        conditions=_BOUNDED,
        create=each("iam", "PutRolePolicy"),
        update={"*": each("iam", "PutRolePolicy")},
    ),
    Row(
        type=types.LOG_GROUP,
        arn="arn:aws:logs:{region}:{account}:log-group:{name}",
        known={"name": "/ecs/{prefix}-*"},
        also=("arn:aws:logs:{region}:{account}:log-group:/aws/rds/instance/{prefix}/*",),
        read=each("logs", "DescribeLogGroups ListTagsForResource"),
        create=each("logs", "CreateLogGroup PutRetentionPolicy"),
        tag=each("logs", "TagResource UntagResource"),
        update={"retentionInDays": each("logs", "PutRetentionPolicy")},
        delete=each("logs", "DeleteLogGroup"),
    ),
    Row(
        type=types.SCALING_TARGET,
        arn=_TARGET,
        read=each("application-autoscaling", "DescribeScalableTargets ListTagsForResource"),
        create=each("application-autoscaling", "RegisterScalableTarget"),
        tag=each("application-autoscaling", "TagResource UntagResource"),
        update={"*": each("application-autoscaling", "RegisterScalableTarget")},
        delete=each("application-autoscaling", "DeregisterScalableTarget"),
    ),
    Row(
        type=types.SCALING_POLICY,
        arn=_TARGET,
        read=each("application-autoscaling", "DescribeScalingPolicies"),
        create=each("application-autoscaling", "PutScalingPolicy"),
        update={"*": each("application-autoscaling", "PutScalingPolicy")},
        delete=each("application-autoscaling", "DeleteScalingPolicy"),
    ),
    # Application Auto Scaling creates the alarms of a policy with the caller's permissions.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/auto-scaling-IAM.html
    Row(
        type=types.SCALING_POLICY,
        arn="arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-{resourceId}*",
        known={"resourceId": "service/{prefix}/"},
        create=each("cloudwatch", "PutMetricAlarm"),
        update={"*": each("cloudwatch", "PutMetricAlarm")},
        delete=each("cloudwatch", "DeleteAlarms"),
    ),
    Row(type=types.SCALING_POLICY, arn="arn:aws:cloudwatch:{region}:{account}:alarm:*", read=_ALARMS),
    Row(
        type=types.NAMESPACE,
        arn="arn:aws:servicediscovery:{region}:{account}:namespace/*",
        read=each("servicediscovery", "GetNamespace ListTagsForResource"),
        create=each("servicediscovery", "CreateHttpNamespace GetOperation"),
        tag=each("servicediscovery", "TagResource UntagResource"),
        delete=each("servicediscovery", "DeleteNamespace GetOperation"),
    ),
    Row(
        type=types.REPOSITORY,
        arn=_REPOSITORY,
        known=_REPOSITORIES,
        read=each("ecr", "DescribeRepositories ListTagsForResource"),
        create=each("ecr", "CreateRepository"),
        tag=each("ecr", "TagResource UntagResource"),
        update={
            "imageScanningConfiguration": each("ecr", "PutImageScanningConfiguration"),
            "imageTagMutability": each("ecr", "PutImageTagMutability"),
            "imageTagMutabilityExclusionFilters": each("ecr", "PutImageTagMutability"),
        },
        delete=each("ecr", "DeleteRepository"),
    ),
    Row(
        type=types.REPOSITORY_POLICY,
        arn="arn:aws:ecr:{region}:{account}:repository/{repository}",
        known={"repository": "{prefix}-*"},
        read=each("ecr", "GetRepositoryPolicy"),
        create=each("ecr", "SetRepositoryPolicy"),
        update={"*": each("ecr", "SetRepositoryPolicy")},
        delete=each("ecr", "DeleteRepositoryPolicy"),
    ),
    Row(
        type=types.LIFECYCLE_POLICY,
        arn="arn:aws:ecr:{region}:{account}:repository/{repository}",
        known={"repository": "{prefix}-*"},
        read=each("ecr", "GetLifecyclePolicy"),
        create=each("ecr", "PutLifecyclePolicy"),
        update={"*": each("ecr", "PutLifecyclePolicy")},
        delete=each("ecr", "DeleteLifecyclePolicy"),
    ),
    Row(
        type=types.GET_AUTHORIZATION_TOKEN,
        arn="arn:aws:ecr:{region}:{account}:*",
        read=each("ecr", "GetAuthorizationToken"),
    ),
    Row(
        type=types.DOCKER_IMAGE,
        arn="arn:aws:ecr:{region}:{account}:repository/{repository}",
        known={"repository": "{prefix}-*"},
        create=_PUSH,
        update={"*": _PUSH},
    ),
)
