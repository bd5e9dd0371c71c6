"""Documents and lists that the program declares: why AWS's form of them is no change in the next preview.

Container definitions have a table of their own: tests/unit/simulator/test_ecs_containers.py.
"""

from __future__ import annotations

from typing import Any

from ecs import types
from tests.declared import declare_program

PROVIDER = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service"
SET = "a set in the provider: order and repetition do not count"
POLICY = "the provider compares policies by their meaning"
ONE = "one item, or an object: it has no order"
SOURCES = {
    (types.CERTIFICATE_VALIDATION, "validationRecordFqdns"): (SET, f"{PROVIDER}/acm/certificate_validation.go"),
    (types.SCALING_POLICY, "targetTrackingScalingPolicyConfiguration"): (ONE, f"{PROVIDER}/appautoscaling/policy.go"),
    (types.ROUTE_TABLE, "routes"): (SET, f"{PROVIDER}/ec2/vpc_route_table.go"),
    (types.VPC_ENDPOINT, "routeTableIds"): (SET, f"{PROVIDER}/ec2/vpc_endpoint.go"),
    (types.LIFECYCLE_POLICY, "policy"): ("compared after sorting its rules", f"{PROVIDER}/ecr/lifecycle_policy.go"),
    (types.REPOSITORY, "imageScanningConfiguration"): (ONE, f"{PROVIDER}/ecr/repository.go"),
    (types.REPOSITORY, "imageTagMutabilityExclusionFilters"): (ONE, f"{PROVIDER}/ecr/repository.go"),
    (types.REPOSITORY_POLICY, "policy"): (POLICY, f"{PROVIDER}/ecr/repository_policy.go"),
    (types.CLUSTER, "settings"): (SET, f"{PROVIDER}/ecs/cluster.go"),
    (types.CAPACITY_PROVIDERS, "capacityProviders"): (SET, f"{PROVIDER}/ecs/cluster_capacity_providers.go"),
    (types.SERVICE, "capacityProviderStrategies"): (SET, f"{PROVIDER}/ecs/service.go"),
    (types.SERVICE, "deploymentCircuitBreaker"): (ONE, f"{PROVIDER}/ecs/service.go"),
    (types.SERVICE, "loadBalancers"): (SET, f"{PROVIDER}/ecs/service.go"),
    (types.SERVICE, "networkConfiguration"): ("subnets and security groups are sets", f"{PROVIDER}/ecs/service.go"),
    (types.SERVICE, "serviceConnectConfiguration"): (ONE, f"{PROVIDER}/ecs/service.go"),
    (types.TASK_DEFINITION, "requiresCompatibilities"): (SET, f"{PROVIDER}/ecs/task_definition.go"),
    (types.TASK_DEFINITION, "runtimePlatform"): (ONE, f"{PROVIDER}/ecs/task_definition.go"),
    (types.TASK_DEFINITION, "volumes"): (
        "a volume without a host path has only a name",
        f"{PROVIDER}/ecs/task_definition.go",
    ),
    (types.ROLE, "assumeRolePolicy"): (POLICY, f"{PROVIDER}/iam/role.go"),
    (types.ROLE_POLICY, "policy"): (POLICY, f"{PROVIDER}/iam/role_policy.go"),
    (types.LISTENER, "defaultActions"): (
        "its defaults are those of ELB: #{host}, #{path}",
        f"{PROVIDER}/elbv2/listener.go",
    ),
    (types.LOAD_BALANCER, "accessLogs"): (ONE, f"{PROVIDER}/elbv2/load_balancer.go"),
    (types.LOAD_BALANCER, "securityGroups"): (SET, f"{PROVIDER}/elbv2/load_balancer.go"),
    (types.LOAD_BALANCER, "subnets"): (SET, f"{PROVIDER}/elbv2/load_balancer.go"),
    (types.TARGET_GROUP, "healthCheck"): ("its defaults are those of ELB", f"{PROVIDER}/elbv2/target_group.go"),
    (types.DB_INSTANCE, "enabledCloudwatchLogsExports"): (SET, f"{PROVIDER}/rds/instance.go"),
    (types.DB_INSTANCE, "vpcSecurityGroupIds"): (SET, f"{PROVIDER}/rds/instance.go"),
    (types.DB_PARAMETER_GROUP, "parameters"): (SET, f"{PROVIDER}/rds/parameter_group.go"),
    (types.DB_SUBNET_GROUP, "subnetIds"): (SET, f"{PROVIDER}/rds/subnet_group.go"),
    (types.RECORD, "aliases"): ("compared without case and last dot", f"{PROVIDER}/route53/record.go"),
    (types.RECORD, "records"): (SET, f"{PROVIDER}/route53/record.go"),
    (types.BUCKET_LIFECYCLE, "rules"): ("an empty prefix is kept", f"{PROVIDER}/s3/bucket_lifecycle_configuration.go"),
    (types.BUCKET_POLICY, "policy"): (POLICY, f"{PROVIDER}/s3/bucket_policy.go"),
    (types.BUCKET_ENCRYPTION, "rules"): (
        "blockedEncryptionTypes is as S3 would set it",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html",
    ),
    (types.BUCKET_VERSIONING, "versioningConfiguration"): (ONE, f"{PROVIDER}/s3/bucket_versioning.go"),
}
"""By type and property, the reason and its source."""


def is_document(value: Any) -> bool:
    return isinstance(value, list | dict) or (isinstance(value, str) and value[:1] in ("{", "["))


def test_each_document_and_list_of_the_program_has_a_source_for_its_form() -> None:
    """Tags are compared by key."""
    declared = declare_program(
        build={"context": "image/sample", "consumers": ["000000000001"]},
        ingress={"domain": "api.marginalia.sh", "zone-id": "Z00000000000000000000"},
        network={"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": "nat"},
        sizes={"authsvc": {"min": 1, "max": 2}},
        protect=True,
    )
    found = {
        (each.type, key)
        for each in declared.registrations
        for key, value in each.inputs.items()
        if each.type.startswith("aws:") and is_document(value) and key != "tags"
    }
    assert found - {(types.TASK_DEFINITION, "containerDefinitions")} == SOURCES.keys()
