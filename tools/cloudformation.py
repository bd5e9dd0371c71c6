"""The CloudFormation types and property names behind the simulated types.

A property without an entry has the same name but for its case. The schemas are those of cfn-lint:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs import types
from simulator.aws.ec2_flow_logs import MONITORED


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The counterpart of one simulated type."""

    resource: str
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """The path in CloudFormation of each path in Pulumi that differs; an empty one has none there."""


_RULE = {"cidrIpv4": "CidrIp", "cidrIpv6": "CidrIpv6", "securityGroupId": "GroupId"}
_POLICY = {"policy": "PolicyDocument", "name": "PolicyName", "role": "RoleName"}

KINDS: Mapping[str, Kind] = {
    types.CERTIFICATE: Kind(resource="AWS::CertificateManager::Certificate"),
    types.BUDGET: Kind(
        resource="AWS::Budgets::Budget",
        names={
            "name": "Budget.BudgetName",
            "budgetType": "Budget.BudgetType",
            "timeUnit": "Budget.TimeUnit",
            "limitAmount": "Budget.BudgetLimit.Amount",
            "limitUnit": "Budget.BudgetLimit.Unit",
            "notifications": "NotificationsWithSubscribers",
            "notifications[].comparisonOperator": "Notification.ComparisonOperator",
            "notifications[].notificationType": "Notification.NotificationType",
            "notifications[].threshold": "Notification.Threshold",
            "notifications[].thresholdType": "Notification.ThresholdType",
        },
    ),
    types.SCALING_POLICY: Kind(
        resource="AWS::ApplicationAutoScaling::ScalingPolicy",
        names={"name": "PolicyName"},
    ),
    types.SCALING_TARGET: Kind(resource="AWS::ApplicationAutoScaling::ScalableTarget"),
    types.LOG_GROUP: Kind(resource="AWS::Logs::LogGroup", names={"name": "LogGroupName"}),
    types.FLOW_LOG: Kind(
        resource="AWS::EC2::FlowLog",
        names={"iamRoleArn": "DeliverLogsPermissionArn", **dict.fromkeys(MONITORED, "ResourceId")},
    ),
    types.METRIC_ALARM: Kind(
        resource="AWS::CloudWatch::Alarm",
        names={
            "name": "AlarmName",
            "metricQueries": "Metrics",
            "metricQueries[].metric": "MetricStat",
            "metricQueries[].metric.metricName": "Metric.MetricName",
            "metricQueries[].metric.namespace": "Metric.Namespace",
            "metricQueries[].metric.dimensions": "Metric.Dimensions",
            "okActions": "OKActions",
        },
    ),
    types.DASHBOARD: Kind(resource="AWS::CloudWatch::Dashboard"),
    types.EVENT_RULE: Kind(resource="AWS::Events::Rule"),
    types.EIP: Kind(resource="AWS::EC2::EIP"),
    types.INTERNET_GATEWAY: Kind(resource="AWS::EC2::InternetGateway", names={"vpcId": ""}),
    types.NAT_GATEWAY: Kind(resource="AWS::EC2::NatGateway"),
    types.ROUTE_TABLE: Kind(resource="AWS::EC2::RouteTable", names={"routes": ""}),
    types.ROUTE_TABLE_ASSOCIATION: Kind(resource="AWS::EC2::SubnetRouteTableAssociation"),
    types.SECURITY_GROUP: Kind(
        resource="AWS::EC2::SecurityGroup", names={"description": "GroupDescription", "name": "GroupName"}
    ),
    types.SUBNET: Kind(resource="AWS::EC2::Subnet"),
    types.VPC: Kind(resource="AWS::EC2::VPC"),
    types.VPC_ENDPOINT: Kind(resource="AWS::EC2::VPCEndpoint", names={"policy": "PolicyDocument"}),
    types.EGRESS_RULE: Kind(
        resource="AWS::EC2::SecurityGroupEgress",
        names={
            **_RULE,
            "prefixListId": "DestinationPrefixListId",
            "referencedSecurityGroupId": "DestinationSecurityGroupId",
        },
    ),
    types.INGRESS_RULE: Kind(
        resource="AWS::EC2::SecurityGroupIngress",
        names={**_RULE, "prefixListId": "SourcePrefixListId", "referencedSecurityGroupId": "SourceSecurityGroupId"},
    ),
    types.LIFECYCLE_POLICY: Kind(
        resource="AWS::ECR::Repository",
        names={"policy": "LifecyclePolicy.LifecyclePolicyText", "repository": "RepositoryName"},
    ),
    types.REPOSITORY: Kind(
        resource="AWS::ECR::Repository",
        names={
            "name": "RepositoryName",
            "imageTagMutabilityExclusionFilters[].filter": "ImageTagMutabilityExclusionFilterValue",
            "imageTagMutabilityExclusionFilters[].filterType": "ImageTagMutabilityExclusionFilterType",
            "encryptionConfigurations": "EncryptionConfiguration",
        },
    ),
    types.REPOSITORY_POLICY: Kind(
        resource="AWS::ECR::Repository", names={"policy": "RepositoryPolicyText", "repository": "RepositoryName"}
    ),
    types.CAPACITY_PROVIDERS: Kind(
        resource="AWS::ECS::ClusterCapacityProviderAssociations",
        names={
            "clusterName": "Cluster",
            "defaultCapacityProviderStrategies": "DefaultCapacityProviderStrategy",
        },
    ),
    types.CLUSTER: Kind(resource="AWS::ECS::Cluster", names={"name": "ClusterName", "settings": "ClusterSettings"}),
    types.SERVICE: Kind(
        resource="AWS::ECS::Service",
        names={
            "name": "ServiceName",
            "capacityProviderStrategies": "CapacityProviderStrategy",
            "deploymentCircuitBreaker": "DeploymentConfiguration.DeploymentCircuitBreaker",
            "deploymentMaximumPercent": "DeploymentConfiguration.MaximumPercent",
            "deploymentMinimumHealthyPercent": "DeploymentConfiguration.MinimumHealthyPercent",
            "enableEcsManagedTags": "EnableECSManagedTags",
            "networkConfiguration.assignPublicIp": "AwsvpcConfiguration.AssignPublicIp",
            "networkConfiguration.securityGroups": "AwsvpcConfiguration.SecurityGroups",
            "networkConfiguration.subnets": "AwsvpcConfiguration.Subnets",
            "serviceConnectConfiguration.services[].clientAlias": "ClientAliases",
            "forceNewDeployment": "",
            "iamRole": "Role",
            "orderedPlacementStrategies": "PlacementStrategies",
        },
    ),
    types.TASK_DEFINITION: Kind(resource="AWS::ECS::TaskDefinition"),
    types.KMS_ALIAS: Kind(resource="AWS::KMS::Alias", names={"name": "AliasName"}),
    types.KMS_KEY: Kind(
        resource="AWS::KMS::Key",
        names={
            "customerMasterKeySpec": "KeySpec",
            "deletionWindowInDays": "PendingWindowInDays",
            "policy": "KeyPolicy",
            "isEnabled": "Enabled",
        },
    ),
    types.IAM_POLICY: Kind(
        resource="AWS::IAM::ManagedPolicy", names={"policy": "PolicyDocument", "name": "ManagedPolicyName"}
    ),
    types.OIDC_PROVIDER: Kind(
        resource="AWS::IAM::OIDCProvider", names={"clientIdLists": "ClientIdList", "thumbprintLists": "ThumbprintList"}
    ),
    types.ROLE: Kind(
        resource="AWS::IAM::Role",
        names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument", "inlinePolicies": ""},
    ),
    types.ROLE_POLICY: Kind(resource="AWS::IAM::RolePolicy", names=_POLICY),
    types.LISTENER: Kind(
        resource="AWS::ElasticLoadBalancingV2::Listener",
        names={
            "certificateArn": "Certificates[].CertificateArn",
            "defaultActions[].redirect": "RedirectConfig",
            "defaultActions[].forward": "ForwardConfig",
            "defaultActions[].fixedResponse": "FixedResponseConfig",
        },
    ),
    types.LISTENER_RULE: Kind(
        resource="AWS::ElasticLoadBalancingV2::ListenerRule",
        names={
            "actions[].redirect": "RedirectConfig",
            "actions[].forward": "ForwardConfig",
            "actions[].fixedResponse": "FixedResponseConfig",
            "conditions[].httpHeader": "HttpHeaderConfig",
            "conditions[].httpRequestMethod": "HttpRequestMethodConfig",
            "conditions[].pathPattern": "PathPatternConfig",
            "conditions[].hostHeader": "HostHeaderConfig",
            "conditions[].queryStrings": "QueryStringConfig",
            "conditions[].sourceIp": "SourceIpConfig",
        },
    ),
    types.LOAD_BALANCER: Kind(
        resource="AWS::ElasticLoadBalancingV2::LoadBalancer",
        names={"loadBalancerType": "Type", "internal": ""},
    ),
    types.TARGET_GROUP: Kind(
        resource="AWS::ElasticLoadBalancingV2::TargetGroup",
        names={
            "healthCheck.enabled": "/HealthCheckEnabled",
            "healthCheck.healthyThreshold": "/HealthyThresholdCount",
            "healthCheck.interval": "/HealthCheckIntervalSeconds",
            "healthCheck.matcher": "/Matcher.HttpCode",
            "healthCheck.path": "/HealthCheckPath",
            "healthCheck.port": "/HealthCheckPort",
            "healthCheck.protocol": "/HealthCheckProtocol",
            "healthCheck.timeout": "/HealthCheckTimeoutSeconds",
            "healthCheck.unhealthyThreshold": "/UnhealthyThresholdCount",
        },
    ),
    types.DB_INSTANCE: Kind(
        resource="AWS::RDS::DBInstance",
        names={
            "identifier": "DBInstanceIdentifier",
            "instanceClass": "DBInstanceClass",
            "password": "MasterUserPassword",
            "username": "MasterUsername",
            "vpcSecurityGroupIds": "VPCSecurityGroups",
            "backupWindow": "PreferredBackupWindow",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "caCertIdentifier": "CACertificateIdentifier",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "parameterGroupName": "DBParameterGroupName",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
        },
    ),
    types.DB_PARAMETER_GROUP: Kind(
        resource="AWS::RDS::DBParameterGroup", names={"name": "DBParameterGroupName", "parameters": ""}
    ),
    types.DB_SUBNET_GROUP: Kind(
        resource="AWS::RDS::DBSubnetGroup",
        names={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
    ),
    types.RECORD: Kind(
        resource="AWS::Route53::RecordSet",
        names={
            "zoneId": "HostedZoneId",
            "records": "ResourceRecords",
            "ttl": "TTL",
            "aliases": "AliasTarget",
            "aliases[].name": "DNSName",
            "aliases[].zoneId": "HostedZoneId",
        },
    ),
    types.BUCKET: Kind(resource="AWS::S3::Bucket", names={"bucket": "BucketName"}),
    types.BUCKET_ENCRYPTION: Kind(
        resource="AWS::S3::Bucket",
        names={
            "bucket": "BucketName",
            "rules": "BucketEncryption.ServerSideEncryptionConfiguration",
            "rules[].applyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault",
            "rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId": "KMSMasterKeyID",
            "rules[].applyServerSideEncryptionByDefault.sseAlgorithm": "SSEAlgorithm",
            "rules[].blockedEncryptionTypes": "BlockedEncryptionTypes.EncryptionType",
        },
    ),
    types.BUCKET_LIFECYCLE: Kind(
        resource="AWS::S3::Bucket",
        names={
            "bucket": "BucketName",
            "rules": "LifecycleConfiguration.Rules",
            "rules[].abortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
            "rules[].filter": "",
            "rules[].filter.prefix": "Prefix",
        },
    ),
    types.BUCKET_POLICY: Kind(resource="AWS::S3::BucketPolicy", names={"policy": "PolicyDocument"}),
    types.BUCKET_PUBLIC_ACCESS: Kind(
        resource="AWS::S3::Bucket",
        names={
            "bucket": "BucketName",
            **{
                name: f"PublicAccessBlockConfiguration.{name[0].upper()}{name[1:]}"
                for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
            },
        },
    ),
    types.BUCKET_VERSIONING: Kind(
        resource="AWS::S3::Bucket",
        names={"bucket": "BucketName"},
    ),
    # CloudFormation creates no SecureString, SSM does.
    types.PARAMETER: Kind(resource="AWS::SSM::Parameter", names={"insecureValue": "Value", "type": ""}),
    types.SCHEDULE: Kind(
        resource="AWS::Scheduler::Schedule",
        names={
            "target.ecsParameters.capacityProviderStrategies": "CapacityProviderStrategy",
            "target.ecsParameters.networkConfiguration": "NetworkConfiguration.AwsvpcConfiguration",
            "target.ecsParameters.placementStrategies": "PlacementStrategy",
            "target.sagemakerPipelineParameters.pipelineParameters": "PipelineParameterList",
        },
    ),
    types.SCHEDULE_GROUP: Kind(resource="AWS::Scheduler::ScheduleGroup"),
    types.SECRET: Kind(resource="AWS::SecretsManager::Secret", names={"policy": ""}),
    types.SECRET_VERSION: Kind(
        resource="AWS::SecretsManager::Secret", names={"secretId": "Id", "secretString": "SecretString"}
    ),
    types.NAMESPACE: Kind(resource="AWS::ServiceDiscovery::HttpNamespace"),
    types.WEB_ACL: Kind(resource="AWS::WAFv2::WebACL"),
    types.WEB_ACL_ASSOCIATION: Kind(resource="AWS::WAFv2::WebACLAssociation"),
    types.TOPIC: Kind(resource="AWS::SNS::Topic", names={"name": "TopicName"}),
    types.TOPIC_POLICY: Kind(resource="AWS::SNS::TopicPolicy", names={"arn": "Topics[]", "policy": "PolicyDocument"}),
    types.TOPIC_SUBSCRIPTION: Kind(resource="AWS::SNS::Subscription", names={"topic": "TopicArn"}),
}
"""The type of each simulated type that has one."""
