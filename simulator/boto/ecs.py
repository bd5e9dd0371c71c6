"""The methods of boto3's ECS client that ops uses."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ecs import types
from simulator.aws import ecs_tasks
from simulator.boto import ecs_responses
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
        self._require(cluster, "DescribeServices")
        stored = {each.properties["arn"]: each for each in self._find(types.SERVICE, cluster=cluster)}
        return {
            "services": [ecs_responses.service(self.store, stored[arn]) for arn in services if arn in stored],
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

    def list_tasks(self, *, cluster: str, serviceName: str, desiredStatus: str) -> Properties:  # noqa: N803
        """Tasks that run or start, or that stopped in the last hour.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
        """
        self._require(cluster, "ListTasks")
        found = [each for service in self._find(types.SERVICE, cluster=cluster, name=serviceName)
                 for each in ecs_tasks.tasks(self.store, service)]  # fmt: skip
        stopped = desiredStatus == "STOPPED"
        return {"taskArns": [each.arn for each in found if (each.status == "STOPPED") == stopped]}

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> Properties:
        """Tasks by ARN. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html"""
        self._require(cluster, "DescribeTasks")
        stored = {each.arn: each for each in ecs_tasks.of_cluster(self.store, cluster)}
        return {
            "tasks": [ecs_responses.task(stored[arn]) for arn in tasks if arn in stored],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in tasks if arn not in stored],
        }

    def list_service_deployments(self, *, cluster: str, service: str) -> Properties:
        """The last one. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html"""
        self._require(cluster, "ListServiceDeployments")
        found = [each for each in self._find(types.SERVICE, cluster=cluster) if service in _names(each)]
        if not found:
            raise client_error("ListServiceDeployments", "ServiceNotFoundException", "Service not found.")
        return {"serviceDeployments": [ecs_responses.brief(found[0])]}

    def describe_service_deployments(self, *, serviceDeploymentArns: list[str]) -> Properties:  # noqa: N803
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html"""
        found = [ecs_responses.deployment(each) for each in self._find(types.SERVICE)]
        return {"serviceDeployments": [x for x in found if x["serviceDeploymentArn"] in serviceDeploymentArns]}

    def describe_service_revisions(self, *, serviceRevisionArns: list[str]) -> Properties:  # noqa: N803
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html"""
        services = self._find(types.SERVICE)
        found = [each for service in services for each in ecs_responses.revisions(service)]
        return {"serviceRevisions": [x for x in found if x["serviceRevisionArn"] in serviceRevisionArns]}

    def _find(self, kind: str, **properties: object) -> list[Object]:
        objects = self.store.find(kind, **properties)
        return [each for each in objects if (each.account, each.region) == (self.account, self.region)]

    def _require(self, cluster: str, operation: str) -> None:
        if not self._find(types.CLUSTER, arn=cluster):
            raise client_error(operation, "ClusterNotFoundException", "Cluster not found.")


def _names(service: Object) -> tuple[str, str]:
    return service.properties["arn"], service.properties["name"]
