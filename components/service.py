"""One service on Fargate: its image, log group, roles, security group, task definition and ECS service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions

from components.bucket import Bucket
from components.cluster import Cluster
from components.database import Database
from components.image import Image, ImageArgs
from components.network import Network
from ecs import container, iam
from ecs.fargate import Size
from ecs.image import Reference, Repository
from services import Entry

CPU_ARCHITECTURE = {"x86-64": "X86_64", "arm64": "ARM64"}
STREAM_IDLE = 3600
"""Seconds that a stream between two services may be silent; Service Connect's own default is 300.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html"""


@dataclass(frozen=True, kw_only=True)
class Host:
    """Where and how the tasks of a stack run: the same for all its services."""

    prefix: str
    """Of families, repositories and log groups: `<prefix>-<service>`."""
    account: str
    region: str
    network: Network
    cluster: Cluster
    architecture: str
    """x86-64 or arm64."""
    spot: int
    """Percent of tasks on FARGATE_SPOT."""
    log_retention_days: int
    probe: bool
    """Whether the images know `-healthcheck`."""
    protect: bool


@dataclass(frozen=True, kw_only=True)
class Build:
    """Builds the image in this folder, relative to the program."""

    context: str


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    entry: Entry
    host: Host
    image: Build | Reference
    size: Size
    callees: Sequence[Service] = ()
    database: Database | None = None
    bucket: Bucket | None = None
    secrets: Mapping[str, str]
    """The `valueFrom` of each secret that is the service's own, by its name."""


class Service(ComponentResource):
    """A task may do, reach and read exactly what its catalogue entry names."""

    entry: Entry
    image: Output[str]
    """The reference, by digest, that its tasks run."""
    arn: Output[str]
    security_group_id: Output[str]

    def __init__(self, name: str, args: ServiceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:service:Service", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)
        self._full_name = f"{args.host.prefix}-{name}"
        # What no data flow orders, and without which the first task does not start.
        self._needed_to_start: list[Resource] = [
            args.host.cluster,  # its capacity providers, which the strategy names
            args.host.network,  # its routes, through which the image comes
            *args.callees,  # a task that starts before its callee's name exists never resolves it
        ]
        self.entry = args.entry

        secrets = self._secrets()
        self.image = self._image()
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/ecs/{self._full_name}",
            retention_in_days=args.host.log_retention_days,
            opts=self._child,
        )
        execution_role = self._role(
            "execution",
            [
                *iam.pull(self._repository()),
                *iam.write_logs(log_group.arn),
                *iam.read_secrets(secrets.values()),
            ],
        )
        task_role = self._role("task", iam.use_bucket(args.bucket.arn) if args.bucket else [])
        self.security_group_id = self._security_group().id
        task_definition = self._task_definition(secrets, log_group, execution_role, task_role)
        service = self._service(task_definition)

        self.arn = service.arn
        self.register_outputs({"image": self.image, "arn": self.arn, "security_group_id": self.security_group_id})

    def _secrets(self) -> dict[str, Input[str]]:
        """What the container gets and the execution role may read: adding is granting."""
        database = self._args.database
        return {**self._args.secrets, **({"DATABASE_URL": database.url_secret} if database else {})}

    def _environment(self) -> dict[str, Input[str]]:
        entry, bucket = self._args.entry, self._args.bucket
        return {
            **entry.environment,
            entry.port_variable: str(entry.port),
            **({"S3_BUCKET": bucket.bucket_name} if bucket else {}),
            **{callee.entry.address_variable: callee.entry.address for callee in self._args.callees},
        }

    def _image(self) -> Output[str]:
        image, host = self._args.image, self._args.host
        if isinstance(image, Reference):
            return Output.from_input(str(image))
        return Image(
            f"{self._name}-image",
            ImageArgs(
                repository=self._full_name,
                context=image.context,
                architecture=host.architecture,
                protect=host.protect,
            ),
            opts=self._child,
        ).reference

    def _repository(self) -> Repository:
        """Where its tasks pull from. Known before it exists, so that a new image leaves the roles as they are."""
        image, host = self._args.image, self._args.host
        if isinstance(image, Reference):
            return image.repository
        return Repository(account=host.account, region=host.region, name=self._full_name)

    def _role(self, kind: str, statements: list[iam.Statement]) -> aws.iam.Role:
        trust = iam.trusted_by_tasks(self._args.host.account, self._args.host.region)
        role = aws.iam.Role(f"{self._name}-{kind}", assume_role_policy=iam.document([trust]), opts=self._child)
        if statements:
            policy = aws.iam.RolePolicy(
                f"{self._name}-{kind}-policy",
                role=role.name,
                policy=iam.document(statements),
                opts=self._child,
            )
            self._needed_to_start.append(policy)
        return role

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """Closed, but for a way out to HTTPS and the ways to its callees and its database."""
        group = aws.ec2.SecurityGroup(
            f"{self._name}-access",
            vpc_id=self._args.host.network.vpc_id,
            description=f"Marginalia's {self._name}",
            opts=self._child,
        )
        # ECR, CloudWatch Logs and Secrets Manager; and the web.
        https = aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-https",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self._child,
        )
        self._needed_to_start.append(https)
        for callee in self._args.callees:
            # With Service Connect on Fargate the callee's proxy listens on the container port.
            self._open(group, callee.entry.name, callee.security_group_id, callee.entry.port)
        if database := self._args.database:
            self._open(group, "database", database.security_group_id, database.port)
        return group

    def _open(self, group: aws.ec2.SecurityGroup, name: str, other: Output[str], port: int) -> None:
        """A rule out of this security group and one into the other."""
        egress = aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-{name}-egress",
            security_group_id=group.id,
            referenced_security_group_id=other,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=self._child,
        )
        ingress = aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-to-{name}-ingress",
            security_group_id=other,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=self._child,
        )
        self._needed_to_start += [egress, ingress]

    def _task_definition(
        self,
        secrets: Mapping[str, Input[str]],
        log_group: aws.cloudwatch.LogGroup,
        execution_role: aws.iam.Role,
        task_role: aws.iam.Role,
    ) -> aws.ecs.TaskDefinition:
        args, host = self._args, self._args.host
        definition = container.definition(
            args.entry,
            image=self.image,
            environment=self._environment(),
            secrets=secrets,
            logs=container.Logs(group=log_group.name, region=host.region),
            probe=host.probe,
        )
        return aws.ecs.TaskDefinition(
            f"{self._name}-task",
            family=self._full_name,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.size.cpu),
            memory=str(args.size.memory),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                operating_system_family="LINUX", cpu_architecture=CPU_ARCHITECTURE[host.architecture]
            ),
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            container_definitions=Output.json_dumps([definition], sort_keys=True),
            # A rollback needs the former revision.
            skip_destroy=True,
            opts=self._child,
        )

    def _service(self, task_definition: aws.ecs.TaskDefinition) -> aws.ecs.Service:
        args, host = self._args, self._args.host
        return aws.ecs.Service(
            f"{self._name}-service",
            name=self._name,
            cluster=host.cluster.arn,
            task_definition=task_definition.arn,
            desired_count=args.size.min,
            capacity_provider_strategies=[
                aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider=provider, weight=weight)
                for provider, weight in (("FARGATE", 100 - host.spot), ("FARGATE_SPOT", host.spot))
            ],
            # The provider refuses to change the strategy of a service without it.
            force_new_deployment=True,
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            wait_for_steady_state=True,
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=host.network.private_subnet_ids,
                security_groups=[self.security_group_id],
                assign_public_ip=False,
            ),
            service_connect_configuration=self._service_connect(),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            opts=ResourceOptions(parent=self, depends_on=self._needed_to_start),
        )

    def _service_connect(self) -> aws.ecs.ServiceServiceConnectConfigurationArgs:
        """Everybody finds the others; everybody but the public service is found, under its own name and port.

        The public service stays out of it, so that the proxy's timeouts do not cut its server-sent events.
        """
        entry = self._args.entry
        alias = aws.ecs.ServiceServiceConnectConfigurationServiceArgs(
            port_name=entry.protocol,
            discovery_name=entry.name,
            client_alias=[
                aws.ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(dns_name=entry.name, port=entry.port)
            ],
            # 0: a streaming call may last as long as it likes; the default cuts it at 15 seconds.
            timeout=aws.ecs.ServiceServiceConnectConfigurationServiceTimeoutArgs(
                per_request_timeout_seconds=0, idle_timeout_seconds=STREAM_IDLE
            ),
        )
        return aws.ecs.ServiceServiceConnectConfigurationArgs(
            enabled=True,
            namespace=self._args.host.cluster.namespace_arn,
            services=[] if entry.public else [alias],
        )
