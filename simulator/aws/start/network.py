"""The way from a task's network interface to what the start of the task needs."""

from __future__ import annotations

from collections.abc import Iterator

from ecs.network import INTERNET, NEEDED_ENDPOINTS
from simulator.aws import ec2
from simulator.aws.start.task import Task, start


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html")
def reaches_the_registry(task: Task) -> Iterator[str]:
    """The task reaches ECR, S3, the logs and the secrets by a route to the internet or by endpoints."""
    for subnet in task.subnets:
        if ec2.has_internet_route(task.request, subnet, public=bool(task.network.get("assignPublicIp"))):
            if not ec2.allows_egress(task.request, task.groups, cidrIpv4=INTERNET):
                yield "ResourceInitializationError: unable to pull registry auth: no egress rule for port 443"
        elif missing := list(ec2.missing_endpoints(task.request, subnet, task.groups, (*NEEDED_ENDPOINTS, "s3"))):
            yield (
                f"ResourceInitializationError: unable to pull registry auth: {subnet} has no route out"
                f" and no reachable endpoint for {', '.join(missing)}"
            )
