"""The methods of boto3's client of Elastic Load Balancing that ops uses."""

from __future__ import annotations

from dataclasses import dataclass

from ecs import types
from simulator.aws import ecs_rollout, ecs_shift, ecs_tasks
from simulator.aws.values import mapping, mappings, number
from simulator.boto.errors import client_error
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class Elbv2:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def describe_target_health(self, *, TargetGroupArn: str) -> Properties:  # noqa: N803, the name is boto3's
        """The running tasks of the group's service, all healthy: a failed rollout leaves no target of its own.

        Of two groups, those of the former revision are in the one and those of the new one in the other.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
        """
        if not self.store.located(types.TARGET_GROUP, self.account, self.region, arn=TargetGroupArn):
            message = f"Target groups '{TargetGroupArn}' not found"
            raise client_error("DescribeTargetHealth", "TargetGroupNotFound", message)
        targets: list[Properties] = []
        for service in self.store.find(types.SERVICE):
            for block in mappings(service.properties.get("loadBalancers")):
                shift = mapping(block.get("advancedConfiguration"))
                if TargetGroupArn in (block.get("targetGroupArn"), shift.get("alternateTargetGroupArn")):
                    port = number(block.get("containerPort"))
                    running = [each for each in ecs_tasks.tasks(self.store, service) if each.status == "RUNNING"]
                    targets += [
                        _target(each.address, port)
                        for each in running
                        if not shift or _group(service.properties, each.revision) == TargetGroupArn
                    ]
        return {"TargetHealthDescriptions": targets}


def _group(service: Properties, revision: str) -> str:
    """The target group of the tasks of a revision."""
    group = service[ecs_shift.GROUP]
    return group if revision == service[ecs_rollout.RUNNING] else ecs_shift.other(service, group)


def _target(address: str, port: int | None) -> Properties:
    return {
        "Target": {"Id": address, "Port": port},
        "HealthCheckPort": str(port),
        "TargetHealth": {"State": "healthy"},
    }
