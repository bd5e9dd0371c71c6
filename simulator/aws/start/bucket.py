"""The bucket that a task uses."""

from __future__ import annotations

from collections.abc import Iterator

from config.fields import is_simulated
from ecs import types
from ecs.iam import BUCKET_ACTIONS, OBJECT_ACTIONS
from simulator.aws import access
from simulator.aws.conditions import Context
from simulator.aws.start.task import Task, start
from simulator.cloud import as_list
from simulator.store import Object

VARIABLE = "S3_BUCKET"
"""The environment variable that names the bucket: components/service.py."""


def names(task: Task) -> list[str]:
    """The names of the buckets in the environment."""
    variables = [each for container in task.containers for each in as_list(container.get("environment"))]
    return [str(each.get("value")) for each in variables if each.get("name") == VARIABLE]


@start("https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html")
def buckets_exist(task: Task) -> Iterator[str]:
    """The bucket that the environment names exists; that of a real account may exist outside of all stacks here."""
    for name in names(task):
        if not _stored(task, name) and is_simulated(task.request.account):
            yield f"NoSuchBucket: {VARIABLE} names {name}: the specified bucket does not exist"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html")
def may_use_the_bucket(task: Task) -> Iterator[str]:
    """The task role may list, read, write and delete objects, by its own policies and by the bucket's."""
    role = task.task_role
    for name in names(task):
        if not task.definition.get("taskRoleArn"):
            yield f"AccessDenied: {VARIABLE} names {name}, but the task has no task role"
        for action in (*BUCKET_ACTIONS, *OBJECT_ACTIONS):
            if role and (reason := _refusal(task, role, action, name)):
                yield f"AccessDenied: {role.arn} is not authorized to perform {action} on {name}: {reason}"


def _stored(task: Task, name: str) -> list[Object]:
    return [
        each
        for each in task.request.cloud.store.find(types.BUCKET, bucket=name)
        if task.request.cloud.guaranteed(each, task.request.urn)
    ]


def _refusal(task: Task, role: access.Role, action: str, name: str) -> str:
    """Why the role may not perform the action on the bucket, or on any object; empty if it may."""
    store, arn = task.request.cloud.store, f"arn:aws:s3:::{name}"
    owner = next((each.account for each in _stored(task, name)), task.request.account)
    context: Context = {**access.endpoint(task.request, task.subnets, "s3"), "s3:ResourceAccount": owner}
    resources = [arn] if action in BUCKET_ACTIONS else [f"{arn}/{key}" for key in _keys(role, arn)]
    guards = store.find(types.BUCKET_POLICY, bucket=name)
    reasons = [role.refusal(action, each, guards=guards, owner=owner, context=context) for each in resources]
    return "" if "" in reasons else reasons[0]


def _keys(role: access.Role, arn: str) -> list[str]:
    """Keys of objects: any, and one for each pattern of the role's policies, as the task may use only some."""
    patterns = role.resources()
    return ["key", *(each.removeprefix(f"{arn}/").replace("*", "x") for each in patterns if each.startswith(f"{arn}/"))]
