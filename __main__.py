"""Deploys Marginalia to AWS: the services of services.py, configured by the stack file."""

from dataclasses import replace
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components import rollout
from components.alerts import Alerts, AlertsArgs
from components.bucket import Bucket, BucketArgs
from components.cluster import Cluster, ClusterArgs
from components.dashboard import Dashboard, DashboardArgs
from components.database import Database, DatabaseArgs
from components.firewall import Firewall, FirewallArgs
from components.ingress import Ingress, IngressArgs
from components.job import Job, JobArgs
from components.log_bucket import LogBucket, LogBucketArgs
from components.logins import Logins, LoginsArgs
from components.logins_in_use import Users
from components.network import Network, NetworkArgs
from components.platform import Platform, Toolbox
from components.schedule_group import ScheduleGroup, ScheduleGroupArgs
from components.service import Service, ServiceArgs
from config import load
from ecs.image import Reference
from ecs.logs import bucket_name
from image import engine, source_commits

root = Path(__file__).parent
configured = load.running_stack(root)
stack, region = configured.settings, configured.region
engine.require(needed=stack.build is not None)

provider = aws.Provider(
    "aws",
    region=region,
    allowed_account_ids=[stack.account],
    default_tags=aws.ProviderDefaultTagsArgs(
        tags={"project": pulumi.get_project(), "stack": pulumi.get_stack(), "managed-by": "pulumi"}
    ),
)
on_aws = pulumi.ResourceOptions(providers=[provider])

logs = LogBucket(
    "logs",
    LogBucketArgs(
        bucket_name=bucket_name(stack.bucket.name),
        account=stack.account,
        region=region,
        retention_days=stack.log_retention_days,
        protect=stack.protect,
    ),
    on_aws,
)
network = Network(
    "network",
    NetworkArgs(
        cidr=stack.network.cidr,
        zones=stack.network.zones,
        region=region,
        egress=stack.network.egress,
        logs=logs if stack.network.flow_logs else None,
        sessions=stack.debug is not None,
    ),
    on_aws,
)
ingress = Ingress(
    "ingress",
    IngressArgs(
        network=network,
        allowed_cidrs=[str(cidr) for cidr in stack.ingress.allowed_cidrs],
        domain=stack.ingress.public_name,
        idle_timeout=stack.ingress.idle_timeout,
        health_check=stack.ingress.health_check,
        target=configured.public_service,
        protect=stack.protect,
        shifts_traffic=configured.public_strategy is not None,
        permissions_boundary=stack.permissions_boundary,
        logs=logs if stack.access_logs else None,
    ),
    on_aws,
)
if stack.ingress.firewall:
    Firewall(
        "firewall",
        FirewallArgs(resource_arn=ingress.balancer_arn, request_limit=stack.ingress.request_limit),
        on_aws,
    )
cluster = Cluster("cluster", ClusterArgs(cluster_name=stack.prefix, insights=stack.insights), on_aws)
users = Users(
    passwords=stack.database.passwords,
    services=configured.database_users,
    cluster=f"arn:aws:ecs:{region}:{stack.account}:cluster/{stack.prefix}",
    region=region,
)
database = Database(
    "database",
    DatabaseArgs(
        database_name=stack.prefix,
        network=network,
        instance_class=stack.database.instance_class,
        storage=stack.database.storage,
        storage_limit=stack.database.storage_limit,
        multi_az=stack.database.multi_az,
        backup_days=stack.database.backup_days,
        schedule=stack.database.schedule(protect=stack.protect),
        insights=stack.database.insights,
        log_retention_days=stack.log_retention_days,
        users=users,
        protect=stack.protect,
    ),
    on_aws,
)
bucket = Bucket("bucket", BucketArgs(bucket_name=stack.bucket.name, protect=stack.protect), on_aws)
alerts = stack.alerts and Alerts(
    "alerts",
    AlertsArgs(
        prefix=stack.prefix,
        account=stack.account,
        stack=pulumi.get_stack(),
        emails=stack.alerts.emails,
        topic_arn=stack.alerts.topic,
        thresholds=stack.alerts.alarm_thresholds,
        database_memory=stack.database_memory,
        network=network,
        ingress=ingress,
        cluster=cluster,
        database=database,
        jobs=[f"{stack.prefix}-{job.name}" for job in configured.jobs],
        budget=stack.budget,
    ),
    on_aws,
)
platform = Platform(
    prefix=stack.prefix,
    account=stack.account,
    region=region,
    network=network,
    cluster=cluster,
    database=database,
    bucket=bucket,
    ingress=ingress,
    alerts=alerts,
    architecture=stack.architecture,
    spot=stack.spot,
    log_retention_days=stack.log_retention_days,
    probe=stack.probe,
    permissions_boundary=stack.permissions_boundary,
    protect=stack.protect,
    toolbox=stack.debug and Toolbox(image=Reference.parse(stack.debug.image), minutes=stack.debug.minutes),
)

logins = configured.logins and Logins(
    "logins", LoginsArgs(platform=platform, users=users, image=configured.image(configured.logins)), on_aws
)
if logins:
    platform = replace(platform, logins=logins.logins)

services: dict[str, Service] = {}
for entry in configured.services:
    services[entry.name] = Service(
        entry.name,
        ServiceArgs(
            platform=platform,
            entry=entry,
            image=configured.image(entry),
            size=stack.size(entry),
            callees=[services[callee] for callee in entry.calls],
            secrets=stack.secrets.get(entry.name, {}),
            strategy=stack.strategy(entry),
            redeploy=stack.redeploy.get(entry.name),
        ),
        on_aws,
    )

schedules = (
    ScheduleGroup("schedules", ScheduleGroupArgs(prefix=stack.prefix, alerts=alerts), on_aws)
    if any(job.schedule for job in configured.jobs)
    else None
)
jobs: dict[str, Job] = {}
for job in configured.jobs:
    jobs[job.name] = Job(
        job.name,
        JobArgs(
            platform=platform,
            entry=job,
            image=services[job.image].pullable if job.image else configured.image(job),
            size=stack.size(job),
            secrets=stack.secrets.get(job.name, {}),
            schedules=schedules,
        ),
        on_aws,
    )

if alerts:
    Dashboard(
        "dashboard",
        DashboardArgs(platform=platform, alerts=alerts, insights=stack.insights, services=[*services.values()]),
        on_aws,
    )

pulumi.export("images", {name: service.image for name, service in services.items()})
pulumi.export("commits", source_commits.built(configured, root))
pulumi.export("services", rollout.checked({name: service.rollout for name, service in services.items()}))
if runnable := {**jobs, **({"logins": logins} if logins else {})}:
    pulumi.export("jobs", {name: job.description for name, job in runnable.items()})
if stack.debug:
    pulumi.export("debug", {name: each.debug.description for name, each in services.items() if each.debug})
if stack.expect.values:
    pulumi.export("expect", stack.expect.values)
pulumi.export("cluster", cluster.arn)
pulumi.export("url", ingress.url)
