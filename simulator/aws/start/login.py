"""The logins of a task in its database."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator import logins
from simulator.aws import routes
from simulator.aws.start.task import Task, start


@start("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html", confirmed="nobody")
def the_database_accepts_the_login(task: Task) -> Iterator[str]:
    """The database has each login as which the task connects, with the password in the version that it reads."""
    cloud = task.request.cloud
    for login in logins.used(cloud.store, task.containers):
        for instance in task.request.visible(types.DB_INSTANCE, address=login["host"]):
            creator = logins.creator(instance, login)
            if not logins.accepts(instance, login):
                why = "has no such login, or another password for it"
            elif creator and not cloud.guaranteed(creator, task.request.urn):
                why = f"may not have this login or password yet: declare a dependency on {routes.logical_name(creator)}"
            else:
                continue
            yield f'{logins.FAILED} "{login["user"]}": {routes.logical_name(instance)} {why}'
