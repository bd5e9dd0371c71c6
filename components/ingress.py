"""The way in from outside: one load balancer for the public service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.access import Access, AccessArgs, Way
from components.network import Network
from services import Entry

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2, with post-quantum key exchange where the client knows it.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
DEREGISTRATION_DELAY = 30
"""Seconds in which a leaving task may end what it has begun: as long as a service drains; AWS's default is 300."""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A public name for the load balancer, in a hosted zone of the same account."""

    name: str
    zone_id: str


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """When the load balancer takes a task for healthy. In seconds, and in checks in a row."""

    interval: int
    timeout: int
    healthy: int
    unhealthy: int


@dataclass(frozen=True, kw_only=True)
class IngressArgs:
    network: Network
    allowed_cidrs: Sequence[str]
    domain: Domain | None
    """Without one the load balancer speaks plain HTTP under its own name."""
    idle_timeout: int
    """Seconds without a byte after which a connection is cut: longer than between two pings of an event stream."""
    health: HealthCheck
    target: Entry | None
    """The public service. Without one the answer is a fixed 503."""
    protect: bool


class Ingress(ComponentResource):
    """Whoever is behind it depends on the whole component: on its listener, too."""

    url: Output[str]
    way: Way | None
    """From where the target is reached, on the target's own port."""
    target_group_arn: Output[str] | None

    def __init__(self, name: str, args: IngressArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:network:Ingress", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)

        access = self._access()
        balancer = self._balancer(access)
        target_group = self._target_group(args.target) if args.target else None
        if args.domain:
            self._https(balancer, args.domain, _answer(target_group))
        else:
            self._listener("http", balancer, _answer(target_group))

        self.target_group_arn = target_group.arn if target_group else None
        self.way = Way(port=args.target.port, security_group_id=access.security_group_id) if args.target else None
        self.url = (
            Output.from_input(f"https://{args.domain.name}")
            if args.domain
            else Output.concat("http://", balancer.dns_name)
        )
        self.register_outputs({"url": self.url, "target_group_arn": self.target_group_arn})

    def _access(self) -> Access:
        ports = (80, 443) if self._args.domain else (80,)
        return Access(
            f"{self._name}-access",
            AccessArgs(
                vpc_id=self._args.network.vpc_id,
                description="Load balancer of Marginalia",
                ways_in={
                    f"{cidr}-{port}": Way(port=port, cidr=cidr) for cidr in self._args.allowed_cidrs for port in ports
                },
            ),
            self._child,
        )

    def _balancer(self, access: Access) -> aws.lb.LoadBalancer:
        args = self._args
        return aws.lb.LoadBalancer(
            f"{self._name}-balancer",
            load_balancer_type="application",
            internal=False,
            subnets=args.network.public_subnet_ids,
            security_groups=[access.security_group_id],
            idle_timeout=args.idle_timeout,
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.protect,
            opts=ResourceOptions(
                parent=self,
                protect=args.protect,
                depends_on=[args.network],  # AWS refuses one in subnets without a route to the internet
            ),
        )

    def _target_group(self, target: Entry) -> aws.lb.TargetGroup:
        health = self._args.health
        return aws.lb.TargetGroup(
            f"{self._name}-target",
            vpc_id=self._args.network.vpc_id,
            target_type="ip",
            protocol="HTTP",
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
            opts=self._child,
        )

    def _https(self, balancer: aws.lb.LoadBalancer, domain: Domain, answer: aws.lb.ListenerDefaultActionArgs) -> None:
        certificate = self._certificate(domain)
        self._listener(
            "http",
            balancer,
            aws.lb.ListenerDefaultActionArgs(
                type="redirect",
                redirect=aws.lb.ListenerDefaultActionRedirectArgs(protocol="HTTPS", port="443", status_code="HTTP_301"),
            ),
        )
        self._listener("https", balancer, answer, certificate)
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

    def _certificate(self, domain: Domain) -> Output[str]:
        """The ARN of a certificate that is valid: DNS proves that the name is ours."""
        certificate = aws.acm.Certificate(
            f"{self._name}-certificate", domain_name=domain.name, validation_method="DNS", opts=self._child
        )
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{self._name}-proof",
            zone_id=domain.zone_id,
            name=proof.apply(lambda option: option.resource_record_name or ""),
            type=proof.apply(lambda option: option.resource_record_type or ""),
            records=[proof.apply(lambda option: option.resource_record_value or "")],
            ttl=300,
            # ACM gives the same record again to a name that had a certificate before.
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
        answer: aws.lb.ListenerDefaultActionArgs,
        certificate_arn: Output[str] | None = None,
    ) -> None:
        aws.lb.Listener(
            f"{self._name}-{protocol}",
            load_balancer_arn=balancer.arn,
            protocol=protocol.upper(),
            port=443 if certificate_arn else 80,
            ssl_policy=TLS_POLICY if certificate_arn else None,
            certificate_arn=certificate_arn,
            default_actions=[answer],
            opts=self._child,
        )


def _answer(target_group: aws.lb.TargetGroup | None) -> aws.lb.ListenerDefaultActionArgs:
    if target_group:
        return aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target_group.arn)
    return aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            status_code="503", content_type="text/plain", message_body="Marginalia is not deployed here yet."
        ),
    )
