"""Conventions of components, checked on a whole stack."""

from __future__ import annotations

import pytest

from ecs import types
from tests.declared import Declared, declare_program


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare_program()


def test_the_direct_children_of_the_stack_are_components_and_providers(declared: Declared) -> None:
    under_the_stack = {each.type for each in declared.registrations if kind(each.options.parent) == types.STACK}
    assert {each.split(":")[0] for each in under_the_stack} == {"marginalia", "pulumi"}


def test_the_name_of_every_resource_begins_with_that_of_its_component(declared: Declared) -> None:
    others = [
        each.name
        for each in declared.registrations
        if kind(each.options.parent).startswith("marginalia:")
        and not each.name.startswith(f"{each.options.parent.rsplit('::', 1)[-1]}-")
    ]
    assert others == []


def test_every_component_registers_outputs_that_all_have_values(declared: Declared) -> None:
    components = {each.urn for each in declared.registrations if each.type.startswith("marginalia:")}
    assert components <= set(declared.outputs)
    assert not [
        (urn, name) for urn in components for name, value in declared.outputs[urn].items() if value in (None, "", [])
    ]


def test_components_of_the_same_type_name_their_resources_alike(declared: Declared) -> None:
    roles = {
        name: {each.name.removeprefix(f"{name}-") for each in declared.registrations if name in each.options.parent}
        for name in ("authsvc", "chatsvc")
    }
    assert roles["authsvc"] == roles["chatsvc"]


def kind(urn: str) -> str:
    """The innermost type in a URN."""
    return urn.split("::")[2].split("$")[-1] if urn else ""
