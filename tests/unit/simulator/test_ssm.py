"""Parameters of Systems Manager."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ecs import types
from simulator import boto
from tests.unit.ops.boto import client
from tests.unit.simulator.world import World

NAME = "/marginalia/mrgnl/promptsvc/migrated"


def parameter(**changes: Any) -> dict[str, Any]:
    return {"name": NAME, "type": "String", "insecureValue": "one", **changes}


def history(ssm: Any, name: str = NAME) -> Any:
    """The versions with their values, or the code of the error."""
    try:
        return [(each["Version"], each["Value"]) for each in ssm.get_parameter_history(Name=name)["Parameters"]]
    except ClientError as error:
        return error.response.get("Error", {}).get("Code")


def test_a_parameter_keeps_the_history_of_its_values_as_in_moto(world: World) -> None:
    created = world.create(types.PARAMETER, **parameter())
    updated = world.update(created, insecureValue="two")
    assert (updated.properties["arn"], updated.properties["version"]) == (
        f"arn:aws:ssm:{world.region}:{world.account}:parameter{NAME}",
        2,
    )
    simulated = boto.client("ssm", store=world.store, account=world.account, region=world.region)
    with mock_aws():
        moto: Any = client("ssm")
        for value in ("one", "two"):
            moto.put_parameter(Name=NAME, Type="String", Value=value, Overwrite=True)
        assert history(simulated) == history(moto) == [(1, "one"), (2, "two")]
        assert history(simulated, "/none") == history(moto, "/none") == "ParameterNotFound"


def test_an_existing_parameter_is_taken_unless_the_new_one_overwrites_it(world: World) -> None:
    world.create(types.PARAMETER, "former", **parameter())
    assert world.rejection(types.PARAMETER, **parameter()) == (
        "ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the"
        " request to true: former"
    )
    world.create(types.PARAMETER, **parameter(overwrite=True, insecureValue="two"))
    simulated = boto.client("ssm", store=world.store, account=world.account, region=world.region)
    assert history(simulated) == [(1, "one"), (2, "two")]


@pytest.mark.parametrize("name", ["a", "/a/b-c/d_e.f", "/awsome/x", f"/{'a/' * 14}a"])
def test_a_name_that_aws_takes_is_accepted(world: World, name: str) -> None:
    assert world.create(types.PARAMETER, **parameter(name=name)).id == name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a/b"}, "ValidationException: Parameter name must be a fully qualified name"),
        ({"name": "/a b"}, "ValidationException: Parameter name must be a fully qualified name"),
        ({"name": f"/{'a/' * 15}a"}, "ValidationException: Parameter name must be a fully qualified name"),
        ({"name": "awsTest"}, "ValidationException: Parameter name: can't be prefixed with aws or ssm"),
        ({"name": "/ssm/test"}, "ValidationException: Parameter name: can't be prefixed with aws or ssm"),
        ({"value": "two"}, "InvalidParameterException: value and insecureValue: a parameter has exactly one of them"),
        ({"insecureValue": None}, "InvalidParameterException: no value: a parameter has exactly one of them"),
    ],
)
def test_what_aws_refuses_is_refused(world: World, changes: dict[str, Any], message: str) -> None:
    assert world.rejection(types.PARAMETER, **parameter(**changes)).startswith(message)
