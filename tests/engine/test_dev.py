"""The program, with a stack file that builds, on the real engine and against the simulated cloud."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pulumi import RunError

from config.problems import UserError
from config.settings import json_schema
from ecs import types
from simulator.home import Home
from tests.declared import CATALOGUE
from tests.engine.conftest import Checkout, Registering


def test_up_brings_every_service_and_a_second_up_changes_nothing(checkout: Checkout) -> None:
    """Promise 3: nothing to change means nothing changes."""
    before = contents(checkout.root)
    created = {name for operation, name in checkout.changed() if operation == "create"}
    assert {f"{name}-service" for name in CATALOGUE.names} <= created
    assert checkout.changed() == set()
    assert checkout.changed("refresh") == set()
    assert contents(checkout.root) == before


def test_destroy_leaves_only_task_definitions_which_a_rollback_needs_and_images_in_the_docker_engine(
    dev: Checkout,
) -> None:
    dev.run("destroy")
    left = [(kind, "" if kind == types.DOCKER_IMAGE else key) for kind, key in sorted(dev.stored())]
    assert left == [
        *((types.TASK_DEFINITION, f"mrgnl-{name}:1") for name in CATALOGUE.names),
        *((types.DOCKER_IMAGE, "") for _ in CATALOGUE.names),
    ]


def test_without_a_docker_engine_a_stack_that_builds_can_be_destroyed_but_not_updated(dev: Checkout) -> None:
    without = replace(dev.simulator, docker=False)
    for operation in ("preview", "up", "refresh"):
        assert "failed to connect to any docker daemon" in " ".join(without.run(operation, "dev").errors)
    destroyed = without.run("destroy", "dev")
    assert (destroyed.succeeded, dev.home.resources("dev")) == (True, []), destroyed.errors


def test_a_stack_whose_images_are_not_retained_needs_one_up_with_docker_which_changes_nothing(
    checkout: Checkout, registering: Registering
) -> None:
    former = [True]

    def deleted_with_the_stack(request: Any) -> None:
        if request.type == types.DOCKER_IMAGE and former:
            request.retainOnDelete = False

    registering(deleted_with_the_stack)
    checkout.keep_services("authsvc", "mcp")
    checkout.run("up")
    without = replace(checkout.simulator, docker=False)
    assert "failed to connect to any docker daemon" in " ".join(without.run("destroy", "dev").errors)
    checkout.run("up")
    former.clear()
    assert checkout.changed() == set()
    assert without.run("destroy", "dev").succeeded


def test_an_edit_of_one_services_source_changes_its_image_its_task_and_its_service_and_nothing_else(
    dev: Checkout,
) -> None:
    """Promise 2, in the preview and in the update alike."""
    main = dev.sources / "mrgnl-promptsvc" / "cmd" / "server" / "main.go"
    main.write_text(main.read_text() + "\n// edited\n")
    expected = {
        ("update", "promptsvc-image-build"),
        ("replace", "promptsvc-task-definition"),
        ("update", "promptsvc-service"),
    }
    assert dev.changed("preview") == expected
    assert dev.changed() == expected


def test_an_ignored_file_and_a_touched_one_change_nothing(dev: Checkout) -> None:
    source = dev.sources / "mrgnl-mcp"
    (source / "README.md").write_text("not part of the build")
    (source / "go.mod").touch()
    assert dev.changed("preview") == set()


def test_the_outputs_are_the_digests_that_run_the_services_and_the_cluster(dev: Checkout) -> None:
    outputs = dev.simulator.outputs("dev")
    assert sorted(outputs) == ["cluster", "commits", "images", "services", "url"]
    assert sorted(outputs["images"]) == sorted(outputs["services"]) == list(CATALOGUE.names)
    for name, reference in outputs["images"].items():
        assert reference.startswith(f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-{name}@sha256:")
    assert outputs["services"]["mcp"] == "arn:aws:ecs:us-east-1:000000000000:service/mrgnl/mcp"
    assert outputs["cluster"] == "arn:aws:ecs:us-east-1:000000000000:cluster/mrgnl"


def test_a_wrong_stack_file_is_one_message_and_changes_nothing(checkout: Checkout) -> None:
    """Promise 8."""
    checkout.edit("dev", lambda stack: stack.update(sizes={"promptsvc": {"memory": 700}, "promtsvc": {}}, buckte={}))
    with pytest.raises(RunError) as refused:
        checkout.run("up")
    assert str(refused.value) == "\n".join(
        [
            'Pulumi.dev.yaml:20: marginalia:stack.sizes.promptsvc is {"memory": 700}: must be a size of Fargate.'
            " With cpu 256, memory is one of 512, 1024, 2048.",
            "Pulumi.dev.yaml:22: marginalia:stack.sizes.promtsvc: no such service. Did you mean promptsvc?"
            f" The services are {', '.join(CATALOGUE.names)}.",
            "Pulumi.dev.yaml:23: marginalia:stack.buckte: no such key. Did you mean bucket? The keys are"
            f" {', '.join(sorted(json_schema()['properties']))}.",
        ]
    )
    assert not checkout.home.path.exists()


def test_drift_is_seen_by_refresh_and_fixed_by_up(dev: Checkout) -> None:
    dev.forget(types.LOG_GROUP, "/ecs/mrgnl-mcp")
    assert dev.changed("refresh") == {("delete", "mcp-task-logs")}
    assert ("create", "mcp-task-logs") in dev.changed()


def contents(folder: Path) -> dict[str, bytes]:
    """What is in the checkout, less what Python leaves behind."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize(
    ("forgotten", "reason"),
    [
        ("marginalia:service:Service$marginalia:service:Task$", "is not authorized to perform ecr:BatchGetImage"),
        ("marginalia:service:Service$marginalia:network:Access$", "no egress rule for port 443"),
        ("marginalia:cluster:Cluster$", "capacity provider FARGATE is not associated with the cluster"),
        ("marginalia:network:Network$", "has no route out"),
        ("marginalia:network:Ingress$", "does not have an associated load balancer"),
        (
            "marginalia:service:Service$",
            "AUTH_SERVICE: authsvc:9001 was not in the namespace when the task started",
        ),
    ],
)
def test_a_dependency_that_no_data_flow_orders_is_missed_every_time(
    checkout: Checkout, registering: Registering, forgotten: str, reason: str
) -> None:
    """A create sees only what the graph guarantees: the least favourable order, whatever the order of the day."""
    dropped: set[str] = set()

    def forget(request: Any) -> None:
        if request.type == types.SERVICE:
            own = f"::{request.name.removesuffix('service')}"
            of_a_callee = forgotten == "marginalia:service:Service$"
            gone = {
                urn
                for urn in request.dependencies
                if urn.split("::")[2].startswith(forgotten) and not (of_a_callee and own in urn)
            }
            kept = [urn for urn in request.dependencies if urn not in gone]
            del request.dependencies[:]
            request.dependencies.extend(kept)
            dropped.update(gone)

    registering(forget)
    checkout.keep_services("authsvc", "mcp")
    result = checkout.simulator.run("up", "dev")
    assert dropped, "the program does not declare this dependency"
    assert not result.succeeded
    assert reason in " ".join(result.errors)


def test_an_aws_resource_that_bypasses_the_one_provider_is_refused(checkout: Checkout) -> None:
    """It would have other tags, another region or another account."""
    file = checkout.root / "__main__.py"
    file.write_text(f'{file.read_text()}\naws.s3.Bucket("stray")\n')
    result = checkout.simulator.run("preview", "dev")
    assert not result.succeeded
    assert "Default provider for 'aws' disabled" in " ".join(result.errors)


def test_a_stack_does_not_move_to_another_account_by_an_edit(dev: Checkout) -> None:
    before = dev.stored()
    dev.edit("dev", lambda stack: stack.update(account="000000000007"))
    for operation in ("preview", "up"):
        with pytest.raises(UserError) as refused:
            dev.simulator.run(operation, "dev")
        assert str(refused.value) == (
            "dev: deployed to account 000000000000, us-east-1,"
            " but Pulumi.dev.yaml configures account 000000000007, us-east-1."
            " Run `make destroy STACK=dev` first, or remove home/ to start again."
        )
    assert dev.stored() == before
    dev.run("destroy")
    dev.run("up")


INVALID: dict[str, tuple[tuple[str, str], str]] = {
    "an account without quotes": (('"000000000000"', "052812345678"), "account is 052812345678: must be"),
    "a misspelt account": (('"account":', "acount:"), "acount: no such key. Did you mean account?"),
    "a misspelt region": (('"us-east-1"\n', "us-esat-1\n"), 'aws:region is "us-esat-1": must be a region'),
    "a misspelt key for the region": (('"aws:region"', "aws:regoin"), "aws:regoin: no such key."),
    "a misspelt namespace": (('"marginalia:stack"', "marginlia:stack"), "marginlia:stack: no such key."),
    "a key that is given twice": (('config":\n', 'config":\n  aws:region: eu-west-1\n'), "aws:region: given twice"),
}


@pytest.mark.parametrize(("edit", "message"), INVALID.values(), ids=INVALID)
def test_nobody_is_told_to_destroy_a_stack_because_of_an_invalid_file(
    checkout: Checkout, dev_home: Home, edit: tuple[str, str], message: str
) -> None:
    shutil.copytree(dev_home.path, checkout.home.path)
    checkout.edit("dev", lambda stack: None)  # writes every key and every text in quotes
    file = checkout.root / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace(*edit, 1))
    with pytest.raises(RunError) as refused:
        checkout.simulator.run("preview", "dev")
    [line] = str(refused.value).splitlines()
    assert message in line
    assert "destroy" not in line


@pytest.mark.parametrize("account", ["052812345678", "012345670123"])
def test_an_account_that_begins_with_0_is_deployed(checkout: Checkout, account: str) -> None:
    checkout.keep_services("authsvc", "mcp")
    checkout.edit("dev", lambda stack: stack.update(account=account, build={"context": "image/sample"}))
    checkout.run("up")
    assert f":{account}:" in checkout.simulator.outputs("dev")["cluster"]
    assert checkout.changed() == set()
