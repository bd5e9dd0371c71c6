"""The section `alerts` of a stack file: whom to tell, and from which value on."""

from __future__ import annotations

from pydantic import Field

from config.fields import EmailAddress, TopicArn
from config.section import Section
from ecs import alarms

TOPIC_EXAMPLE = "arn:aws:sns:us-east-1:111122223333:on-call"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
# recommends each value here that names no other source.


class Thresholds(Section):
    gateway_errors: float = Field(default=5, gt=0, lt=100)
    """Percent of the gateway's responses that are a 5xx. AWS's value for a service with Service Connect."""
    gateway_unanswered: int = Field(default=5, ge=0, le=1_000_000)
    """Requests a minute that the load balancer itself answers with a 5xx. AWS recommends no value."""
    gateway_latency: float = Field(default=3, gt=0, le=4000)
    """Seconds until the first byte of the response, which 95 % of the requests meet. AWS recommends no value."""
    service_memory: float = Field(default=80, gt=0, lt=100)
    """Percent of the memory of a service's tasks."""
    database_cpu: float = Field(default=90, gt=0, lt=100)
    """Percent of the database's CPU."""
    database_memory: float = Field(default=25, gt=0, lt=100)
    """Percent of the memory of the database's class that must be free. A small class has less when it is well: lower
    it there to what the dashboard shows."""
    database_storage: float = Field(default=10, gt=0, lt=100)
    """Percent of the database's storage that must be free."""
    database_connections: float = Field(default=60, gt=0, le=90)
    """Percent of the connections that PostgreSQL takes by default with the memory of the database's class, of which RDS
    itself uses a part: 100 % are never reached. AWS recommends no value.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections"""
    certificate_days: int = Field(default=30, ge=1, le=60)
    """Days until the certificate expires. ACM warns of a failed renewal at 30 days:
    https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html"""


class Alerts(Section):
    emails: tuple[EmailAddress, ...] = Field(default=(), examples=[["ops@example.com"]])
    """The stack has an SNS topic, which sends to these addresses once each has confirmed a first e-mail."""
    topic: TopicArn | None = Field(default=None, examples=[TOPIC_EXAMPLE])
    """In place of `emails`: an existing SNS topic. Its policy must let `cloudwatch.amazonaws.com`, with a
    `budget` also `budgets.amazonaws.com` and, without a condition, `events.amazonaws.com` publish:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions"""
    database_class_memory: int | None = Field(default=None, ge=1, le=4096, examples=[64])
    """GiB. Required for a `database.class` that is not of the families m, r or t."""
    thresholds: Thresholds = Thresholds()
    """From which value on an alarm is raised."""

    @property
    def alarm_thresholds(self) -> alarms.Thresholds:
        return alarms.Thresholds(**dict(self.thresholds))
