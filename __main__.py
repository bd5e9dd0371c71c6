"""Marginalia on AWS: what services.py says, as big as the stack file says."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

import docker_engine
import settings
from components.bucket import Bucket, BucketArgs
from components.cluster import Cluster, ClusterArgs
from components.database import Database, DatabaseArgs
from components.ingress import Domain, HealthCheck, Ingress, IngressArgs
from components.network import Network, NetworkArgs
from components.service import Build, Host, Service, ServiceArgs
from ecs.image import Reference
from services import CATALOGUE

stack, region = settings.load(CATALOGUE, root=Path(__file__).parent)
if stack.build:
    docker_engine.require()
running = CATALOGUE if stack.images is None else CATALOGUE.only(stack.images)

provider = aws.Provider(
    "aws",
    region=region,
    allowed_account_ids=[stack.account],
    default_tags=aws.ProviderDefaultTagsArgs(
        tags={"project": pulumi.get_project(), "stack": pulumi.get_stack(), "managed-by": "pulumi"}
    ),
)
on_aws = pulumi.ResourceOptions(providers=[provider])

network = Network(
    "network",
    NetworkArgs(cidr=stack.network.cidr, zones=stack.network.zones, region=region, egress=stack.network.egress),
    on_aws,
)
ingress = Ingress(
    "ingress",
    IngressArgs(
        network=network,
        allowed_cidrs=[str(cidr) for cidr in stack.ingress.allowed_cidrs],
        domain=Domain(name=stack.ingress.domain, zone_id=stack.ingress.zone_id)
        if stack.ingress.domain and stack.ingress.zone_id
        else None,
        idle_timeout=stack.ingress.idle_timeout,
        health=HealthCheck(**dict(stack.ingress.health)),
        target=next((entry for entry in running if entry.public), None),
        protect=stack.protect,
    ),
    on_aws,
)
cluster = Cluster("cluster", ClusterArgs(cluster_name=stack.prefix, insights=stack.insights), on_aws)
database = Database(
    "database",
    DatabaseArgs(
        database_name=stack.prefix,
        network=network,
        instance_class=stack.database.instance_class,
        storage=stack.database.storage,
        multi_az=stack.database.multi_az,
        backup_days=stack.database.backup_days,
        password_revision=stack.database.password_revision,
        protect=stack.protect,
    ),
    on_aws,
)
bucket = Bucket("bucket", BucketArgs(bucket_name=stack.bucket.name, protect=stack.protect), on_aws)
host = Host(
    prefix=stack.prefix,
    account=stack.account,
    region=region,
    network=network,
    cluster=cluster,
    architecture=stack.architecture,
    spot=stack.spot,
    log_retention_days=stack.log_retention_days,
    probe=stack.probe,
    protect=stack.protect,
)

services: dict[str, Service] = {}
for entry in running:
    services[entry.name] = Service(
        entry.name,
        ServiceArgs(
            entry=entry,
            host=host,
            image=Build(context=stack.build.context_of(entry), consumers=stack.build.consumers)
            if stack.build
            else Reference.parse((stack.images or {})[entry.name]),
            size=stack.size(entry),
            callees=[services[callee] for callee in entry.calls],
            database=database if entry.database else None,
            bucket=bucket if entry.bucket else None,
            ingress=ingress if entry.public else None,
            secrets=stack.secrets.get(entry.name, {}),
        ),
        on_aws,
    )

pulumi.export("images", {name: service.image for name, service in services.items()})
pulumi.export("services", {name: service.arn for name, service in services.items()})
pulumi.export("cluster", cluster.arn)
pulumi.export("url", ingress.url)
