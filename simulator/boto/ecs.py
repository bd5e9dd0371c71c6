"""The methods of boto3's ECS client that ops uses."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ecs import types
from simulator.aws.ecs_rollout import RUNNING, deployments
from simulator.boto.errors import client_error
from simulator.store import Object, Properties, Store


@dataclass(frozen=True, kw_only=True)
class Ecs:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def describe_services(self, *, cluster: str, services: list[str]) -> Properties:
        """Services by ARN. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
        if not self._find(types.CLUSTER, arn=cluster):
            raise client_error("DescribeServices", "ClusterNotFoundException", "Cluster not found.")
        stored = {each.properties["arn"]: each.properties for each in self._find(types.SERVICE, cluster=cluster)}
        return {
            "services": [_service(stored[arn]) for arn in services if arn in stored],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in services if arn not in stored],
        }

    def describe_task_definition(self, *, taskDefinition: str) -> Properties:  # noqa: N803, the name is boto3's
        """A revision. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html"""
        for each in self._find(types.TASK_DEFINITION, arn=taskDefinition):
            return {
                "taskDefinition": {
                    "taskDefinitionArn": taskDefinition,
                    "containerDefinitions": json.loads(each.properties["containerDefinitions"]),
                    "runtimePlatform": each.properties["runtimePlatform"],
                }
            }
        raise client_error("DescribeTaskDefinition", "ClientException", "Unable to describe task definition.")

    def _find(self, kind: str, **properties: object) -> list[Object]:
        objects = self.store.find(kind, **properties)
        return [each for each in objects if (each.account, each.region) == (self.account, self.region)]


def _service(properties: Properties) -> Properties:
    tasks, running = int(properties.get("desiredCount", 0)), properties[RUNNING]
    return {
        "serviceArn": properties["arn"],
        "status": "ACTIVE",
        "desiredCount": tasks,
        "runningCount": tasks if running else 0,
        "deployments": deployments(properties),
    }
