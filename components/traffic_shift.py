"""What ECS needs to shift the traffic of a load balancer from one target group to another.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from ecs import iam

TEST_HEADER = ("x-amzn-ecs-blue-green-test", "true")
"""The name and the value of a request's header that leads it to the new tasks before the traffic is shifted. The name
is Service Connect's own: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html"""


@dataclass(frozen=True, kw_only=True)
class TrafficShiftArgs:
    listener_arn: Input[str]
    primary_arn: Input[str]
    """The target group to which the listener itself forwards, and the rule at first."""
    alternate_arn: Input[str]
    permissions_boundary: str | None


class TrafficShift(ComponentResource):
    """Two rules in front of the listener's default action, and the role with which ECS rewrites them.

    The default action still forwards to the primary group: it has the traffic as long as there is no rule, before the
    first deployment that shifts traffic and after the last one.
    """

    target_group_arn: Input[str]
    """The alternate group."""
    production_rule_arn: Output[str]
    test_rule_arn: Output[str]
    role_arn: Output[str]

    def __init__(self, name: str, args: TrafficShiftArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:network:TrafficShift", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)

        header, value = TEST_HEADER
        test = self._rule(
            "test",
            1,
            aws.lb.ListenerRuleConditionArgs(
                http_header=aws.lb.ListenerRuleConditionHttpHeaderArgs(http_header_name=header, values=[value])
            ),
            aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=args.alternate_arn),
        )
        groups = [
            aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=arn, weight=weight)
            for arn, weight in ((args.primary_arn, 100), (args.alternate_arn, 0))
        ]
        every_path = aws.lb.ListenerRuleConditionPathPatternArgs(values=["/*"])
        production = self._rule(
            "production",
            2,
            aws.lb.ListenerRuleConditionArgs(path_pattern=every_path),
            aws.lb.ListenerRuleActionArgs(
                type="forward", forward=aws.lb.ListenerRuleActionForwardArgs(target_groups=groups)
            ),
        )
        role = aws.iam.Role(
            f"{name}-task-role",  # CI's role may create and pass it: bootstrap/actions/compute.py
            assume_role_policy=iam.document([iam.trusted_by_ecs()]),
            permissions_boundary=args.permissions_boundary,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-task-role-policy",
            role=role.name,
            policy=iam.document(
                iam.shift_traffic(
                    target_groups=[args.primary_arn, args.alternate_arn],
                    listener=args.listener_arn,
                    rules=[test.arn, production.arn],
                )
            ),
            opts=self._child,
        )

        self.target_group_arn = args.alternate_arn
        self.production_rule_arn = production.arn
        self.test_rule_arn = test.arn
        # ECS checks the permissions of the role when it creates or updates the service.
        self.role_arn = Output.all(role.arn, policy.id).apply(lambda found: found[0])
        self.register_outputs({"role_arn": self.role_arn})

    def _rule(
        self,
        kind: str,
        priority: int,
        condition: aws.lb.ListenerRuleConditionArgs,
        action: aws.lb.ListenerRuleActionArgs,
    ) -> aws.lb.ListenerRule:
        return aws.lb.ListenerRule(
            f"{self._name}-{kind}",
            listener_arn=self._args.listener_arn,
            priority=priority,
            conditions=[condition],
            actions=[action],
            # ECS rewrites the weights with each deployment: the next update must not put them back.
            # https://github.com/aws/containers-roadmap/issues/2853
            opts=ResourceOptions(parent=self, ignore_changes=["actions"]),
        )
