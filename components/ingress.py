"""The Application Load Balancer of the public service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.log_bucket import LogBucket
from components.network import Network
from components.security_group import Peer, SecurityGroup, SecurityGroupArgs
from components.traffic_shift import TrafficShift, TrafficShiftArgs
from config.catalogue import Entry
from ecs.ingress import Domain, HealthCheck

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2, with post-quantum key exchange for clients that support it.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
DEREGISTRATION_DELAY = 30
"""Seconds for a deregistered task to complete its requests: as long as a service drains. AWS's default is 300.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"""


@dataclass(frozen=True, kw_only=True)
class IngressArgs:
    network: Network
    allowed_cidrs: Sequence[str]
    domain: Domain | None
    """None: plain HTTP under the load balancer's own DNS name."""
    idle_timeout: int
    """Seconds without data before a connection is closed. Must exceed the ping interval of an event stream, 30."""
    health_check: HealthCheck
    target: Entry | None
    """The public service. None: the load balancer responds with 503."""
    protect: bool
    shifts_traffic: bool = False
    """Whether ECS may shift the traffic of the public service between two target groups."""
    permissions_boundary: str | None = None
    """The ARN of the policy that bounds the role with which it does."""
    logs: LogBucket | None = None
    """The bucket for access logs. None: no access log."""


class Ingress(ComponentResource):
    """Depend on the component, not on its target group: ECS rejects a target group without a listener."""

    url: Output[str]
    balancer_arn: Output[str]
    peer: Peer | None
    """The load balancer as a peer of the target, on the target's port; None without a target."""
    target_group_arn: Output[str] | None
    shift: TrafficShift | None
    balancer_suffix: Output[str]
    """The part of the ARN that names the load balancer in metrics."""
    target_group_suffixes: Sequence[Output[str]]
    """Likewise of the target groups; none without a target."""
    domain: str | None
    certificate_arn: Output[str] | None

    def __init__(self, name: str, args: IngressArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:network:Ingress", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)

        security_group = self._security_group()
        balancer = self._balancer(security_group)
        target_group = self._target_group(args.target, "target") if args.target else None
        self.domain = args.domain.name if args.domain else None
        self.certificate_arn = self._certificate(args.domain) if args.domain else None
        if args.domain and self.certificate_arn is not None:
            listener = self._https(balancer, args.domain, _action(target_group), self.certificate_arn)
        else:
            listener = self._listener("http", balancer, _action(target_group))
        alternate = self._target_group(args.target, "alternate") if args.target and args.shifts_traffic else None
        self.shift = self._shift(listener, target_group, alternate) if target_group and alternate else None

        self.balancer_arn = balancer.arn
        self.balancer_suffix = balancer.arn_suffix
        self.target_group_suffixes = [each.arn_suffix for each in (target_group, alternate) if each]
        self.target_group_arn = target_group.arn if target_group else None
        self.peer = Peer(port=args.target.port, security_group_id=security_group.id) if args.target else None
        self.url = (
            Output.from_input(f"https://{args.domain.name}")
            if args.domain
            else Output.concat("http://", balancer.dns_name)
        )
        self.register_outputs({"url": self.url, "target_group_arn": self.target_group_arn})

    def _security_group(self) -> SecurityGroup:
        ports = (80, 443) if self._args.domain else (80,)
        return SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(
                vpc_id=self._args.network.vpc_id,
                description="Load balancer of Marginalia",
                ingress={
                    f"{cidr}-{port}": Peer(port=port, cidr=cidr) for cidr in self._args.allowed_cidrs for port in ports
                },
            ),
            self._child,
        )

    def _balancer(self, security_group: SecurityGroup) -> aws.lb.LoadBalancer:
        args = self._args
        return aws.lb.LoadBalancer(
            f"{self._name}-balancer",
            load_balancer_type="application",
            internal=False,
            subnets=args.network.public_subnet_ids,
            security_groups=[security_group.id],
            idle_timeout=args.idle_timeout,
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.protect,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=args.logs.bucket_name, enabled=True)
            if args.logs
            else None,
            opts=ResourceOptions(
                parent=self,
                protect=args.protect,
                # Elastic Load Balancing rejects subnets without a route to the internet, and a bucket whose policy does
                # not let it write.
                depends_on=[args.network, *([args.logs] if args.logs else [])],
            ),
        )

    def _shift(
        self, listener: aws.lb.Listener, primary: aws.lb.TargetGroup, alternate: aws.lb.TargetGroup
    ) -> TrafficShift:
        return TrafficShift(
            f"{self._name}-shift",
            TrafficShiftArgs(
                listener_arn=listener.arn,
                primary_arn=primary.arn,
                alternate_arn=alternate.arn,
                permissions_boundary=self._args.permissions_boundary,
            ),
            self._child,
        )

    def _target_group(self, target: Entry, kind: str) -> aws.lb.TargetGroup:
        health = self._args.health_check
        return aws.lb.TargetGroup(
            f"{self._name}-{kind}",
            vpc_id=self._args.network.vpc_id,
            target_type="ip",
            protocol="HTTP",
            # Unused: ECS registers each task with the port of its container, and health checks follow it.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
            port=target.port,
            deregistration_delay=DEREGISTRATION_DELAY,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                path=target.health_path,
                matcher="200",
                interval=health.interval,
                timeout=health.timeout,
                healthy_threshold=health.healthy,
                unhealthy_threshold=health.unhealthy,
            ),
            # Another port would replace the group, and the listener would forward to one without targets.
            opts=ResourceOptions(parent=self, ignore_changes=["port"]),
        )

    def _https(
        self,
        balancer: aws.lb.LoadBalancer,
        domain: Domain,
        action: aws.lb.ListenerDefaultActionArgs,
        certificate: Output[str],
    ) -> aws.lb.Listener:
        """The listener of HTTPS."""
        self._listener(
            "http",
            balancer,
            aws.lb.ListenerDefaultActionArgs(
                type="redirect",
                redirect=aws.lb.ListenerDefaultActionRedirectArgs(protocol="HTTPS", port="443", status_code="HTTP_301"),
            ),
        )
        listener = self._listener("https", balancer, action, certificate)
        aws.route53.Record(
            f"{self._name}-alias",
            zone_id=domain.zone_id,
            name=domain.name,
            type="A",
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=False
                )
            ],
            opts=self._child,
        )
        return listener

    def _certificate(self, domain: Domain) -> Output[str]:
        """The ARN of the certificate, once ACM has validated it by DNS."""
        certificate = aws.acm.Certificate(
            f"{self._name}-certificate", domain_name=domain.name, validation_method="DNS", opts=self._child
        )
        option = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{self._name}-proof",
            zone_id=domain.zone_id,
            name=option.apply(lambda each: each.resource_record_name or ""),
            type=option.apply(lambda each: each.resource_record_type or ""),
            records=[option.apply(lambda each: each.resource_record_value or "")],
            ttl=300,
            # ACM requests the same validation record for each certificate of a domain name.
            allow_overwrite=True,
            opts=self._child,
        )
        return aws.acm.CertificateValidation(
            f"{self._name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=self._child,
        ).certificate_arn

    def _listener(
        self,
        protocol: str,
        balancer: aws.lb.LoadBalancer,
        action: aws.lb.ListenerDefaultActionArgs,
        certificate_arn: Output[str] | None = None,
    ) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-{protocol}",
            load_balancer_arn=balancer.arn,
            protocol=protocol.upper(),
            port=443 if certificate_arn else 80,
            ssl_policy=TLS_POLICY if certificate_arn else None,
            certificate_arn=certificate_arn,
            default_actions=[action],
            opts=self._child,
        )


def _action(target_group: aws.lb.TargetGroup | None) -> aws.lb.ListenerDefaultActionArgs:
    if target_group:
        return aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target_group.arn)
    return aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            status_code="503", content_type="text/plain", message_body="Marginalia is not deployed here yet."
        ),
    )
