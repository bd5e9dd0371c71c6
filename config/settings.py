"""The keys of a stack file: sections, types, bounds and defaults. Rules between keys are in rules.py."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network
from typing import Annotated, Any, get_args

from pydantic import Field

from config.alerts import Alerts
from config.catalogue import Entry, Job
from config.debug import Debug
from config.expect import Expect
from config.fields import (
    NAME,
    AccountId,
    BackupWindow,
    BucketName,
    Cidr,
    DomainName,
    ImageReference,
    InstanceClass,
    MaintenanceWindow,
    PolicyArn,
    RetentionDays,
    SecretReference,
    VpcCidr,
    ZoneId,
    text,
)
from config.rollout import RolloutChange, strategy_of
from config.section import Section
from config.size import SizeChange, size_of
from ecs.database import MOST_STORAGE, Insights, LoginMode, Passwords, Schedule, least_increase
from ecs.fargate import Architecture, Size
from ecs.ingress import Domain, HealthCheck
from ecs.instance_class import GIB, memory
from ecs.network import INTERNET, Egress
from ecs.rollout import Strategy


class Build(Section):
    context: str = Field(min_length=1, examples=["../mrgnl-{service}"])
    """The folder to build a service in, or a job with an image of its own; `{service}` stands for its name."""
    consumers: tuple[AccountId, ...] = Field(default=(), examples=[["444455556666"]])
    """Accounts that may pull the images. ECR rejects an account that does not exist."""

    def context_of(self, entry: Entry | Job) -> str:
        return self.context.replace("{service}", entry.name)


class Network(Section):
    cidr: VpcCidr
    """The VPC's range, from /16 to /23. It is divided into 16 subnets. A deployed stack keeps its range: AWS moves no
    load balancer and no database to another VPC."""
    zones: tuple[str, ...] = Field(min_length=2, max_length=8, examples=[["us-east-1a", "us-east-1b"]])
    """Availability zones of `aws:region`, each with a public and a private subnet. The order determines their ranges:
    add and remove zones only at the end."""
    egress: Egress = "nat"
    """How tasks reach AWS and the web. Modes: `ecs/network.py`."""
    flow_logs: bool = False
    """Log the VPC's accepted and rejected connections in the bucket for logs: $0.25 a GB, and the storage."""


class Health(Section):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    interval: int = Field(default=10, ge=5, le=300)
    """Seconds. A new task gets requests after its first check, a failing one is replaced after `unhealthy` checks: a
    shorter interval deploys faster and forgives a shorter stall."""
    timeout: int = Field(default=5, ge=2, le=120)
    """Seconds; less than the interval."""
    healthy: int = Field(default=2, ge=2, le=10)
    """Checks in a row that make a task healthy."""
    unhealthy: int = Field(default=3, ge=2, le=10)
    """Failed checks in a row that make a task unhealthy."""


class Ingress(Section):
    domain: DomainName | None = None
    """The public name; without one the load balancer speaks plain HTTP under its own name."""
    zone_id: ZoneId | None = None
    """The Route 53 hosted zone of the domain, in the same account."""
    # In strict JSON mode, Pydantic accepts a range as a string only, which this default is not.
    allowed_cidrs: tuple[Cidr, ...] = Field(default=(IPv4Network(INTERNET),), min_length=1, validate_default=False)
    """Default `0.0.0.0/0` when `domain` is set; required otherwise."""
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    idle_timeout: int = Field(default=120, ge=60, le=4000)
    """Seconds. An event stream pings every 30."""
    health: Health = Health()
    """The load balancer's health check of the public service."""
    access_logs: bool | None = None
    """Log the requests in the bucket for logs, with their URLs. Default: as `protect`."""
    firewall: bool = False
    """Block requests that AWS's rules know as attacks, and addresses above `request-limit`: about $9 a month, and $0.60
    for a million requests. The common rules see a part of a body and block it if it looks like script: their metrics
    in CloudWatch, namespace `AWS/WAFV2`, count what they block."""
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
    request_limit: int = Field(default=2000, ge=10, le=2_000_000_000)
    """Requests that one address may send in five minutes, with `firewall`."""

    @property
    def public_name(self) -> Domain | None:
        return Domain(name=self.domain, zone_id=self.zone_id) if self.domain and self.zone_id else None

    @property
    def health_check(self) -> HealthCheck:
        return HealthCheck(**dict(self.health))


class Database(Section):
    instance_class: InstanceClass = Field(default="db.t4g.micro", alias="class")
    """The database's instance class."""
    storage: int = Field(default=20, ge=20, le=MOST_STORAGE)
    """GiB of gp3. Increase it by at least 10 %, as RDS rounds up; it cannot be decreased:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""
    max_storage: int | None = Field(default=None, ge=20, le=MOST_STORAGE, examples=[100])
    """GiB up to which RDS increases the storage by itself when it is nearly full; then `storage` may stay as it is. At
    least 10 % more than `storage`, or equal to it, so that RDS increases nothing. Default: four times `storage`.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html"""
    multi_az: bool = False
    """Keep a standby in a second zone."""
    backup_days: int = Field(default=1, ge=0, le=35)
    """Days to keep automated backups; 0 disables them:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html"""
    backup_window: BackupWindow | None = Field(default=None, examples=["04:00-04:30"])
    """When RDS makes the daily backup, in UTC. Set both windows or neither; RDS then chooses them."""
    maintenance_window: MaintenanceWindow | None = Field(default=None, examples=["sun:05:00-sun:05:30"])
    """When RDS may restart the database each week, in UTC: for minor versions, and for changes that wait."""
    apply_immediately: bool | None = Field(default=None, examples=[True])
    """Whether a change that RDS can defer, such as another class, is made at once; if not, it waits for the maintenance
    window, and each preview shows it until then. A password never waits. Default: true without `protect`.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html"""
    insights: Insights = "standard"
    """Database Insights: load by query, of the last 7 days (`standard`) or 15 months (`advanced`, at a price per vCPU).
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.html"""
    logins: LoginMode = "shared"
    """Who logs in as whom. `shared`: every service is the master user. `own`: every service has logins of its own, and
    RDS manages the master user's password. A deployed stack changes from one to the other in two updates, with `moving`
    in between: docs/howto/logins.md."""
    password_revision: int = Field(default=1, ge=1)
    """Increment to rotate the passwords: without logins of their own, services cannot connect meanwhile."""

    @property
    def storage_limit(self) -> int | None:
        """GiB up to which RDS increases the storage; None if it increases nothing."""
        limit = min(4 * self.storage, MOST_STORAGE) if self.max_storage is None else self.max_storage
        return limit if limit >= least_increase(self.storage) else None

    @property
    def passwords(self) -> Passwords:
        return Passwords(mode=self.logins, revision=self.password_revision)

    def schedule(self, *, protect: bool) -> Schedule:
        """A protected database does not restart at noon, unless the stack file says so."""
        at_once = not protect if self.apply_immediately is None else self.apply_immediately
        return Schedule(
            backup_window=self.backup_window, maintenance_window=self.maintenance_window, apply_immediately=at_once
        )


class Bucket(Section):
    name: BucketName = Field(examples=["example-marginalia-content-dev"])
    """The name of the content bucket. S3 names are global. A new name replaces the bucket. The bucket for logs, if any,
    has this name and `-logs`."""


IMAGE_EXAMPLE = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/mrgnl-authsvc@sha256:{64 * '0'}"
BOUNDARY_EXAMPLE = "arn:aws:iam::111122223333:policy/marginalia-ci/mrgnl-dev-tasks"
SECRET_EXAMPLE = "arn:aws:secretsmanager:us-east-1:111122223333:secret:model-api-key-AbCdEf"


class Settings(Section):
    """The keys under `marginalia:stack`."""

    account: AccountId = Field(examples=["111122223333"])
    """The AWS account of the stack. The simulator owns the accounts that begin with eleven zeros."""
    prefix: Annotated[
        str, Field(max_length=12), text(NAME, "2 to 12 lower-case letters, digits and single hyphens")
    ] = "mrgnl"
    """Begins the names of the cluster, the database, the repositories and the log groups."""
    protect: bool = False
    """Protect the database, the bucket, the load balancer and the repositories of a building stack from deletion."""
    build: Build | None = None
    """Build the images of all services. A stack has either `build` or `images`."""
    images: dict[str, ImageReference] | None = Field(default=None, examples=[{"authsvc": IMAGE_EXAMPLE}])
    """Run these images, by service; the stack runs no other service. A job with an image of its own has one, too; one
    with the image of a service runs if the service does. `python -m ops promote` writes them."""
    architecture: Architecture = "x86-64"
    """The processor that images are built for and tasks run on."""
    probe: bool = True
    """Check the health of containers with `/service -healthcheck`, which the images must support. Without it ECS takes
    a task for healthy 40 seconds after its start: a rollout takes that much longer, and the circuit breaker does not
    see a service that runs but does not work:
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"""
    network: Network
    """The VPC."""
    ingress: Ingress
    """The load balancer in front of the public service."""
    database: Database = Database()
    """The PostgreSQL database of all services."""
    bucket: Bucket
    """The S3 bucket for content."""
    sizes: dict[str, SizeChange] = Field(default={}, examples=[{"default": {"max": 4}, "promptsvc": {"memory": 1024}}])
    """Sizes by service and by job; those of `default` apply to each that does not set its own. A job has no number of
    tasks. The Service Connect proxy runs in the task of a service and takes its share of CPU and memory; AWS recommends
    to add 256 CPU units and 64 MiB for it:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html"""
    rollout: dict[str, RolloutChange] = Field(
        default={},
        examples=[{"default": {"strategy": "blue-green", "bake-minutes": 5}, "mcp": {"strategy": "rolling"}}],
    )
    """How ECS replaces the tasks, by service; `default` is for each that does not set its own value. Without the key
    it replaces them one after another. The strategy of a service that has one can be changed at any time; to end it,
    set `strategy: rolling`, deploy, and then remove the key: docs/howto/rollout.md."""
    redeploy: dict[str, Annotated[int, Field(ge=1)]] = Field(default={}, examples=[{"promptsvc": 1}])
    """Increment the number of a service to deploy its tasks again, without another change. If this update of the
    service fails, increment it once more: ECS does not store the number, so no refresh sees whether it was deployed.
    A service in the mapping is also deployed again by each other update of it. Removing it deploys nothing."""
    spot: int | None = Field(default=None, ge=0, le=100, examples=[50])
    """Percent of the tasks that run on FARGATE_SPOT. In a stack that sets it, every update of a service deploys its
    tasks again, which the provider requires to change the percentage. To end it, set `spot: 0` and deploy; then remove
    the key."""
    log_retention_days: RetentionDays = 30
    """Days to keep the logs of the services, the database, the load balancer and the network."""
    insights: bool = False
    """Enable CloudWatch Container Insights."""
    alerts: Alerts | None = None
    """Whom to tell when something is wrong. None: the stack has no alarms and no dashboard."""
    debug: Debug | None = None
    """What `python -m ops debug` starts with the access of a service. None: nothing can be debugged."""
    budget: int | None = Field(default=None, ge=1, le=1_000_000, examples=[200])
    """USD a month. A page of changes warns of a higher estimate, a house rule refuses it, AWS Budgets tells the topic
    of `alerts` of a higher bill: docs/cost.md"""
    expect: Expect = Expect()
    """The use to estimate the cost of: docs/cost.md. Nothing else depends on it."""
    permissions_boundary: PolicyArn | None = Field(default=None, examples=[BOUNDARY_EXAMPLE])
    """The IAM policy that bounds the tasks' roles; `pulumi -C bootstrap stack output permissions-boundary` prints it.
    CI's role `deploy` creates no role without it."""
    secrets: dict[str, dict[str, SecretReference]] = Field(
        default={}, examples=[{"chatsvc": {"MODEL_API_KEY": SECRET_EXAMPLE}}]
    )
    """ARNs of the secrets that `services.py` names, by service or job and by variable. With `:::<version id>` at
    the end, another version deploys new tasks; without, a task gets the current version when it starts."""

    @property
    def access_logs(self) -> bool:
        """Whether the load balancer logs its requests."""
        return self.protect if self.ingress.access_logs is None else self.ingress.access_logs

    @property
    def database_memory(self) -> int:
        """The bytes of memory of the database's class; 0 if unknown, which a rule rejects in a stack with alerts."""
        own = self.alerts.database_class_memory if self.alerts else None
        return own * GIB if own else memory(self.database.instance_class) or 0

    def size(self, entry: Entry | Job) -> Size:
        return size_of(self.sizes, entry.name)

    def strategy(self, entry: Entry) -> Strategy | None:
        """None: the stack file names none, and ECS's default is rolling."""
        return strategy_of(self.rollout, entry.name)


def inner_section(section: type[Section], key: str) -> type[Section] | None:
    """The class of a key's value, if it is a mapping with fixed keys."""
    for info in section.model_fields.values():
        options = get_args(info.annotation) or (info.annotation,)
        for option in options if info.alias == key else ():
            if isinstance(option, type) and issubclass(option, Section):
                return option
    return None


@cache
def json_schema() -> dict[str, Any]:
    """The JSON Schema of the mapping under `marginalia:stack`, without the rules between keys."""
    return Settings.model_json_schema()
