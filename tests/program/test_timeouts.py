"""The longest update of the committed services against the limits of its step, its job and its session.

An engine that is killed leaves its lock: so each resource must reach its own time limit before the update's step does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import ceil
from typing import Any

import pytest

from bootstrap.roles import DEPLOY_SESSION
from components import migration
from config import catalogue, stackfile
from config.catalogue import Catalogue, Entry
from ecs import run_task, types
from tests.declared import ROOT, Declared, Registration, declare_program
from tests.workflows import jobs

PROVIDER = {
    types.BUCKET: (20, 60),
    types.CERTIFICATE_VALIDATION: (75, 0),
    types.EIP: (15, 3),
    types.INTERNET_GATEWAY: (20, 20),
    types.LISTENER: (5, 0),
    types.LOAD_BALANCER: (10, 10),
    types.NAT_GATEWAY: (10, 30),
    types.RECORD: (30, 30),
    types.REPOSITORY: (0, 20),
    types.ROUTE: (5, 5),
    types.ROUTE_TABLE: (5, 5),
    types.ROUTE_TABLE_ASSOCIATION: (5, 5),
    types.SECURITY_GROUP: (10, 15),
    types.SUBNET: (10, 20),
    types.VPC_ENDPOINT: (10, 10),
}
"""Minutes to create or update, and to delete, by the provider's defaults; other types have none and wait for nothing.
https://github.com/hashicorp/terraform-provider-aws/tree/5f2286d6d836/internal/service, `schema.ResourceTimeout`"""
DECLARED = {types.SERVICE, types.DB_INSTANCE}
"""Types whose limits the program declares: the provider's defaults for them changed between versions."""
RETRIES = 4
"""Minutes for which the provider repeats a rejected request of such a type before it waits: at most these.
https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/service.go"""
DRAINING = 2
"""The provider waits twice to delete an ECS service: until no deployment is active, then until it is inactive."""
BUILD = 20
"""Minutes for cold builds of all images, which wait for one cache: docs/performance.md has less than one."""
READING = 10
"""Minutes to preview the update and to refresh every resource."""
AROUND = 20
"""Minutes of a job before and after its update: packages, plugins, sources, the smoke test."""
HOSTED = 360
"""Minutes that GitHub allows a job on its runners. https://docs.github.com/en/actions/reference/limits"""
ROLE_LIMIT = 12 * 3600
"""Seconds that IAM allows a session.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html"""


def declared(services: Catalogue, rollout: Mapping[str, Any] | None = None) -> Declared:
    """A stack with everything that takes time: builds, a certificate, a database, a NAT gateway, a strategy."""
    domain = {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"}
    return declare_program("dev", services=services, ingress=domain, rollout=rollout)


def minutes(text: str) -> int:
    assert text.endswith("m"), text
    return int(text.removesuffix("m"))


def updating(each: Registration) -> int:
    if each.type == types.DOCKER_IMAGE:
        return BUILD
    if each.type == types.PARAMETER and each.options.hooks.before_create:  # the engine waits for a hook without limit
        return ceil((migration.TIMEOUT + run_task.STOPPING + run_task.VISIBLE) / 60)
    limits: Any = each.options.customTimeouts
    if each.type in DECLARED:
        return max(minutes(limits.create), minutes(limits.update)) + RETRIES
    return PROVIDER.get(each.type, (0, 0))[0]


def deleting(each: Registration) -> int:
    if each.type in DECLARED:
        return minutes(each.options.customTimeouts.delete) * (DRAINING if each.type == types.SERVICE else 1)
    return PROVIDER.get(each.type, (0, 0))[1]


def longest(found: Declared, limit: Callable[[Registration], int]) -> int:
    """The minutes of the longest chain of resources that wait for each other."""
    by_urn = {each.urn: each for each in found.registrations}

    @cache
    def chain(urn: str) -> int:
        return limit(by_urn[urn]) + max(map(chain, by_urn[urn].options.dependencies), default=0)

    return max(map(chain, by_urn))


def worst(services: Catalogue, rollout: Mapping[str, Any] | None = None) -> int:
    """Minutes: the engine deletes what is no longer declared after everything else."""
    found = declared(services, rollout)
    return READING + longest(found, updating) + longest(found, deleting)


def update(job: str) -> dict[str, Any]:
    [found] = [each for each in jobs("deploy")[job]["steps"] if "pulumi up" in each.get("run", "")]
    return found


@pytest.mark.parametrize("job", ["dev", "prod"])
def test_the_longest_update_of_the_services_ends_before_its_step_is_cancelled(job: str) -> None:
    rollout = stackfile.config(ROOT / stackfile.name(job))[stackfile.KEY].get("rollout")
    found = worst(catalogue.load(ROOT), rollout)
    assert found <= update(job)["timeout-minutes"], "raise it, and the job's and the role's"


@pytest.mark.parametrize("job", ["dev", "prod"])
def test_a_job_outlives_its_update_and_the_session_outlives_the_job(job: str) -> None:
    limit = jobs("deploy")[job]["timeout-minutes"]
    assert update(job)["timeout-minutes"] + AROUND <= limit <= HOSTED
    assert limit * 60 <= DEPLOY_SESSION <= ROLE_LIMIT


def test_each_service_of_a_chain_takes_the_steps_the_bake_time_and_the_wait_of_its_strategy() -> None:
    """The gateway and a service that it calls, so long that they are the longest chain."""
    services = Catalogue([Entry(name="aa", port=9000), Entry(name="bb", port=9001, calls=("aa",))])

    def minutes(bake: int, step: int, approve: int) -> int:
        times = {"bake-minutes": bake, "step-minutes": step, "approve": True, "approve-minutes": approve}
        return worst(services, {"default": {"strategy": "canary", **times}})

    assert minutes(35, 30, 27) - minutes(30, 20, 20) == 2 * (5 + 10 + 7)


def test_a_longer_chain_of_callees_takes_longer() -> None:
    names = ["aa", "bb", "cc"]

    def entry(name: str, *calls: str) -> Entry:
        return Entry(name=name, port=9000 + names.index(name), database=True, calls=calls)

    flat = Catalogue([entry("aa"), entry("bb"), entry("cc", "aa", "bb")])
    deep = Catalogue([entry("aa"), entry("bb", "aa"), entry("cc", "bb")])
    [service, *_] = declared(flat).of(types.SERVICE).values()
    assert worst(deep) - worst(flat) == updating(service) + deleting(service) > 0
