"""Checks an operation against the other stacks, the pushed images and the secrets, before the engine starts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

from config import load, stackfile
from config.load import Configuration
from config.problems import UserError
from config.stackfile import KEY
from ecs import types
from ecs.fargate import PLATFORM
from ecs.image import Reference
from simulator import fixed, secrets
from simulator.aws import ecr
from simulator.aws.ecs_rollout import RUNNING
from simulator.cloud import Cloud, Request
from simulator.engine import Operation, Simulator
from simulator.store import Store


def check(simulator: Simulator, operation: Operation, stack: str) -> None:
    """Raises UserError, one line for each problem. Changes nothing."""
    if operation == "refresh":
        return
    configuration = load.stack_file(simulator.program.root, stack) if operation != "destroy" else None
    with simulator.home.store() if simulator.home.exists else closing(Store(":memory:")) as store:
        problems = list(_used_repositories(store, stack, configuration))
        if configuration:
            problems += fixed.problems(store, configuration, stack)
            problems += secrets.problems(store, configuration, stack)
            problems += _images(simulator, store, configuration, stack)
    if problems:
        raise UserError("\n".join(problems))


def _used_repositories(store: Store, stack: str, configuration: Configuration | None) -> Iterator[str]:
    """One line for each stack that runs images of the repositories that this operation deletes."""
    keeps = _names(configuration) if configuration else set[str]()
    deleted = {
        each.properties["repositoryUrl"]: each.properties["name"]
        for each in store.find(types.REPOSITORY)
        if each.stack == stack and each.properties["name"] not in keeps
    }
    users: defaultdict[str, set[str]] = defaultdict(set)
    for user, repository in _running(store):
        if user != stack and repository in deleted:
            users[user].add(deleted[repository])
    for user, names in sorted(users.items()):
        found = f"{stack}: {user} runs images of {', '.join(sorted(names))}, which this would delete."
        if configuration:
            file = stackfile.name(user)
            yield f"{found} Remove the services from {file} and run `make up STACK={user}` first: {fixed.GUIDE}"
        else:
            yield f"{found} Delete {user} first: make destroy STACK={user}"


def _names(configuration: Configuration) -> set[str]:
    """The names of the repositories that the stack has after the update."""
    prefix = configuration.settings.prefix
    return {f"{prefix}-{each.name}" for each in configuration.owners if configuration.settings.build}


def _running(store: Store) -> Iterator[tuple[str, str]]:
    """The stacks and the URLs of the repositories whose images they run or try to run."""
    tasks = {each.properties["arn"]: each.properties for each in store.find(types.TASK_DEFINITION)}
    for service in store.find(types.SERVICE):
        for revision in (service.properties["taskDefinition"], service.properties[RUNNING]):
            for container in json.loads(tasks.get(revision, {}).get("containerDefinitions", "[]")):
                yield service.stack, container["image"].partition("@")[0]


def _images(simulator: Simulator, store: Store, configuration: Configuration, stack: str) -> Iterator[str]:
    """One line for each pinned image that the stack's account cannot pull."""
    cloud = Cloud(store=store, root=simulator.program.root, types=simulator.types)
    request = Request(
        token=types.SERVICE,
        urn="",
        inputs={},
        cloud=cloud,
        account=configuration.settings.account,
        region=configuration.region,
    )
    platform = PLATFORM[configuration.settings.architecture]
    for service, image in (configuration.settings.images or {}).items():
        reference = Reference.parse(image)
        errors = list(ecr.pull_errors(request, reference))
        if (built := ecr.platform(store, reference)) not in (None, platform):
            errors.append(f"{image} was built for {built}, not for {platform}")
        for error in errors:
            cure = f"Deploy the stack that builds it, then promote again: docs/runbook.md, or remove {service}."
            yield f"{stackfile.name(stack)}: {KEY}.images.{service}: {error}. {cure}"
