"""The web application firewall in front of the load balancer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, ResourceOptions

WINDOW = 300
"""Seconds over which AWS WAF counts the requests of an address.
https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""
SIZE_RULE = "SizeRestrictions_BODY"
"""Blocks a body above 8 KB, which a prompt may have. Counted only.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"""


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    resource_arn: Input[str]
    """The load balancer."""
    request_limit: int
    """Requests that one address may send in WINDOW: 10 to 2,000,000,000."""


class Firewall(ComponentResource):
    """A web ACL that allows a request unless one of its rules blocks it.

    Its rules need 927 of the 1500 capacity units of the basic price: 2 for the rate, 25, 700 and 200 for the groups.
    https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
    """

    def __init__(self, name: str, args: FirewallArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:network:Firewall", name, None, opts)
        self._name = name
        child = ResourceOptions(parent=self)
        acl = aws.wafv2.WebAcl(
            f"{name}-acl",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
            ),
            rules=[
                self._rate(args.request_limit),
                self._group(1, "AWSManagedRulesAmazonIpReputationList"),
                self._group(2, "AWSManagedRulesCommonRuleSet", counted=[SIZE_RULE]),
                self._group(3, "AWSManagedRulesKnownBadInputsRuleSet"),
            ],
            opts=child,
        )
        aws.wafv2.WebAclAssociation(
            f"{name}-association", resource_arn=args.resource_arn, web_acl_arn=acl.arn, opts=child
        )
        self.register_outputs({})

    def _rate(self, limit: int) -> aws.wafv2.WebAclRuleArgs:
        """First: it is the cheapest, and spares the others a flood."""
        return aws.wafv2.WebAclRuleArgs(
            name="requests-of-an-address",
            priority=0,
            action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                    aggregate_key_type="IP", limit=limit, evaluation_window_sec=WINDOW
                )
            ),
            visibility_config=_visible("requests-of-an-address"),
        )

    def _group(self, priority: int, group: str, counted: Sequence[str] = ()) -> aws.wafv2.WebAclRuleArgs:
        """A rule group of AWS, which updates it."""
        return aws.wafv2.WebAclRuleArgs(
            name=group,
            priority=priority,
            override_action=aws.wafv2.WebAclRuleOverrideActionArgs(none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                    vendor_name="AWS", name=group, rule_action_overrides=[_count(rule) for rule in counted]
                )
            ),
            visibility_config=_visible(group),
        )


def _count(rule: str) -> aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs:
    count = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
        count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
    )
    return aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(name=rule, action_to_use=count)


def _visible(metric: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
