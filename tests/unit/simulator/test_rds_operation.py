"""How a database instance is operated: its growth, its windows, its logs, insights and parameters."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from ecs import types
from simulator import logins
from simulator.provider import Provider
from simulator.store import Object
from tests.unit.simulator.test_provider import CONTEXT, URN, diff, plain, provider, struct
from tests.unit.simulator.test_rds import instance
from tests.unit.simulator.world import World, rejection

__all__ = ["provider"]

FAMILY = {"family": "postgres16", "name": "mrgnl"}


@pytest.mark.parametrize(
    "accepted",
    [
        {"maxAllocatedStorage": 22.0},
        {"enabledCloudwatchLogsExports": ["postgresql", "upgrade", "iam-db-auth-error"]},
        {"performanceInsightsEnabled": True, "performanceInsightsRetentionPeriod": 7.0},
        {"performanceInsightsEnabled": True, "instanceClass": "db.t4g.micro"},
        {
            "performanceInsightsEnabled": True,
            "performanceInsightsRetentionPeriod": 465.0,
            "databaseInsightsMode": "advanced",
        },
        {"parameterGroupName": "default.postgres16"},
    ],
)
def test_what_rds_accepts_is_accepted(world: World, accepted: dict[str, Any]) -> None:
    assert world.create(types.DB_INSTANCE, **instance(world, **accepted))


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (
            {"maxAllocatedStorage": 21.0},
            "InvalidParameterCombination: Invalid max storage size for engine name postgres: 21 GiB. With 20 GiB it is"
            " 22 or more",
        ),
        (
            {"enabledCloudwatchLogsExports": ["postgresql", "slowquery"]},
            "InvalidParameterCombination: You cannot use the log types ['slowquery'] with engine version postgres",
        ),
        (
            {"databaseInsightsMode": "advanced"},
            "InvalidParameterCombination: the advanced mode of Database Insights needs performanceInsightsEnabled",
        ),
        (
            {"databaseInsightsMode": "advanced", "performanceInsightsEnabled": True},
            "InvalidParameterCombination: the advanced mode of Database Insights needs 465 days, not 7",
        ),
        (
            {"performanceInsightsEnabled": True, "engine": "mysql", "engineVersion": "8.4"},
            "InvalidParameterCombination: Performance Insights not supported for this configuration: mysql on"
            " db.t4g.micro",
        ),
        (
            {"parameterGroupName": "mrgnl"},
            "parameterGroupName 'mrgnl' does not exist: no aws:rds/parameterGroup:ParameterGroup has this name",
        ),
    ],
)
def test_what_rds_refuses_is_refused(world: World, refused: dict[str, Any], reason: str) -> None:
    assert world.rejection(types.DB_INSTANCE, **instance(world, **refused)) == reason


def test_the_parameters_are_those_of_the_version(world: World) -> None:
    group = world.create(types.DB_PARAMETER_GROUP, family="postgres15", name="mrgnl")
    inputs = instance(world, parameterGroupName="mrgnl")
    assert world.rejection(types.DB_INSTANCE, **inputs) == (
        "InvalidParameterCombination: The parameter group mrgnl with DBParameterGroupFamily postgres15 cannot be used"
        " for this instance. Use one with DBParameterGroupFamily postgres16"
    )
    world.delete(group)
    world.create(types.DB_PARAMETER_GROUP, **FAMILY)
    assert world.create(types.DB_INSTANCE, **inputs)


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (
            {"family": "postgres-16"},
            "InvalidParameterValue: ParameterGroupFamily postgres-16 is not a valid parameter group family",
        ),
        (
            {"parameters": [{"name": "max_connections", "value": "100"}]},
            "InvalidParameterCombination: cannot use immediate apply method for static parameter: max_connections",
        ),
        (
            {"parameters": [{"name": "work_mem", "value": "4096", "applyMethod": "later"}]},
            "InvalidParameterValue: work_mem: the apply method 'later' is not immediate or pending-reboot",
        ),
    ],
)
def test_parameters_that_rds_refuses_are_refused(world: World, inputs: dict[str, Any], reason: str) -> None:
    assert world.rejection(types.DB_PARAMETER_GROUP, **{**FAMILY, **inputs}) == reason


def test_a_static_parameter_waits_for_a_reboot(world: World) -> None:
    parameters = [{"name": "max_connections", "value": "100", "applyMethod": "pending-reboot"}]
    assert world.create(types.DB_PARAMETER_GROUP, **FAMILY, parameters=parameters)


def test_a_default_that_is_to_apply_at_once_is_a_change_in_each_preview(world: World, provider: Provider) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/issues/39252"""
    parameters = {"name": "rds.force_ssl", "value": "1"}
    inputs = {**FAMILY, "parameters": [{**parameters, "applyMethod": "immediate"}]}
    created = world.create(types.DB_PARAMETER_GROUP, **inputs)
    assert created.properties["parameters"] == [{**parameters, "applyMethod": "pending-reboot"}]


def test_a_group_in_use_is_not_deleted(world: World) -> None:
    group = world.create(types.DB_PARAMETER_GROUP, **FAMILY)
    world.create(types.DB_INSTANCE, "db", **instance(world, parameterGroupName="mrgnl"))
    assert rejection(lambda: world.delete(group)) == "mrgnl is in use by db (parameterGroupName)"


def grown(world: World, **changes: Any) -> tuple[dict[str, Any], Object]:
    """The inputs of an instance, and the instance after RDS has increased its storage from 20 to 40 GiB."""
    inputs = instance(world, maxAllocatedStorage=80.0, **changes)
    created = world.create(types.DB_INSTANCE, URN, **inputs)
    world.change(created, allocatedStorage=40.0)
    return inputs, world.get(types.DB_INSTANCE, created.id)


def update(provider: Provider, found: Object, news: dict[str, Any], *, preview: bool = False) -> dict[str, Any]:
    request = provider_pb2.UpdateRequest(
        id=found.id,
        urn=URN,
        type=found.kind,
        olds=struct(found.properties),
        old_inputs=struct(found.properties),
        news=struct(news),
        preview=preview,
    )
    return plain(provider.Update(request, CONTEXT).properties)


@pytest.mark.parametrize(
    ("news", "changed"),
    [
        ({}, []),
        ({"allocatedStorage": 30.0}, []),
        ({"allocatedStorage": 50.0}, ["allocatedStorage"]),
        ({"maxAllocatedStorage": 20.0}, ["allocatedStorage", "maxAllocatedStorage"]),
    ],
)
def test_storage_that_rds_increased_is_no_difference_while_it_may_increase_it(
    world: World, provider: Provider, news: dict[str, Any], changed: list[str]
) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/rds/instance.go#L96"""
    inputs, found = grown(world)
    state = {key: found.properties[key] for key in inputs}
    assert diff(provider, types.DB_INSTANCE, state, {**inputs, **news})[0] == changed


def test_another_change_keeps_the_storage_that_rds_increased(world: World, provider: Provider) -> None:
    inputs, found = grown(world)
    news = {**inputs, "backupRetentionPeriod": 7.0}
    assert update(provider, found, news, preview=True)
    assert update(provider, found, news)["allocatedStorage"] == 40
    assert world.get(types.DB_INSTANCE, found.id).properties["allocatedStorage"] == 40


def test_an_instance_that_has_grown_to_its_limit_can_be_changed(world: World, provider: Provider) -> None:
    inputs, found = grown(world)
    world.change(found, allocatedStorage=80.0)
    found = world.get(types.DB_INSTANCE, found.id)
    assert update(provider, found, {**inputs, "backupRetentionPeriod": 7.0})["allocatedStorage"] == 80


CHANGE = {"instanceClass": "db.t4g.small", "multiAz": True, "backupRetentionPeriod": 7.0, "port": 5433.0}


@pytest.mark.parametrize(
    ("at_once", "former"),
    [(True, {}), (False, {"instanceClass": "db.t4g.micro", "multiAz": False})],
)
def test_a_change_that_can_wait_shows_the_former_value_until_the_window(
    world: World, provider: Provider, at_once: bool, former: dict[str, Any]
) -> None:
    """Then the window has passed, and a refresh reads the new values. A port never waits.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
    """
    inputs = instance(world, multiAz=False, backupRetentionPeriod=1.0)
    found = world.create(types.DB_INSTANCE, URN, **inputs)
    news = {**inputs, **CHANGE, "applyImmediately": at_once}
    state = update(provider, found, news)
    assert {key: state[key] for key in CHANGE} == {**CHANGE, **former}
    assert diff(provider, types.DB_INSTANCE, {key: state[key] for key in news}, news)[0] == sorted(former)
    stored = world.get(types.DB_INSTANCE, found.id).properties
    assert {key: stored[key] for key in CHANGE} == CHANGE


@pytest.mark.parametrize(("before", "after"), [(0.0, 7.0), (7.0, 0.0)])
def test_switching_backups_on_or_off_waits_too(world: World, provider: Provider, before: float, after: float) -> None:
    inputs = instance(world, backupRetentionPeriod=before)
    found = world.create(types.DB_INSTANCE, URN, **inputs)
    news = {**inputs, "backupRetentionPeriod": after, "applyImmediately": False}
    assert update(provider, found, news)["backupRetentionPeriod"] == before


def test_a_new_password_never_waits(world: World, provider: Provider) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html"""
    inputs = instance(world)
    found = world.create(types.DB_INSTANCE, URN, **inputs)
    before = world.get(types.DB_INSTANCE, found.id).properties
    news = {**inputs, "password": "b" * 32, "applyImmediately": False}
    assert update(provider, found, news)["password"] == "b" * 32
    after = world.get(types.DB_INSTANCE, found.id).properties
    assert {key for key in after if after[key] != before.get(key)} == {"applyImmediately", "password", logins.PASSWORD}
