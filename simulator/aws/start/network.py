"""The way from a task's network interface to what the start of the task needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecs import types
from ecs.iam import secret_arn
from ecs.network import INTERNET, NEEDED_ENDPOINTS
from simulator.aws import endpoints, routes, traffic
from simulator.aws.endpoints import Uses
from simulator.aws.start import image, logs, secrets
from simulator.aws.start.task import Task, start
from simulator.aws.traffic import End
from simulator.store import Object

NO_REGISTRY = "ResourceInitializationError: unable to pull registry auth: "


def end(task: Task) -> End:
    """The task as one end of a connection."""
    return End(name="the task", groups=task.groups, subnets=task.subnets)


def needs(task: Task) -> dict[str, Uses]:
    """The services that the start of the task uses, and the actions on what it names.

    ECR stores the layers in S3. https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    region = task.request.region
    found: dict[str, Uses] = {}
    for each in image.references(task):
        repository = each.repository.arn
        found["ecr.api"] = {"ecr:GetAuthorizationToken": "*"}
        found["ecr.dkr"] = {"ecr:BatchGetImage": repository, "ecr:GetDownloadUrlForLayer": repository}
        found["s3"] = {"s3:GetObject": f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*"}
    for group in logs.groups(task):
        stream = group.resources(task)[-1]
        found["logs"] = {"logs:CreateLogStream": stream, "logs:PutLogEvents": stream}
    for secret in secrets.of_secrets_manager(task):
        found["secretsmanager"] = {"secretsmanager:GetSecretValue": secret_arn(secret)}
    return {service: found[service] for service in (*NEEDED_ENDPOINTS, "s3") if service in found}


@start("https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html")
def resolves_names(task: Task) -> Iterator[str]:
    """The VPC answers DNS queries: enableDnsSupport is true, as it is by default."""
    for vpc in _vpcs(task):
        if vpc.properties.get("enableDnsSupport") is False:
            yield f"{NO_REGISTRY}no name resolves in {routes.logical_name(vpc)}: its enableDnsSupport is false"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html")
def reaches_the_registry(task: Task) -> Iterator[str]:
    """The task reaches ECR, S3, the logs and the secrets by a route to the internet or by endpoints."""
    for problem in unreached(task, needs(task)):
        yield f"{NO_REGISTRY}{problem}"


def unreached(task: Task, needed: Mapping[str, Uses]) -> Iterator[str]:
    """Why the task does not reach these services from one of its subnets."""
    for subnet in task.subnets:
        blocked = routes.internet_problem(task.request, subnet, public=bool(task.network.get("assignPublicIp")))
        missing: list[str] = []
        uses_internet = False
        for service, uses in needed.items():
            through, why = _endpoint_problem(task, subnet, service, uses)
            uses_internet |= not through and not blocked
            if why is not None and (through or blocked):
                missing.append(f"{service} ({why})" if why else service)
        if missing:
            name = routes.named(task.request, types.SUBNET, subnet)
            out = f"has no route out ({blocked}) and no" if blocked else "has no"
            yield f"{name} {out} reachable endpoint for {', '.join(missing)}"
        internet = End(name="the internet", groups=[], subnets=[], blocks=(traffic.INTERNET,))
        if uses_internet and not traffic.allows(task.request, types.EGRESS_RULE, end(task), internet, 443):
            groups = end(task).describe(task.request)
            yield f"no egress rule for port 443 to {INTERNET} in {groups}"


def _endpoint_problem(task: Task, subnet: str, service: str, uses: Uses) -> tuple[bool, str | None]:
    """Whether the traffic to a service takes an endpoint, and why it does not arrive: None if it does, else the causes.

    Where an endpoint takes the traffic, a route to the internet does not help.
    """
    causes: list[str] = []
    through = False
    for each in endpoints.candidates(task.request, service, routes.vpc_of(task.request, subnet)):
        if cause := endpoints.not_used(task.request, each, subnet):
            causes.append(cause)
            continue
        through = True
        if not (cause := endpoints.problem(task.request, each, end(task), uses)):
            return True, None
        causes.insert(0, cause)
    return through, ", ".join(causes)


def _vpcs(task: Task) -> list[Object]:
    ids = {routes.vpc_of(task.request, each) for each in task.subnets}
    return [each for each in task.request.visible(types.VPC) if each.id in ids]
