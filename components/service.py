"""One service on Fargate: its image, what it may reach, its task, and the ECS service that keeps the task running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components import rollout
from components.access import Access, AccessArgs, Way
from components.bucket import Bucket
from components.cluster import Cluster
from components.database import Database
from components.image import Image, ImageArgs
from components.ingress import Ingress
from components.network import Network
from components.scaling import Scaling, ScalingArgs
from components.task import Task, TaskArgs
from ecs.fargate import Size
from ecs.image import Reference, Repository
from services import Entry

STREAM_IDLE = 3600
"""Seconds that a stream between two services may be silent; Service Connect's own default is 300.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html"""

GRACE = 60
"""Seconds in which a new task may fail the load balancer's health check before ECS replaces it."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """Where and how the services of a stack run: the same for all of them."""

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
    consumers: Sequence[str] = ()
    """Accounts that may pull it."""


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    entry: Entry
    host: Host
    image: Build | Reference
    size: Size
    callees: Sequence[Service]
    """The services that the entry calls."""
    database: Database | None
    bucket: Bucket | None
    ingress: Ingress | None
    """What the public service is reached through."""
    secrets: Mapping[str, str]
    """The `valueFrom` of each secret that is the service's own, by its name."""


class Service(ComponentResource):
    """A service may do, reach and read exactly what its catalogue entry names."""

    entry: Entry
    image: Output[str]
    """The reference, by digest, that its tasks run."""
    way: Way
    """How a caller reaches it. With Service Connect on Fargate its proxy listens on the container port."""
    arn: Output[str]

    def __init__(self, name: str, args: ServiceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:service:Service", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)
        self._full_name = f"{args.host.prefix}-{name}"
        self.entry = args.entry

        self.image = self._image()
        access = self._access()
        task = self._task()
        service = self._service(access, task)
        if args.size.min < args.size.max:
            self._scaling(service)

        self.way = Way(port=args.entry.port, security_group_id=access.security_group_id)
        self.arn = rollout.checked(service, task_definition=task.arn, parent=self)
        self.register_outputs({"image": self.image, "arn": self.arn})

    def _image(self) -> Output[str]:
        image, host = self._args.image, self._args.host
        if isinstance(image, Reference):
            return Output.from_input(str(image))
        return Image(
            f"{self._name}-image",
            ImageArgs(
                repository=self._full_name,
                context=image.context,
                consumers=image.consumers,
                architecture=host.architecture,
                protect=host.protect,
            ),
            self._child,
        ).reference

    def _access(self) -> Access:
        network, database, ingress = self._args.host.network, self._args.database, self._args.ingress
        return Access(
            f"{self._name}-access",
            AccessArgs(
                vpc_id=network.vpc_id,
                description=f"Service {self._name} of Marginalia",
                ways_out={
                    **network.ways_out,
                    **{callee.entry.name: callee.way for callee in self._args.callees},
                    **({"database": database.way} if database else {}),
                },
                ways_in={"ingress": ingress.way} if ingress and ingress.way else {},
            ),
            self._child,
        )

    def _task(self) -> Task:
        args, host = self._args, self._args.host
        own = Repository(account=host.account, region=host.region, name=self._full_name)
        environment: dict[str, Input[str]] = {
            **args.entry.environment,
            args.entry.port_variable: str(args.entry.port),
            **({"S3_BUCKET": args.bucket.bucket_name} if args.bucket else {}),
            **{callee.entry.address_variable: callee.entry.address for callee in args.callees},
        }
        return Task(
            f"{self._name}-task",
            TaskArgs(
                family=self._full_name,
                account=host.account,
                region=host.region,
                architecture=host.architecture,
                log_retention_days=host.log_retention_days,
                probe=host.probe,
                entry=args.entry,
                size=args.size,
                image=self.image,
                repository=args.image.repository if isinstance(args.image, Reference) else own,
                environment=environment,
                secrets={**args.secrets, **({"DATABASE_URL": args.database.url_secret} if args.database else {})},
                bucket_arn=args.bucket.arn if args.bucket else None,
            ),
            self._child,
        )

    def _service(self, access: Access, task: Task) -> aws.ecs.Service:
        args, host = self._args, self._args.host
        # What no data flow orders, and without which the first task does not start.
        needed_to_start = [
            task,  # its roles' policies
            access,  # its security group's rules
            host.cluster,  # its capacity providers, which the strategy names
            host.network,  # its routes or endpoints, through which the image comes
            *([args.ingress] if args.ingress else []),  # its listener, without which ECS refuses the target group
            *args.callees,  # a task that starts before its callee's name exists never resolves it
        ]
        return aws.ecs.Service(
            f"{self._name}-service",
            name=self._name,
            cluster=host.cluster.arn,
            task_definition=task.arn,
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
                subnets=host.network.task_subnet_ids,
                security_groups=[access.security_group_id],
                assign_public_ip=host.network.tasks_have_public_addresses,
            ),
            load_balancers=self._load_balancers(),
            health_check_grace_period_seconds=GRACE if args.ingress else None,
            availability_zone_rebalancing="ENABLED",
            service_connect_configuration=self._service_connect(),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            opts=ResourceOptions(
                parent=self,
                depends_on=needed_to_start,
                # The autoscaler's, once there is one.
                ignore_changes=["desiredCount"] if args.size.min < args.size.max else None,
            ),
        )

    def _load_balancers(self) -> list[aws.ecs.ServiceLoadBalancerArgs]:
        ingress = self._args.ingress
        if ingress is None:
            return []
        return [
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=ingress.target_group_arn,
                container_name=self._name,
                container_port=self.entry.port,
            )
        ]

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

    def _scaling(self, service: aws.ecs.Service) -> None:
        args = self._args
        Scaling(
            f"{self._name}-scaling",
            ScalingArgs(
                cluster_name=args.host.cluster.name,
                service_name=service.name,
                min=args.size.min,
                max=args.size.max,
            ),
            self._child,
        )
