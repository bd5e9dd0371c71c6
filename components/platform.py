"""The resources and settings that all services of a stack share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.alerts import Alerts
from components.bucket import Bucket
from components.cluster import Cluster
from components.database import Database
from components.database_url import Login
from components.ingress import Ingress
from components.network import Network
from ecs.fargate import Architecture
from ecs.image import Reference


@dataclass(frozen=True, kw_only=True)
class Toolbox:
    """What a debug task runs, and for how long."""

    image: Reference
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Shared by all services of a stack. The catalogue entry of a service selects the parts that it uses."""

    prefix: str
    """Names task definition families, repositories and log groups: `<prefix>-<service>`."""
    account: str
    region: str
    network: Network
    cluster: Cluster
    database: Database
    bucket: Bucket
    ingress: Ingress
    alerts: Alerts | None
    """None: no alarms."""
    architecture: Architecture
    spot: int | None
    """Percent of the tasks that run on FARGATE_SPOT. None if the stack never had such tasks."""
    log_retention_days: int
    probe: bool
    """Whether the images support `-healthcheck`, the command of the container health check."""
    permissions_boundary: str | None
    """The ARN of the policy that bounds the tasks' roles."""
    protect: bool
    """Protects the resources that store data or images."""
    toolbox: Toolbox | None = None
    """None: no service can be debugged."""
    logins: Mapping[str, Login] = field(default_factory=dict[str, Login])
    """By service and job: empty if all of them are the master user."""

    def login(self, name: str) -> Login:
        """How the tasks of a service or job log in to the database."""
        url = self.database.master.url
        return self.logins[name] if url is None else self.logins.get(name) or Login(url=url, readable=[url])
