"""Rules by resource type, and the types that cost nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from cost.charge import Rule
from cost.rules import data, monitoring, network, tasks
from ecs import types

RULES: Mapping[str, Rule] = {
    types.SERVICE: tasks.service,
    types.TASK_DEFINITION: tasks.definition,
    types.CLUSTER: tasks.cluster,
    types.SCHEDULE: tasks.schedule,
    types.LOAD_BALANCER: network.load_balancer,
    types.NAT_GATEWAY: network.nat_gateway,
    types.EIP: network.address,
    types.VPC: network.network,
    types.VPC_ENDPOINT: network.endpoint,
    types.FLOW_LOG: network.flow_log,
    types.WEB_ACL: network.web_acl,
    types.DB_INSTANCE: data.database,
    types.BUCKET: data.bucket,
    types.REPOSITORY: data.repository,
    types.SECRET: data.secret,
    types.KMS_KEY: data.key,
    types.PARAMETER: data.parameter,
    types.LOG_GROUP: monitoring.log_group,
    types.METRIC_ALARM: monitoring.alarm,
    types.SCALING_POLICY: monitoring.scaling_policy,
    types.DASHBOARD: monitoring.dashboard,
    types.TOPIC_SUBSCRIPTION: monitoring.subscription,
}

_VPC = "AWS bills a VPC's traffic, gateways and addresses, not its subnets, routes and rules"
_PART = "a setting of another resource, which its price includes"
_IAM = "IAM is free"
_IN_STATE = "a value in Pulumi's state"
_EVENTS = "events of AWS services and their delivery in the account are free"

FREE: Mapping[str, str] = {
    types.BUDGET: "a budget without actions is free",
    types.LISTENER_RULE: "costs what its load balancer costs",
    types.CERTIFICATE: "a public certificate for a load balancer is free",
    types.CERTIFICATE_VALIDATION: "waits for the certificate",
    types.SCALING_TARGET: "Application Auto Scaling is free",
    types.EVENT_RULE: _EVENTS,
    types.EVENT_TARGET: _EVENTS,
    types.DEFAULT_SECURITY_GROUP: _VPC,
    types.INTERNET_GATEWAY: _VPC,
    types.ROUTE_TABLE: _VPC,
    types.ROUTE_TABLE_ASSOCIATION: _VPC,
    types.SECURITY_GROUP: _VPC,
    types.SUBNET: _VPC,
    types.EGRESS_RULE: _VPC,
    types.INGRESS_RULE: _VPC,
    types.LIFECYCLE_POLICY: _PART,
    types.REPOSITORY_POLICY: _PART,
    types.CAPACITY_PROVIDERS: _PART,
    types.KMS_ALIAS: _PART,
    types.IAM_POLICY: _IAM,
    types.OIDC_PROVIDER: _IAM,
    types.ROLE: _IAM,
    types.ROLE_POLICY: _IAM,
    types.ROLE_POLICY_ATTACHMENT: _IAM,
    types.LISTENER: _PART,
    types.TARGET_GROUP: _PART,
    types.DB_PARAMETER_GROUP: _PART,
    types.DB_SUBNET_GROUP: _PART,
    types.RECORD: "an alias to a load balancer is free, and the hosted zone is not of this program",
    types.BUCKET_ENCRYPTION: _PART,
    types.BUCKET_LIFECYCLE: _PART,
    types.BUCKET_POLICY: _PART,
    types.BUCKET_PUBLIC_ACCESS: _PART,
    types.BUCKET_VERSIONING: _PART,
    types.SCHEDULE_GROUP: _PART,
    types.SECRET_VERSION: _PART,
    types.NAMESPACE: "Service Connect is free in an HTTP namespace",
    types.WEB_ACL_ASSOCIATION: _PART,
    types.TOPIC: "a topic costs by its messages, which only its subscriptions send",
    types.TOPIC_POLICY: _PART,
    types.DOCKER_IMAGE: "ECR bills the image that it stores: its repository",
    types.RANDOM_ID: _IN_STATE,
    types.RANDOM_PASSWORD: _IN_STATE,
    types.STASH: _IN_STATE,
}
