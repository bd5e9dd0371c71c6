"""The methods of boto3's ECS client that ops uses."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ecs import types
from simulator import aws
from simulator.aws import ecs_definition, ecs_exec, ecs_runs, ecs_tasks
from simulator.aws.ecs_rollout import STATUS, Rollout, deploy, is_waiting, resume, stop
from simulator.boto import ecs_responses
from simulator.boto.errors import client_error
from simulator.caller import Caller
from simulator.cloud import Cloud, Request
from simulator.failure import RejectedError
from simulator.store import Object, Properties, Store

# ruff: noqa: N803, the names are those of boto3


@dataclass(frozen=True, kw_only=True)
class Ecs:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/"""

    store: Store
    account: str
    region: str
    cloud: Cloud | None = None
    """The cloud as an update sees it whose program uses the client; None: every object exists."""
    caller: Caller | None = None
    """The role that may run tasks, if it has the permissions. None: everybody may."""

    def describe_services(self, *, cluster: str, services: list[str]) -> Properties:
        """Services by ARN or name. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
        found = self._services("DescribeServices", cluster)
        stored = {each.properties[key]: each for key in ("arn", "name") for each in found}
        return {
            "services": [ecs_responses.service(self.store, stored[arn]) for arn in services if arn in stored],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in services if arn not in stored],
        }

    def describe_task_definition(self, *, taskDefinition: str) -> Properties:
        """A revision, by ARN or as `family:revision`.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html
        """
        each = self._definition("DescribeTaskDefinition", taskDefinition).properties
        return {
            "taskDefinition": {
                "taskDefinitionArn": each["arn"],
                "containerDefinitions": json.loads(each["containerDefinitions"]),
                "runtimePlatform": each["runtimePlatform"],
                "status": "ACTIVE",
                **{key: each[key] for key in ("executionRoleArn", "taskRoleArn") if each.get(key)},
            }
        }

    def update_service(
        self,
        *,
        cluster: str,
        service: str,
        taskDefinition: str | None = None,
        desiredCount: int | None = None,
        forceNewDeployment: bool = False,
    ) -> Properties:
        """Another count starts no deployment. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""
        with self.store.transaction():
            existing = self._service("UpdateService", cluster, service)
            changes: Properties = {} if desiredCount is None else {"desiredCount": desiredCount}
            if taskDefinition:
                changes["taskDefinition"] = self._definition("UpdateService", taskDefinition).properties["arn"]
            if taskDefinition or forceNewDeployment:
                deploy(self._request(existing, changes))
            else:
                self.store.put(replace(existing, properties={**existing.properties, **changes}))
            updated = self._service("UpdateService", cluster, service)
            return {"service": ecs_responses.service(self.store, updated)}

    def list_tasks(
        self,
        *,
        cluster: str,
        serviceName: str = "",
        family: str = "",
        startedBy: str = "",
        desiredStatus: str = "RUNNING",
    ) -> Properties:
        """Tasks that run or start, or that stopped in the last hour: of a service, of a family or of who started them.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
        """
        services = [each for each in self._services("ListTasks", cluster) if each.properties["name"] == serviceName]
        found = [(each.arn, each.status) for service in services for each in ecs_tasks.tasks(self.store, service)]
        found += [
            (each.id, each.properties["lastStatus"])
            for each in self._find(ecs_runs.TASK, cluster=cluster)
            if family == ecs_runs.family(each) or (startedBy and startedBy == each.properties["startedBy"])
        ]
        stopped = desiredStatus == "STOPPED"
        return {"taskArns": [arn for arn, status in found if (status == "STOPPED") == stopped]}

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> Properties:
        """Tasks by ARN. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html"""
        found = {
            each.arn: each
            for service in self._services("DescribeTasks", cluster)
            for each in ecs_tasks.tasks(self.store, service)
        }
        stored = {arn: ecs_responses.task(each) for arn, each in found.items()}
        stored |= {each.id: ecs_runs.described(self.store, each) for each in self._find(ecs_runs.TASK, cluster=cluster)}
        return {
            "tasks": [stored[arn] for arn in tasks if arn in stored],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in tasks if arn not in stored],
        }

    def run_task(self, *, cluster: str, taskDefinition: str, launchType: str, **request: Any) -> Properties:
        """One task, which has ended at once. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"""
        network = request.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
        cloud, started_by = self.cloud or self._unrestricted, request.get("startedBy", "")
        inputs: Properties = {
            "cluster": cluster,
            "launchType": launchType,
            "networkConfiguration": {**network, "assignPublicIp": network.get("assignPublicIp") == "ENABLED"},
            "startedBy": started_by,
            "overrides": request.get("overrides", {}),
            ecs_runs.EXEC: request.get(ecs_runs.EXEC, False),
        }
        location = (self.account, self.region)
        sent = ecs_runs.request(cloud, cloud.urn(started_by), location, taskDefinition, **inputs)
        self._authorize(sent)
        with self.store.transaction():
            for refusal in ecs_runs.refusals(sent):
                code, _, message = refusal.partition(": ")
                raise client_error("RunTask", code, message)
            task = ecs_runs.run(sent)
        return {"tasks": [{**ecs_runs.described(self.store, task), "lastStatus": "PROVISIONING"}], "failures": []}

    def _authorize(self, request: Request) -> None:
        """Raises ClientError unless the caller may start the task, and may do what follows."""
        found = [each.properties for each in self._find(types.TASK_DEFINITION, arn=request.inputs["taskDefinition"])]
        logs = [ecs_definition.containers(each)[0]["logConfiguration"]["options"]["awslogs-group"] for each in found]
        for definition, group in zip(found, logs, strict=True):
            inputs = {**definition, "cluster": request.inputs["cluster"], "log_group": group}
            try:
                if self.caller:
                    self.caller.check(replace(request, token=types.RUN_TASK, inputs=inputs), "create")
            except RejectedError as error:
                raise client_error("RunTask", "AccessDeniedException", str(error)) from None

    def stop_task(self, *, cluster: str, task: str, reason: str = "") -> Properties:
        """A task of RunTask, by ARN. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html"""
        with self.store.transaction():
            for each in self._find(ecs_runs.TASK, cluster=cluster):
                if each.id == task:
                    ecs_runs.stop(self.store, each, reason)
                    return {"task": {"taskArn": task}}
        raise client_error("StopTask", "InvalidParameterException", "The referenced task was not found.")

    def execute_command(
        self, *, cluster: str, task: str, container: str, command: str, interactive: bool
    ) -> Properties:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommand.html"""
        refused = "InvalidParameterException: The referenced task was not found."
        for each in self._find(ecs_runs.TASK, cluster=cluster, arn=task):
            refused = ecs_exec.refusal(each)
        if not interactive:
            refused = "InvalidParameterException: Interactive is the only mode supported currently."
        if refused:
            code, _, message = refused.partition(": ")
            raise client_error("ExecuteCommand", code, message)
        session = {"sessionId": f"ecs-execute-command-{command}", "streamUrl": "wss://simulated", "tokenValue": "…"}
        return {"clusterArn": cluster, "taskArn": task, "containerName": container, "session": session}

    def list_service_deployments(
        self, *, cluster: str, service: str, status: Collection[str] = (), nextToken: str = ""
    ) -> Properties:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html"""
        found = ecs_responses.briefs(self._service("ListServiceDeployments", cluster, service))
        return {"serviceDeployments": [each for each in found if not status or each["status"] in status]}

    def describe_service_deployments(self, *, serviceDeploymentArns: list[str]) -> Properties:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html"""
        services = self._find(types.SERVICE)
        found = [each for service in services for each in ecs_responses.deployments_of(service)]
        return {"serviceDeployments": [x for x in found if x["serviceDeploymentArn"] in serviceDeploymentArns]}

    def describe_service_revisions(self, *, serviceRevisionArns: list[str]) -> Properties:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html"""
        services = self._find(types.SERVICE)
        found = [each for service in services for each in ecs_responses.revisions(service)]
        return {"serviceRevisions": [x for x in found if x["serviceRevisionArn"] in serviceRevisionArns]}

    def stop_service_deployment(self, *, serviceDeploymentArn: str, stopType: str) -> Properties:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html"""
        operation = "StopServiceDeployment"
        if stopType != "ROLLBACK":
            raise client_error(operation, "InvalidParameterException", f"stopType {stopType} is not ROLLBACK")
        with self.store.transaction():
            for service in self._find(types.SERVICE):
                for each in ecs_responses.briefs(service):
                    if each["serviceDeploymentArn"] == serviceDeploymentArn:
                        if each["status"] != STATUS[Rollout.IN_PROGRESS]:
                            message = f"The service deployment is in the status {each['status']}."
                            raise client_error(operation, "ConflictException", message)
                        stop(self.store, service)
                        return {"serviceDeploymentArn": serviceDeploymentArn}
        raise client_error(operation, "ServiceDeploymentNotFoundException", "Service deployment not found.")

    def continue_service_deployment(self, *, serviceDeploymentArn: str, hookId: str, action: str) -> Properties:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html"""
        with self.store.transaction():
            for service in self._find(types.SERVICE):
                waits = is_waiting(service.properties) and ecs_responses.briefs(service)[:1]
                for each in waits or ():
                    arn = each["serviceDeploymentArn"]
                    if (arn, ecs_responses.hook_id(arn)) == (serviceDeploymentArn, hookId):
                        resume(self.store, service, approved=action == "CONTINUE")
                        return {"serviceDeploymentArn": arn}
        message = "The service deployment does not wait at this hook."
        raise client_error("ContinueServiceDeployment", "InvalidParameterException", message)

    def describe_clusters(self, *, clusters: list[str]) -> Properties:
        """Clusters by name. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html"""
        found = {each.properties["name"]: each.id for each in self._find(types.CLUSTER)}
        return {
            "clusters": [
                {"clusterArn": found[name], "clusterName": name, "status": "ACTIVE"}
                for name in clusters
                if name in found
            ],
            "failures": [{"arn": name, "reason": "MISSING"} for name in clusters if name not in found],
        }

    def _request(self, service: Object, changes: Properties) -> Request:
        """A request to change the service, for which every object exists: nothing else is being created."""
        return Request(
            token=types.SERVICE,
            urn=service.urn,
            inputs={**service.properties, **changes},
            cloud=self._unrestricted,
            account=self.account,
            region=self.region,
            id=service.id,
        )

    @property
    def _unrestricted(self) -> Cloud:
        return Cloud(store=self.store, root=Path(), types=aws.TYPES)

    def _services(self, operation: str, cluster: str) -> list[Object]:
        if not self._find(types.CLUSTER, arn=cluster):
            raise client_error(operation, "ClusterNotFoundException", "Cluster not found.")
        return self._find(types.SERVICE, cluster=cluster)

    def _service(self, operation: str, cluster: str, service: str) -> Object:
        """The service with this ARN or name."""
        for each in self._services(operation, cluster):
            if service in (each.properties["arn"], each.properties["name"]):
                return each
        raise client_error(operation, "ServiceNotFoundException", "Service not found.")

    def _definition(self, operation: str, revision: str) -> Object:
        for each in self._find(types.TASK_DEFINITION):
            if revision in (each.properties["arn"], each.id):
                return each
        action = "describe" if operation == "DescribeTaskDefinition" else "find"
        raise client_error(operation, "ClientException", f"Unable to {action} task definition.")

    def _find(self, kind: str, **properties: object) -> list[Object]:
        return self.store.located(kind, self.account, self.region, **properties)
