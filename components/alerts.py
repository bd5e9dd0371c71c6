"""What tells somebody: the topic, the alarms of what all services share, and the events of ECS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components import alarms, budget
from components.alarms import Receiver
from components.cluster import Cluster
from components.database import Database
from components.ingress import Ingress
from components.network import Network
from ecs import events
from ecs.alarms import Alarm, Thresholds, certificate, database, gateway, nat, unhealthy
from ecs.events import Event


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    prefix: str
    """Begins the names of the topic, the alarms and the rules."""
    account: str
    stack: str
    """The name of the stack in the commands that a message names."""
    emails: Sequence[str]
    """The stack's own topic sends to these. None: `topic_arn`."""
    topic_arn: str | None
    """An existing topic, which lets CloudWatch and EventBridge publish."""
    thresholds: Thresholds
    database_memory: int
    """Bytes that the database's class has."""
    network: Network
    ingress: Ingress
    cluster: Cluster
    database: Database
    jobs: Sequence[str]
    """The families of the jobs' task definitions."""
    budget: int | None = None
    """USD a month. None: the stack has no budget in AWS Budgets."""


class Alerts(ComponentResource):
    """Declare it before the services: ECS watches alarms of the gateway during a deployment."""

    receiver: Receiver
    """For the alarms of a service."""
    thresholds: Thresholds
    status: str
    """The sentence in a message that names the command for the whole stack."""
    jobs: str
    """The sentence in a message that names the command for the jobs."""
    why: str
    """The command that shows the cause, up to the name of a service."""
    alarms: Sequence[aws.cloudwatch.MetricAlarm]
    deployment_alarms: Sequence[Output[str]]
    """The names of the alarms that a bad release raises within minutes; none without a public service."""
    rules: Sequence[Output[str]]
    """The names of the rules on events of ECS."""

    def __init__(self, name: str, args: AlertsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:alerts:Alerts", name, None, opts)
        self._name = name
        self._args = args
        self._child = ResourceOptions(parent=self)
        self.thresholds = args.thresholds
        self.status = f"`python -m ops status {args.stack}` shows the stack."
        self.jobs = f"`python -m ops jobs {args.stack}` shows the runs and the schedules."
        self.why = f"python -m ops why {args.stack}"

        self.receiver = Receiver(prefix=args.prefix, topic_arn=args.topic_arn or self._topic(args.emails))
        of_releases, of_health = self._gateway()
        self.alarms = [*of_releases, *of_health, *self._database(), *self._network()]
        self.deployment_alarms = [each.name for each in of_releases]
        of_jobs = [events.of_jobs(args.stack, args.jobs)] if args.jobs else []
        if args.budget is not None:
            budget.declare(f"{name}-budget", args.stack, args.budget, self.receiver, self._child)
        self.rules = [self._rule(each) for each in (*events.events(self.why), *of_jobs)]
        self.register_outputs({"topic_arn": self.receiver.topic_arn})

    def _topic(self, emails: Sequence[str]) -> Output[str]:
        """The ARN of a topic of the stack, once CloudWatch and EventBridge may publish to it.

        It is not encrypted with a key of SNS: EventBridge could not publish.
        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
        """
        topic = aws.sns.Topic(f"{self._name}-topic", name=f"{self._args.prefix}-alerts", opts=self._child)
        policy = aws.sns.TopicPolicy(
            f"{self._name}-topic-policy",
            arn=topic.arn,
            policy=topic.arn.apply(lambda arn: json.dumps(_publishers(arn, self._args))),
            opts=self._child,
        )
        for address in emails:
            aws.sns.TopicSubscription(
                f"{self._name}-to-{address}", topic=topic.arn, protocol="email", endpoint=address, opts=self._child
            )
        return policy.arn

    def _declare(self, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        return alarms.declare(f"{self._name}-{alarm.name}", alarm, self.receiver, self._child)

    def _gateway(self) -> tuple[list[aws.cloudwatch.MetricAlarm], list[aws.cloudwatch.MetricAlarm]]:
        """Those that a bad release raises, and that of the targets' health, which the circuit breaker watches too.

        None without a public service: the load balancer then answers 503 by intent.
        """
        args, targets = self._args, self._args.ingress.target_group_suffixes
        if not targets:
            return [], []
        balancer = args.ingress.balancer_suffix
        of_releases = [self._declare(each) for each in gateway(args.thresholds, balancer, targets, self.status)]
        return of_releases, [self._declare(unhealthy(balancer, targets, self.status))]

    def _database(self) -> list[aws.cloudwatch.MetricAlarm]:
        args = self._args
        found = database(
            args.thresholds,
            args.database.identifier,
            storage=args.database.storage,
            memory=args.database_memory,
            status=self.status,
        )
        return [self._declare(each) for each in found]

    def _network(self) -> list[aws.cloudwatch.MetricAlarm]:
        """Those of the NAT gateways and of the certificate."""
        args, ingress = self._args, self._args.ingress
        found = [nat(name, gateway_id, self.status) for name, gateway_id in args.network.nat_gateway_ids.items()]
        if ingress.domain and ingress.certificate_arn is not None:
            found.append(certificate(args.thresholds, ingress.certificate_arn, ingress.domain))
        return [self._declare(each) for each in found]

    def _rule(self, event: Event) -> Output[str]:
        """The name of a rule that sends the message of an event to the topic."""
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-{event.name}",
            name=f"{self._args.prefix}-{event.name}",
            description=event.description,
            event_pattern=self._args.cluster.arn.apply(event.pattern),
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-{event.name}-target",
            rule=rule.name,
            target_id="topic",
            arn=self.receiver.topic_arn,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths=event.fields,
                # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
                input_template=json.dumps(event.message),
            ),
            opts=self._child,
        )
        return rule.name


def _publishers(topic_arn: str, args: AlertsArgs) -> dict[str, object]:
    """The policy of the topic.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    publish: dict[str, object] = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic_arn}
    alarms = {
        "Sid": "Alarms",
        **publish,
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": args.account}},
    }
    # EventBridge does not publish under a condition:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    events = {"Sid": "Events", **publish, "Principal": {"Service": "events.amazonaws.com"}}
    return {"Version": "2012-10-17", "Statement": [alarms, events, *_budgets(publish, args)]}


def _budgets(publish: dict[str, object], args: AlertsArgs) -> list[dict[str, object]]:
    """https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html"""
    if args.budget is None:
        return []
    condition = {
        "StringEquals": {"aws:SourceAccount": args.account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{args.account}:*"},
    }
    return [{"Sid": "Budgets", **publish, "Principal": {"Service": "budgets.amazonaws.com"}, "Condition": condition}]
