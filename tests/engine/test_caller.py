"""The main program, run under the roles that the bootstrap program creates."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from pulumi import automation as auto

from ecs import types
from simulator.engine import Operation, Result
from simulator.home import Home
from simulator.program import Program
from tests.engine.conftest import Checkout, deployed_once

BOUNDARY = "arn:aws:iam::000000000000:policy/marginalia-ci/mrgnl-dev-tasks"


def with_boundary(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack.update({"permissions-boundary": BOUNDARY}))


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Home:
    """A cloud with bootstrap, and dev deployed under the role deploy. For copying only."""
    return deployed_once("caller", tmp_path_factory, cli, with_boundary, deploy)


@pytest.fixture
def dev(checkout: Checkout, deployed: Home) -> Checkout:
    with_boundary(checkout)
    shutil.copytree(deployed.path, checkout.home.path)
    return checkout


def deploy(checkout: Checkout) -> None:
    bootstrap(checkout)
    result = run(checkout, "up", "deploy")
    assert result.succeeded, result.errors


def bootstrap(checkout: Checkout) -> None:
    program = Program(checkout.root, "bootstrap")
    result = replace(checkout.simulator, program=program, home=checkout.home.bootstrap).run("up", "dev")
    assert result.succeeded, result.errors


def run(checkout: Checkout, operation: Operation, role: str) -> Result:
    arn = f"arn:aws:iam::000000000000:role/marginalia-ci/mrgnl-dev-{role}"
    return replace(checkout.simulator, role=arn).run(operation, "dev")


def without(checkout: Checkout, action: str) -> None:
    """Removes an action from every policy of the simulated cloud."""
    with checkout.home.store() as store:
        for policy in store.find(types.IAM_POLICY):
            document = json.loads(policy.properties["policy"])
            for statement in document["Statement"]:
                statement["Action"] = [each for each in statement["Action"] if each != action]
            store.put(replace(policy, properties={**policy.properties, "policy": json.dumps(document)}))


def refused(result: Result, action: str, resource: str, role: str = "deploy") -> bool:
    """Whether the role lacks the action on a resource that begins so, in the words of AWS.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    user = f"User: arn:aws:sts::000000000000:assumed-role/mrgnl-dev-{role}/simulator"
    message = f"AccessDenied: {user} is not authorized to perform: {action} on resource: {resource}"
    reason = f"because no identity-based policy allows the {action} action"
    return not result.succeeded and any(message in error and reason in error for error in result.errors)


def test_deploy_may_deploy_change_and_destroy_the_stack(dev: Checkout) -> None:
    assert run(dev, "up", "deploy").steps == ()
    dev.edit("dev", lambda stack: stack.update(sizes={"default": {"max": 3}}))
    changed = run(dev, "up", "deploy")
    assert (changed.succeeded, {step.name for step in changed.steps} >= {"mcp-scaling-target"}) == (True, True)
    assert run(dev, "destroy", "deploy").errors == ()


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("logs:DeleteLogGroup", "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/mrgnl-"),
        ("ecs:UpdateService", "arn:aws:ecs:us-east-1:000000000000:service/mrgnl/mcp"),
        ("ec2:DeleteVpc", "arn:aws:ec2:us-east-1:000000000000:*"),
        ("elasticloadbalancing:DescribeTags", "*"),
    ],
)
def test_an_operation_that_needs_an_action_that_the_role_lacks_is_refused(
    dev: Checkout, action: str, resource: str
) -> None:
    without(dev, action)
    assert refused(run(dev, "destroy", "deploy"), action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("", ""),
        ("ecs:RunTask", "arn:aws:ecs:us-east-1:000000000000:task-definition/mrgnl-authsvc_migrate:*"),
        # AWS would refuse this one only when it is called, the simulator before the task starts.
        ("ecs:StopTask", "arn:aws:ecs:us-east-1:000000000000:task/mrgnl/*"),
    ],
)
def test_deploy_may_run_a_migration_with_the_permissions_of_its_task(dev: Checkout, action: str, resource: str) -> None:
    dev.edit_services(lambda entries: entries.update(authsvc=replace(entries["authsvc"], migrate=True)))
    without(dev, action)
    result = run(dev, "up", "deploy")
    assert refused(result, action, resource) if action else result.succeeded, result.errors


def test_preview_may_preview_and_refresh_the_stack_and_change_nothing(dev: Checkout) -> None:
    dev.edit("dev", lambda stack: stack.update({"log-retention-days": 60}))
    assert run(dev, "preview", "preview").succeeded
    assert run(dev, "refresh", "preview").succeeded
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/"
    assert refused(run(dev, "up", "preview"), "logs:PutRetentionPolicy", group, "preview")


def test_a_preview_under_a_role_that_may_not_call_a_function_is_refused(dev: Checkout) -> None:
    without(dev, "ecr:GetAuthorizationToken")
    assert refused(run(dev, "preview", "preview"), "ecr:GetAuthorizationToken", "*", "preview")


def test_deploy_creates_no_role_without_the_boundary(checkout: Checkout) -> None:
    bootstrap(checkout)
    assert refused(run(checkout, "up", "deploy"), "iam:CreateRole", "arn:aws:iam::000000000000:role/")


def test_deploy_updates_but_does_not_destroy_a_stack_whose_images_another_stack_runs(dev: Checkout) -> None:
    reference = dev.simulator.outputs("dev")["images"]["authsvc"]
    dev.edit("prod", lambda stack: stack["images"].update(authsvc=reference))
    bootstrap(dev)
    dev.edit("dev", lambda stack: stack.update(sizes={"default": {"max": 3}}))
    assert run(dev, "up", "deploy").succeeded
    result = run(dev, "destroy", "deploy")
    repository = "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-authsvc"
    denied = f"on resource: {repository} with an explicit deny in an identity-based policy"
    assert not result.succeeded
    assert any(denied in error for error in result.errors), result.errors
