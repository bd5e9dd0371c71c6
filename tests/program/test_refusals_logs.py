"""What the simulated cloud refuses of changes of access logs, flow logs and the firewall."""

from __future__ import annotations

from typing import Any

import pytest

from ecs.logs import LOG_DELIVERY
from tests.program.mutations import Case, Change, assert_refused, deployed, mutate, policy, put, refusals, within

SHAPE: dict[str, Any] = {
    "ingress": {"allowed-cidrs": ["203.0.113.0/24"], "access-logs": True, "firewall": True},
    "network": {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "flow-logs": True},
}
BUCKET = "marginalia-content-test-logs"
DENIED = f"Access Denied for bucket: {BUCKET}. Please check S3bucket permission"


def statement(sid: str, **changes: Any) -> Change:
    """A change of one statement of the bucket policy."""
    return policy(lambda statements: [put(**changes)(each) for each in statements if each["Sid"] == sid])


def rule(number: int, **changes: Any) -> Change:
    return lambda found: put(**changes)(found["rules"][number])


def rate(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["rules"][0]["statement"]["rateBasedStatement"])


def group(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["rules"][1]["statement"]["managedRuleGroupStatement"])


CASES: list[Case] = [
    ("logs-tls", statement("AccessLogs", Principal={"Service": LOG_DELIVERY}), f"{DENIED}: its policy does not let"),
    ("logs-tls", statement("AccessLogs", Resource=f"arn:aws:s3:::{BUCKET}/AWSLogs/1/*"), f"{DENIED}: its policy"),
    ("ingress-balancer", within("accessLogs", bucket="other"), "Access Denied for bucket: other"),
    ("ingress-balancer", within("accessLogs", prefix="alb"), f"{DENIED}: its policy does not let"),
    ("ingress-balancer", within("accessLogs", prefix="AWSLogs"), "the prefix of access logs must not contain AWSLogs"),
    (
        "logs-encryption",
        put(rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]),
        "Elastic Load Balancing writes to no bucket that is encrypted by KMS",
    ),
    (
        "logs-tls",
        statement("AWSLogDeliveryWrite", Condition={"StringEquals": {"aws:SourceAccount": "1"}}),
        f"Access Denied for LogDestination: {BUCKET}. Please check LogDestination permission: its policy does not let"
        " delivery.logs.amazonaws.com perform s3:PutObject",
    ),
    ("logs-tls", statement("AWSLogDeliveryAclCheck", Effect="Deny"), "amazonaws.com perform s3:GetBucketAcl"),
    ("network-flow-log", put(logDestination="arn:aws:s3:::other"), "LogDestination: other. Please check"),
    ("network-flow-log", put(logDestination=None), "logDestination is required"),
    ("network-flow-log", put(logDestinationType="cloud-watch-logs"), "is not of the type cloud-watch-logs"),
    ("network-flow-log", put(iamRoleArn="arn:aws:iam::1:role/a"), "DeliverLogsPermissionArn is not applicable for s3"),
    ("network-flow-log", put(trafficType=None), "trafficType is required"),
    ("network-flow-log", put(subnetId="subnet-1"), "a flow log has one of"),
    ("network-flow-log", put(maxAggregationInterval=300), "maxAggregationInterval must be 60 or 600, not 300"),
    ("network-flow-log", put(logFormat="srcaddr"), "logFormat 'srcaddr' is no list of fields"),
    ("firewall-acl", put(defaultAction={}), "defaultAction has either allow or block, not none"),
    ("firewall-acl", rule(1, priority=0), "the priority 0 is that of more than one rule"),
    ("firewall-acl", rule(1, priority=-1), "rules[1].priority -1 is less than 0"),
    ("firewall-acl", rule(2, name="requests-of-an-address"), "the name requests-of-an-address is that of more than"),
    ("firewall-acl", rule(1, overrideAction=None), "with managedRuleGroupStatement has one overrideAction and no act"),
    ("firewall-acl", rule(0, overrideAction={"none": {}}), "with rateBasedStatement has one action and no override"),
    ("firewall-acl", rule(0, statement={}), "has one statement, not 0"),
    ("firewall-acl", group(ruleActionOverrides="text"), "are not a list"),
    ("firewall-acl", group(ruleActionOverrides=[{"name": "a"}]), "requires a name and an actionToUse"),
    ("firewall-acl", rate(limit=9), "limit must be a whole number from 10 to 2000000000, not 9"),
    ("firewall-acl", rate(evaluationWindowSec=90), "evaluationWindowSec must be one of 60, 120, 300, 600, not 90"),
    ("firewall-acl", rate(aggregateKeyType="CONSTANT"), "by CONSTANT requires a scopeDownStatement"),
    ("firewall-acl", group(name="CommonRuleSet"), "AWS has no rule group CommonRuleSet"),
    ("firewall-acl", within("visibilityConfig", metricName="All"), "the metricName 'All' is not valid"),
    ("firewall-acl", put(scope="CLOUDFRONT"), "is CLOUDFRONT, not REGIONAL"),
    ("firewall-association", put(resourceArn="arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/a/b"), "valid"),
    (
        "firewall-association",
        put(resourceArn="arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/a/b"),
        "loadbalancer/app/a/b does not exist",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[2][-40:])
def test_a_change_of_what_is_logged_or_blocked_is_refused_for_its_cause(case: Case) -> None:
    name, change, reason = case
    world = deployed(**SHAPE)
    mutate(world, name, change)
    assert_refused(world, reason)


def test_what_the_program_declares_is_accepted() -> None:
    assert refusals(deployed(**SHAPE)) == []


def test_a_policy_of_before_2022_lets_the_account_of_elastic_load_balancing_write() -> None:
    world = deployed(**SHAPE)
    mutate(world, "logs-tls", statement("AccessLogs", Principal={"AWS": "arn:aws:iam::127311923021:root"}))
    assert refusals(world) == []
