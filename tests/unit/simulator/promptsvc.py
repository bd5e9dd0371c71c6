"""A service in the simulated cloud and everything that its tasks need."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from ecs.iam import PULL_ACTIONS
from simulator.aws import ecr
from simulator.failure import InitFailedError, RejectedError
from simulator.store import Object
from tests.unit.simulator.world import TRUST, World, network


class Promptsvc:
    """Creates everything that promptsvc's tasks need. A test removes or changes one part."""

    def __init__(self, world: World) -> None:
        self.world = world
        vpc, subnets = network(world)
        self.vpc = vpc.id
        self.subnets = [each.id for each in subnets]
        gateway = world.create(types.INTERNET_GATEWAY, vpcId=vpc.id)
        address = world.create(types.EIP, domain="vpc")
        public = {"vpcId": vpc.id, "cidrBlock": "10.0.240.0/20", "availabilityZone": f"{world.region}a"}
        self.public = world.create(types.SUBNET, "public", **public).id
        self._routes("public-routes", [self.public], gatewayId=gateway.id)
        nat = world.create(types.NAT_GATEWAY, "nat", allocationId=address.id, subnetId=self.public)
        self.routes = self._routes("routes", self.subnets, natGatewayId=nat.id)
        self.gateway = gateway.id
        self.group = world.create(types.SECURITY_GROUP, vpcId=vpc.id).id
        self.egress = self._rule(types.EGRESS_RULE, self.group, cidrIpv4="0.0.0.0/0")
        repository = world.create(types.REPOSITORY, name="mrgnl-promptsvc")
        self.image = self.push("linux/amd64")
        self.secret = world.create(types.SECRET, name="url").id
        version = world.create(types.SECRET_VERSION, secretId=self.secret, secretString="postgres://…")
        self.version = version.properties["versionId"]
        logs = world.create(types.LOG_GROUP, name="/ecs/mrgnl-promptsvc")
        self.role = world.create(types.ROLE, "execution", name="execution", assumeRolePolicy=TRUST).properties["arn"]
        self.policy = self.allow(
            ("ecr:GetAuthorizationToken", ["*"]),
            *((action, [repository.properties["arn"]]) for action in PULL_ACTIONS),
            ("secretsmanager:GetSecretValue", [self.secret]),
            ("logs:CreateLogStream", [f"{logs.properties['arn']}:*"]),
            ("logs:PutLogEvents", [f"{logs.properties['arn']}:*"]),
        )
        self.cluster = world.create(types.CLUSTER, name="mrgnl").id
        world.create(types.NAMESPACE, name="mrgnl")
        world.create(types.CAPACITY_PROVIDERS, clusterName="mrgnl", capacityProviders=["FARGATE", "FARGATE_SPOT"])

    def push(self, platform: str) -> str:
        build = {"dockerfile": "image/Dockerfile", "context": "image/sample", "platform": platform}
        url = f"{self.world.account}.dkr.ecr.us-east-1.amazonaws.com/mrgnl-promptsvc"
        registry = {"server": url, "password": ecr.token(self.world.account)}
        return self.world.create(types.DOCKER_IMAGE, imageName=f"{url}:dev", build=build, registry=registry).properties[
            "repoDigest"
        ]

    def allow(self, *allowed: tuple[str, list[str]]) -> Object:
        statements = [{"Effect": "Allow", "Action": [action], "Resource": resources} for action, resources in allowed]
        policy = json.dumps({"Statement": statements})
        name = f"policy-{len(self.world.all(types.ROLE_POLICY))}"
        return self.world.create(types.ROLE_POLICY, name=name, role="execution", policy=policy)

    def endpoints_instead_of_routes(self) -> dict[str, Object]:
        """Replaces the routes by VPC endpoints with their rules; returns both by the name of the service or rule."""
        self.world.change(self.routes, routes=[])
        self.world.store.remove(self.egress)
        group = self.world.create(types.SECURITY_GROUP, "endpoints", vpcId=self.vpc).id
        private = {"subnetIds": self.subnets, "securityGroupIds": [group], "privateDnsEnabled": True}
        created = {
            service: self._endpoint(service, vpcEndpointType="Interface", **private)
            for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
        }
        created["s3"] = self._endpoint("s3", vpcEndpointType="Gateway", routeTableIds=[self.routes.id])
        prefixes = created["s3"].properties["prefixListId"]
        created["to-s3"] = self._rule(types.EGRESS_RULE, self.group, prefixListId=prefixes)
        created["to-endpoints"] = self._rule(types.EGRESS_RULE, self.group, referencedSecurityGroupId=group)
        created["from-tasks"] = self._rule(types.INGRESS_RULE, group, referencedSecurityGroupId=self.group)
        return created

    def _routes(self, name: str, subnets: list[str], **target: str) -> Object:
        """A route table of these subnets with a default route."""
        routes = [{"cidrBlock": "0.0.0.0/0", **target}]
        table = self.world.create(types.ROUTE_TABLE, name, vpcId=self.vpc, routes=routes)
        for subnet in subnets:
            association = {"routeTableId": table.id, "subnetId": subnet}
            self.world.create(types.ROUTE_TABLE_ASSOCIATION, f"{subnet}-routes", **association)
        return table

    def _endpoint(self, service: str, **inputs: Any) -> Object:
        name = f"com.amazonaws.us-east-1.{service}"
        return self.world.create(types.VPC_ENDPOINT, service, serviceName=name, vpcId=self.vpc, **inputs)

    def _rule(self, token: str, group: str, **peer: str) -> Object:
        https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
        return self.world.create(token, f"{group}-{peer}", securityGroupId=group, **https, **peer)

    def deny(self, action: str) -> None:
        """Removes one permission from the execution role."""
        policy = json.loads(self.policy.properties["policy"])
        remaining = [each for each in policy["Statement"] if each["Action"] != [action]]
        self.world.change(self.policy, policy=json.dumps({"Statement": remaining}))

    def remove(self, kind: str) -> None:
        """Removes all objects of a kind from the store, without an update."""
        for each in self.world.all(kind):
            self.world.store.remove(each)

    def container(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "promptsvc",
            "image": self.image,
            "environment": [{"name": "GRPC_PORT", "value": "9002"}],
            "portMappings": [{"name": "grpc", "containerPort": 9002, "appProtocol": "grpc"}],
            "secrets": [{"name": "DATABASE_URL", "valueFrom": self.secret}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/mrgnl-promptsvc",
                    "awslogs-region": self.world.region,
                    "awslogs-stream-prefix": "task",
                },
            },
            **changes,
        }

    def task(self, container: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        return {
            "family": "mrgnl-promptsvc",
            "cpu": "256",
            "memory": "512",
            "networkMode": "awsvpc",
            "runtimePlatform": {"cpuArchitecture": "X86_64"},
            "executionRoleArn": self.role,
            "containerDefinitions": json.dumps([container or self.container()]),
            **changes,
        }

    def service(self, container: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        task = self.world.create(types.TASK_DEFINITION, "task", **self.task(container))
        inputs: dict[str, Any] = {
            "name": "promptsvc",
            "cluster": self.cluster,
            "taskDefinition": task.properties["arn"],
            "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 100}],
            "desiredCount": 1,
            "networkConfiguration": {"subnets": self.subnets, "securityGroups": [self.group]},
            "serviceConnectConfiguration": {"enabled": True, "namespace": "mrgnl"},
        }
        return {**inputs, **changes}

    def deploy(self, container: dict[str, Any] | None = None, **changes: Any) -> Object:
        return self.world.create(types.SERVICE, "service", **self.service(container, **changes))

    def failure(self, container: dict[str, Any] | None = None, **changes: Any) -> str:
        """The error of a deployment that fails."""
        with pytest.raises((RejectedError, InitFailedError)) as error:
            self.deploy(container, **changes)
        return str(error.value)
