"""One service on Fargate: its image, security group, task definition, ECS service and scaling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components import alarms, strategy
from components.alerts import Alerts
from components.debug import Debug, DebugArgs
from components.image import Pullable, pullable
from components.ingress import Ingress
from components.migration import Migration, MigrationArgs
from components.needs import Needs
from components.platform import Platform
from components.rollout import Deployment, Rollout
from components.scaling import Scaling, ScalingArgs
from components.security_group import Peer, SecurityGroup, SecurityGroupArgs
from components.task import Task, TaskArgs
from config.catalogue import Entry
from ecs.alarms import service as alarms_of_service
from ecs.container import log_options
from ecs.fargate import Size
from ecs.image import Build, Reference
from ecs.rollout import Strategy

STREAM_IDLE = 3600
"""Seconds that a stream between two services may be idle. Service Connect's default is 300.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html"""

HEALTH_CHECK_GRACE_PERIOD = 60
"""Seconds for which ECS ignores failed health checks of the load balancer after a task has started.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    platform: Platform
    entry: Entry
    image: Build | Reference
    size: Size
    callees: Sequence[Service]
    """The services that the entry calls."""
    secrets: Mapping[str, str]
    """The `valueFrom` of each secret that the entry names, by environment variable."""
    strategy: Strategy | None = None
    """How ECS replaces the tasks. None: one after another, and nothing is declared for another way."""
    redeploy: int | None = None
    """A changed number deploys the service again. None adds no trigger."""

    @property
    def ingress(self) -> Ingress | None:
        """The load balancer, for the public service."""
        return self.platform.ingress if self.entry.public else None


class Service(ComponentResource):
    """A service with exactly the permissions, security group rules and secrets that its catalogue entry names."""

    entry: Entry
    image: Output[str]
    """The reference, by digest, of the image that the tasks run."""
    pullable: Pullable
    """The image, for jobs that run it."""
    peer: Peer
    """The service as a peer of its callers. The Service Connect proxy listens on the container port."""
    tasks: int
    """The number that always runs."""
    debug: Debug | None
    """None: the stack has no toolbox."""
    alarms: Sequence[aws.cloudwatch.MetricAlarm]
    rollout: Rollout
    """For the check after all services: `rollout.checked`."""

    def __init__(self, name: str, args: ServiceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:service:Service", name, None, opts)
        self._name = name
        self._args = args
        self._needs = Needs(platform=args.platform, entry=args.entry, named=args.secrets)
        self._child = ResourceOptions(parent=self)
        self.entry = args.entry
        self.tasks = args.size.min

        self.pullable = pullable(f"{name}-image", args.platform, name, args.image, self._child)
        self.image = self.pullable.reference
        security_group = self._security_group()
        task = self._task()
        deployment = Deployment(name)
        before = [self._migration(security_group, task)] if args.entry.migrate else []
        service = self._service(security_group, task, deployment, before)
        if args.size.min < args.size.max:
            self._scaling(service)

        self.debug = self._debug(security_group)
        self.alarms = self._alarms(service, args.platform.alerts) if args.platform.alerts else []
        self.peer = Peer(port=args.entry.port, security_group_id=security_group.id)
        self.rollout = Rollout(service=service, task_definition=task.arn, deployment=deployment)
        self.register_outputs({"image": self.image, "arn": service.arn})

    def _security_group(self) -> SecurityGroup:
        network, database, ingress = self._args.platform.network, self._needs.database, self._args.ingress
        return SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(
                vpc_id=network.vpc_id,
                description=f"Service {self._name} of Marginalia",
                egress={
                    **network.egress,
                    **{callee.entry.name: callee.peer for callee in self._args.callees},
                    **({"database": database.peer} if database else {}),
                },
                ingress={"ingress": ingress.peer} if ingress and ingress.peer else {},
            ),
            self._child,
        )

    def _task(self) -> Task:
        args, platform = self._args, self._args.platform
        environment: dict[str, Input[str]] = {
            **self._needs.environment,
            args.entry.port_variable: str(args.entry.port),
            **{callee.entry.address_variable: callee.entry.address for callee in args.callees},
        }
        return Task(
            f"{self._name}-task",
            TaskArgs(
                platform=platform,
                entry=args.entry,
                size=args.size,
                image=self.image,
                repository=self.pullable.repository,
                environment=environment,
                secrets=self._needs.secrets,
                readable=self._needs.readable,
                bucket_arn=self._needs.bucket.arn if self._needs.bucket else None,
            ),
            self._child,
        )

    def _migration(self, security_group: SecurityGroup, task: Task) -> Migration:
        args = MigrationArgs(
            platform=self._args.platform, service=self._name, image=self.image, task=task, security_group=security_group
        )
        return Migration(f"{self._name}-migration", args, self._child)

    def _debug(self, security_group: SecurityGroup) -> Debug | None:
        if (toolbox := self._args.platform.toolbox) is None:
            return None
        args = DebugArgs(needs=self._needs, toolbox=toolbox, security_group=security_group)
        return Debug(f"{self._name}-debug", args, self._child)

    def _service(
        self, security_group: SecurityGroup, task: Task, deployment: Deployment, before: Sequence[Migration]
    ) -> aws.ecs.Service:
        args, platform = self._args, self._args.platform
        spot = platform.spot or 0
        # The first task requires these, and no input of the service refers to them.
        required_to_start = [
            task,  # the policies of its roles: without them the task cannot pull, log or read secrets
            security_group,  # its rules: without them the task reaches neither ECR nor its callees
            platform.cluster,  # its capacity providers: ECS rejects a strategy that names others
            platform.network,  # its routes and endpoints: the task pulls the image through them
            *([args.ingress] if args.ingress else []),  # its listener: ECS rejects a target group without one
            *before,  # the schema that its image needs
            *args.callees,  # their Service Connect names: a task resolves only names that exist when it starts
        ]
        return aws.ecs.Service(
            f"{self._name}-service",
            name=self._name,
            cluster=platform.cluster.arn,
            task_definition=task.arn,
            desired_count=args.size.min,
            capacity_provider_strategies=[
                aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider=provider, weight=weight)
                for provider, weight in (("FARGATE", 100 - spot), ("FARGATE_SPOT", spot))
            ],
            # Makes every update deploy the tasks again, also one that ECS applies to running tasks, such as of a count.
            # The provider requires it for triggers and for another strategy, which only a stack that sets `spot` has.
            force_new_deployment=True if args.redeploy or platform.spot is not None else None,
            triggers={"redeploy": str(args.redeploy)} if args.redeploy else None,
            deployment_configuration=strategy.configuration(args.strategy),
            deployment_circuit_breaker=strategy.breaker(args.strategy),
            alarms=strategy.alarms(args.strategy, platform.alerts, public=self.entry.public),
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            wait_for_steady_state=True,
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=platform.network.task_subnet_ids,
                security_groups=[security_group.id],
                assign_public_ip=platform.network.tasks_have_public_addresses,
            ),
            load_balancers=strategy.load_balancers(args.ingress, self._name, self.entry.port),
            health_check_grace_period_seconds=HEALTH_CHECK_GRACE_PERIOD if args.ingress else None,
            availability_zone_rebalancing="ENABLED",
            service_connect_configuration=self._service_connect(task),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            opts=ResourceOptions(
                parent=self,
                depends_on=required_to_start,
                custom_timeouts=strategy.limits(args.strategy),
                hooks=deployment.hooks,
                # Application Auto Scaling sets the count of a service that scales.
                ignore_changes=["desiredCount"] if args.size.min < args.size.max else None,
            ),
        )

    def _alarms(self, service: aws.ecs.Service, alerts: Alerts) -> list[aws.cloudwatch.MetricAlarm]:
        args = self._args
        found = alarms_of_service(
            alerts.thresholds,
            self._name,
            cluster=args.platform.cluster.name,
            service=service.name,
            tasks=args.size.min,
            why=f"`{alerts.why} {self._name}` shows the cause.",
        )
        return [alarms.declare(f"{each.name}-alarm", each, alerts.receiver, self._child) for each in found]

    def _service_connect(self, task: Task) -> aws.ecs.ServiceServiceConnectConfigurationArgs:
        """Every service resolves the names of the others. Every service except the public one has a name.

        The public service has none because the proxy's timeouts would interrupt its server-sent events.
        The proxy logs to the service's log group, in streams that begin with `proxy`: its own messages, and one line of
        JSON for each request, without query parameters, which may be secret:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-envoy-access-logs.html
        """
        entry = self._args.entry
        alias = aws.ecs.ServiceServiceConnectConfigurationServiceArgs(
            port_name=entry.protocol,
            discovery_name=entry.name,
            client_alias=[
                aws.ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(dns_name=entry.name, port=entry.port)
            ],
            # 0 disables the timeout, for streaming calls; the default is 15 seconds.
            timeout=aws.ecs.ServiceServiceConnectConfigurationServiceTimeoutArgs(
                per_request_timeout_seconds=0, idle_timeout_seconds=STREAM_IDLE
            ),
        )
        return aws.ecs.ServiceServiceConnectConfigurationArgs(
            enabled=True,
            namespace=self._args.platform.cluster.namespace_arn,
            services=[] if entry.public else [alias],
            log_configuration=aws.ecs.ServiceServiceConnectConfigurationLogConfigurationArgs(
                log_driver="awslogs", options=log_options(task.logs, stream_prefix="proxy")
            ),
            access_log_configuration=aws.ecs.ServiceServiceConnectConfigurationAccessLogConfigurationArgs(
                format="JSON", include_query_parameters="DISABLED"
            ),
        )

    def _scaling(self, service: aws.ecs.Service) -> None:
        args = self._args
        Scaling(
            f"{self._name}-scaling",
            ScalingArgs(
                cluster_name=args.platform.cluster.name,
                service_name=service.name,
                min=args.size.min,
                max=args.size.max,
            ),
            self._child,
        )
