"""The bootstrap program on the real engine, in the cloud that the main program is deployed to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pulumi import RunError

from config import go_yaml
from ecs import types
from simulator.engine import Operation, Result, Simulator
from simulator.program import Program
from tests.engine.conftest import Checkout

OF_BOOTSTRAP = (types.KMS_KEY, types.KMS_ALIAS, types.OIDC_PROVIDER, types.IAM_POLICY, types.ROLE_POLICY_ATTACHMENT)


def bootstrap(checkout: Checkout) -> Simulator:
    program = Program(checkout.root, "bootstrap")
    return replace(checkout.simulator, program=program, home=checkout.home.bootstrap)


def run(checkout: Checkout, operation: Operation, stack: str = "dev") -> Result:
    result = bootstrap(checkout).run(operation, stack)
    assert result.succeeded, result.errors
    return result


def configure(checkout: Checkout, stack: str, **settings: Any) -> None:
    """Writes the stack's file for bootstrap, like that of dev but for these settings."""
    folder = checkout.root / "bootstrap"
    content = go_yaml.load((folder / "Pulumi.dev.yaml").read_text())
    content["config"]["marginalia:bootstrap"].update({key.replace("_", "-"): each for key, each in settings.items()})
    (folder / f"Pulumi.{stack}.yaml").write_text(go_yaml.dump(content))


def test_a_second_up_and_a_refresh_of_either_program_change_nothing(checkout: Checkout) -> None:
    """Both have a stack of the same name in the same cloud."""
    assert run(checkout, "up").steps
    checkout.run("up")
    before = sorted(checkout.stored())
    for operation in ("up", "refresh"):
        assert run(checkout, operation).steps == ()
        assert checkout.changed(operation) == set()
    assert sorted(checkout.stored()) == before
    assert {kind for kind, _ in before} >= set(OF_BOOTSTRAP)


def test_roles_get_the_boundary_in_place(checkout: Checkout) -> None:
    """And the boundary cannot be deleted while a role has it."""
    run(checkout, "up")
    checkout.run("up")
    boundary = bootstrap(checkout).outputs("dev")["permissions-boundary"]
    checkout.edit("dev", lambda stack: stack.update({"permissions-boundary": boundary}))
    changed = checkout.changed()
    with checkout.home.store() as store:
        roles = {each.urn.split("::")[-1]: each for each in store.find(types.ROLE, permissionsBoundary=boundary)}
    assert changed == {("update", name) for name in roles}
    assert len(roles) == 10


def test_a_boundary_that_does_not_exist_is_refused(checkout: Checkout) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""
    arn = "arn:aws:iam::000000000000:policy/marginalia-ci/mrgnl-dev-tasks"
    checkout.edit("dev", lambda stack: stack.update({"permissions-boundary": arn}))
    result = checkout.simulator.run("up", "dev")
    assert any(f"permissionsBoundary '{arn}' does not exist" in each for each in result.errors)


def test_a_second_stack_of_an_account_uses_its_oidc_provider(checkout: Checkout) -> None:
    network = {"cidr": "10.40.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}
    other = go_yaml.load((checkout.root / "Pulumi.dev.yaml").read_text())
    other["config"]["marginalia:stack"].update(prefix="other", network=network, bucket={"name": "content-other"})
    (checkout.root / "Pulumi.other.yaml").write_text(go_yaml.dump(other))
    run(checkout, "up")
    configure(checkout, "other", state_bucket="marginalia-state-other")
    [error] = bootstrap(checkout).run("up", "other").messages
    assert "url 'https://token.actions.githubusercontent.com' is taken" in error
    configure(checkout, "other", state_bucket="marginalia-state-other", create_oidc_provider=False)
    run(checkout, "up", "other")


def test_an_invalid_file_is_one_message_and_changes_nothing(checkout: Checkout) -> None:
    configure(checkout, "dev", state_bucket="Upper")
    with pytest.raises(
        RunError, match=r"^bootstrap/Pulumi\.dev\.yaml:3: marginalia:bootstrap\.state-bucket is \"Upper\""
    ):
        run(checkout, "up")
    assert not checkout.home.path.exists()
