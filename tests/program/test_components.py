"""What every component keeps to, held against a whole stack."""

from __future__ import annotations

import pytest

from tests.declared import Declared, declare_program

STACK = "pulumi:pulumi:Stack"


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare_program()


def test_nothing_but_components_and_providers_lies_right_under_the_stack(declared: Declared) -> None:
    under_the_stack = {each.type for each in declared.registrations if kind(each.options.parent) == STACK}
    assert {each.split(":")[0] for each in under_the_stack} == {"marginalia", "pulumi"}


def test_every_resource_is_named_after_the_component_that_it_lies_in(declared: Declared) -> None:
    strays = [
        each.name
        for each in declared.registrations
        if kind(each.options.parent).startswith("marginalia:")
        and not each.name.startswith(f"{each.options.parent.rsplit('::', 1)[-1]}-")
    ]
    assert strays == []


def test_every_component_registers_its_outputs_and_all_of_them_have_values(declared: Declared) -> None:
    components = {each.urn for each in declared.registrations if each.type.startswith("marginalia:")}
    assert components <= set(declared.outputs)
    assert not [
        (urn, name) for urn in components for name, value in declared.outputs[urn].items() if value in (None, "", [])
    ]


def test_components_of_the_same_type_declare_resources_of_the_same_names_but_for_their_own(declared: Declared) -> None:
    roles = {
        name: {each.name.removeprefix(f"{name}-") for each in declared.registrations if name in each.options.parent}
        for name in ("authsvc", "chatsvc")
    }
    assert roles["authsvc"] == roles["chatsvc"]


def kind(urn: str) -> str:
    """The innermost type in a URN."""
    return urn.split("::")[2].split("$")[-1] if urn else ""
