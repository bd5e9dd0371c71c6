"""The house rules, held against the program on the real engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services import CATALOGUE
from simulator.diff import run
from simulator.engine import Operation, Result
from tests.declared import COMMITTED, ROOT
from tests.engine.conftest import Checkout

BREAKER = "a rollout that fails goes on for ever: set deployment_circuit_breaker to enable=True, rollback=True"
PUBLIC = (
    "its tasks have public addresses, though network-nat is their way out: set assign_public_ip to False, or"
    " `network.egress: public` for the stack"
)


def judged(checkout: Checkout, operation: Operation, stack: str = "dev") -> Result:
    return replace(checkout.simulator, policy=ROOT / "policy").run(operation, stack)


def refused(checkout: Checkout, stack: str = "dev") -> set[str]:
    """Why a preview is refused, less the engine's own last word."""
    return set(judged(checkout, "preview", stack).errors) - {"preview failed"}


def rewrite(checkout: Checkout, file: str, before: str, after: str) -> None:
    path = checkout.root / file
    code = path.read_text()
    assert code.count(before) == 1, (file, before)
    path.write_text(code.replace(before, after))


@pytest.mark.parametrize("stack", [file.stem.partition(".")[2] for file in COMMITTED])
def test_a_stack_as_committed_comes_up_and_passes_the_house_rules(as_committed: Checkout, stack: str) -> None:
    result = judged(as_committed, "up", stack)
    assert (result.succeeded, result.errors) == (True, ())


def test_prod_with_the_images_of_dev_passes_the_house_rules(dev: Checkout) -> None:
    images = dev.simulator.outputs("dev")["images"]
    dev.edit("prod", lambda stack: stack.update(images=images))
    result = judged(dev, "up", "prod")
    assert (result.succeeded, result.errors) == (True, ())


@pytest.mark.parametrize("egress", ["public", "endpoints", "nat-per-zone"])
def test_every_way_out_of_the_network_passes(checkout: Checkout, egress: str) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(egress=egress))
    assert refused(checkout) == set()


def test_what_a_first_preview_knows_is_refused_before_anything_is_made(checkout: Checkout) -> None:
    rewrite(checkout, "components/service.py", "rollback=True", "rollback=False")
    rewrite(checkout, "components/service.py", "=host.network.tasks_have_public_addresses", "=True")
    rewrite(checkout, "components/database.py", "storage_encrypted=True", "storage_encrypted=False")
    rewrite(checkout, "components/task.py", "retention_in_days=args.log_retention_days,", "")
    rewrite(
        checkout,
        "components/service.py",
        '{"ingress": ingress.way} if ingress and ingress.way else {}',
        '{"world": Way(port=args.entry.port, cidr="0.0.0.0/0")}'.replace("args", "self._args"),
    )
    rewrite(checkout, "components/service.py", "image=self.image,", f'image="mcp@sha256:{"0" * 64}",')
    expected = {
        "database-instance: databases-are-encrypted: the database is not encrypted: set storage_encrypted to True; it"
        " cannot be changed later"
    }
    for name in CATALOGUE.names:
        expected |= {
            f"{name}-service: the-circuit-breaker-is-on: {BREAKER}",
            f"{name}-service: tasks-have-no-public-address: {PUBLIC}",
            f"{name}-task-logs: logs-expire: its logs never expire: set retention_in_days",
            f"{name}-access-from-world-ingress: the-internet-reaches-only-the-load-balancer: lets 0.0.0.0/0 reach more"
            " than the load balancer: let a security group in instead",
            f"{name}-image-build: a-stack-builds-all-its-images-or-none: is built, but no task runs it: a pinned stack"
            " builds nothing; remove it",
            f"{name}-task-definition: a-stack-builds-all-its-images-or-none: runs a pinned image in a stack that"
            " builds: use either `build` or `images` for all",
        }
    assert refused(checkout) == expected
    assert checkout.held() == []


def test_what_names_something_yet_to_be_made_is_refused_once_that_exists(dev: Checkout) -> None:
    rewrite(dev, "ecs/iam.py", '["ecr:GetAuthorizationToken"]', '["ecr:GetAuthorizationToken", "ecr:*"]')
    rewrite(dev, "services.py", 'protocol="http",', 'protocol="http", environment={"API_TOKEN": "made-up"},')
    assert refused(dev) == {
        "mcp-task-definition: no-secret-in-plain-environment: API_TOKEN of container mcp looks like a secret, by its"
        " name: put it into Secrets Manager, name it in the entry's `secrets` in services.py and give its ARN in the"
        " stack file",
        *(
            f"{name}-task-execution-policy: permissions-name-what-they-allow: {what}"
            for name in CATALOGUE.names
            for what in (
                "statement GetToken allows ecr:*: name each action",
                "statement GetToken allows it on *: name the resource; only ecr:GetAuthorizationToken knows none",
            )
        ),
    }


def test_an_update_stops_before_it_makes_what_is_refused(checkout: Checkout) -> None:
    """A task definition that names its image by tag is known only when the update comes to it."""
    rewrite(checkout, "components/task.py", "image=args.image,", 'image="mcp:latest",')
    result = judged(checkout, "up")
    assert not result.succeeded
    assert (
        "mcp-task-definition: images-are-named-by-digest: container mcp runs mcp:latest, which may be another image"
        " tomorrow: name it by <repository>@sha256:<64 hex>"
    ) in result.errors
    assert "aws:ecs/taskDefinition:TaskDefinition" not in dict(checkout.held())


def test_a_protected_stack_that_protects_one_thing_less_is_refused(checkout: Checkout) -> None:
    rewrite(checkout, "components/database.py", "deletion_protection=args.protect", "deletion_protection=False")
    rewrite(checkout, "components/bucket.py", ", protect=args.protect)", ")")
    rewrite(
        checkout,
        "components/bucket.py",
        'VersioningConfigurationArgs(status="Enabled")',
        'VersioningConfigurationArgs(status="Suspended")',
    )
    assert refused(checkout, "prod") == {
        "database-instance: protected-data-is-kept: is protected by Pulumi alone: set deletion_protection to True",
        "bucket-bucket: a-stack-protects-all-its-data: is not protected by Pulumi, though database-instance is: give"
        " it ResourceOptions(protect=True)",
        "bucket-bucket: a-stack-protects-all-its-data: keeps no former versions: add a BucketVersioning for it, with"
        " the status Enabled",
    }
    assert refused(checkout, "dev") == set()


def test_what_the_house_rules_refuse_is_on_the_page_of_a_pull_request(checkout: Checkout) -> None:
    rewrite(checkout, "components/database.py", "storage_encrypted=True", "storage_encrypted=False")
    outcome = run.bring_up(replace(checkout.simulator, policy=ROOT / "policy"), "dev")
    assert run.compared("dev", [], outcome).refused == (
        "database-instance: databases-are-encrypted: the database is not encrypted: set storage_encrypted to True;"
        " it cannot be changed later",
    )
