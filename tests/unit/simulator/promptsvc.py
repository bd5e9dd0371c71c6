"""A service in the simulated cloud, with all that its tasks need."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs.iam import PULL_ACTIONS
from simulator.aws import ec2, ecr, ecs, iam
from simulator.aws.cloudwatch import LOG_GROUP
from simulator.aws.secretsmanager import SECRET, SECRET_VERSION
from simulator.cloud import PartialError, RefusedError
from simulator.store import Object
from tests.unit.simulator.world import World, network

IMAGE = "docker:index/image:Image"


class Promptsvc:
    """All that promptsvc's tasks need, in good order: a test takes away or changes what it is about."""

    def __init__(self, world: World) -> None:
        self.world = world
        vpc, subnets = network(world)
        self.subnets = [each.id for each in subnets]
        gateway = world.create(ec2.INTERNET_GATEWAY, vpcId=vpc.id)
        address = world.create(ec2.EIP, domain="vpc")
        nat = world.create(ec2.NAT_GATEWAY, allocationId=address.id, subnetId=self.subnets[0])
        self.routes = world.create(
            ec2.ROUTE_TABLE, "routes", vpcId=vpc.id, routes=[{"cidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}]
        )
        self.gateway = gateway.id
        for subnet in self.subnets:
            world.create(ec2.ROUTE_TABLE_ASSOCIATION, f"{subnet}-routes", routeTableId=self.routes.id, subnetId=subnet)
        self.vpc = vpc.id
        self.group = world.create(ec2.SECURITY_GROUP, vpcId=vpc.id).id
        self.egress = self._rule(ec2.EGRESS_RULE, self.group, cidrIpv4="0.0.0.0/0")
        repository = world.create(ecr.REPOSITORY, name="mrgnl-promptsvc")
        self.image = self.push("linux/amd64")
        self.secret = world.create(SECRET, name="url").id
        version = world.create(SECRET_VERSION, secretId=self.secret, secretString="postgres://…")
        self.version = version.properties["versionId"]
        logs = world.create(LOG_GROUP, name="/ecs/mrgnl-promptsvc")
        self.role = world.create(iam.ROLE, "execution", name="execution", assumeRolePolicy="{}").properties["arn"]
        self.policy = self.allow(
            ("ecr:GetAuthorizationToken", ["*"]),
            *((action, [repository.properties["arn"]]) for action in PULL_ACTIONS),
            ("secretsmanager:GetSecretValue", [self.secret]),
            ("logs:CreateLogStream", [f"{logs.properties['arn']}:*"]),
            ("logs:PutLogEvents", [f"{logs.properties['arn']}:*"]),
        )
        self.cluster = world.create(ecs.CLUSTER, name="mrgnl").id
        world.create(ecs.CAPACITY_PROVIDERS, clusterName="mrgnl", capacityProviders=["FARGATE", "FARGATE_SPOT"])

    def push(self, platform: str) -> str:
        build = {"dockerfile": "image/Dockerfile", "context": "image/sample", "platform": platform}
        url = f"{self.world.account}.dkr.ecr.us-east-1.amazonaws.com/mrgnl-promptsvc"
        registry = {"server": url, "password": ecr.token(self.world.account)}
        return self.world.create(IMAGE, imageName=f"{url}:dev", build=build, registry=registry).properties["repoDigest"]

    def allow(self, *allowed: tuple[str, list[str]]) -> Object:
        statements = [{"Effect": "Allow", "Action": [action], "Resource": resources} for action, resources in allowed]
        policy = json.dumps({"Statement": statements})
        name = f"policy-{len(self.world.all(iam.ROLE_POLICY))}"
        return self.world.create(iam.ROLE_POLICY, name=name, role="execution", policy=policy)

    def endpoints_instead_of_routes(self) -> dict[str, Object]:
        """Cuts the subnets off the internet. Gives what leads to AWS then, by the name of the service or the rule."""
        self.world.change(self.routes, routes=[])
        group = self.world.create(ec2.SECURITY_GROUP, "endpoints", vpcId=self.vpc).id
        private = {"subnetIds": self.subnets, "securityGroupIds": [group], "privateDnsEnabled": True}
        made = {
            service: self._endpoint(service, vpcEndpointType="Interface", **private)
            for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
        }
        made["s3"] = self._endpoint("s3", vpcEndpointType="Gateway", routeTableIds=[self.routes.id])
        prefixes = made["s3"].properties["prefixListId"]
        made["to-s3"] = self._rule(ec2.EGRESS_RULE, self.group, prefixListId=prefixes)
        made["to-endpoints"] = self._rule(ec2.EGRESS_RULE, self.group, referencedSecurityGroupId=group)
        made["from-tasks"] = self._rule(ec2.INGRESS_RULE, group, referencedSecurityGroupId=self.group)
        return made

    def _endpoint(self, service: str, **inputs: Any) -> Object:
        name = f"com.amazonaws.us-east-1.{service}"
        return self.world.create(ec2.VPC_ENDPOINT, service, serviceName=name, vpcId=self.vpc, **inputs)

    def _rule(self, token: str, group: str, **peer: str) -> Object:
        https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
        return self.world.create(token, f"{group}-{peer}", securityGroupId=group, **https, **peer)

    def forbid(self, action: str) -> None:
        """Takes one permission back."""
        policy = json.loads(self.policy.properties["policy"])
        left = [each for each in policy["Statement"] if each["Action"] != [action]]
        self.world.change(self.policy, policy=json.dumps({"Statement": left}))

    def forget(self, kind: str) -> None:
        for each in self.world.all(kind):
            self.world.store.remove(each)

    def container(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "promptsvc",
            "image": self.image,
            "environment": [],
            "secrets": [{"name": "DATABASE_URL", "valueFrom": self.secret}],
            "logConfiguration": {"options": {"awslogs-group": "/ecs/mrgnl-promptsvc"}},
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
        task = self.world.create(ecs.TASK_DEFINITION, "task", **self.task(container))
        good: dict[str, Any] = {
            "name": "promptsvc",
            "cluster": self.cluster,
            "taskDefinition": task.properties["arn"],
            "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 100}],
            "desiredCount": 1,
            "networkConfiguration": {"subnets": self.subnets, "securityGroups": [self.group]},
            "serviceConnectConfiguration": {"namespace": "mrgnl"},
        }
        return {**good, **changes}

    def up(self, container: dict[str, Any] | None = None, **changes: Any) -> Object:
        return self.world.create(ecs.SERVICE, "service", **self.service(container, **changes))

    def why_not(self, container: dict[str, Any] | None = None, **changes: Any) -> str:
        """Why the service does not come up."""
        with pytest.raises((RefusedError, PartialError)) as told:
            self.up(container, **changes)
        return str(told.value)
