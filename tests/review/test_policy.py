"""The policy pack on the real engine, against the program and against registrations that violate its rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from config.catalogue import Entry
from ecs import types
from review import trial
from simulator.engine import Operation, Result
from tests.declared import CATALOGUE, COMMITTED, ROOT
from tests.engine.conftest import Checkout, Registering

Change = Callable[[Any], None]
"""Changes one request to register a resource."""

PUBLIC_ADDRESSES = "tasks-have-no-public-address: its tasks have public addresses, but"
ASSIGN_NONE = "Set assign_public_ip to False, or set `network.egress` of the stack to public."


def checked(checkout: Checkout, operation: Operation, stack: str = "dev", *, output: list[str] | None = None) -> Result:
    """The result of an operation with the policy pack. The lines that the engine prints are appended to `output`."""
    lines: list[str] = [] if output is None else output
    return replace(checkout.simulator, policy=ROOT / "policy", report=lines.append).run(operation, stack)


def violations(checkout: Checkout, stack: str = "dev") -> set[str]:
    """Why a preview fails, without the engine's own last line."""
    return set(checked(checkout, "preview", stack).errors) - {"preview failed"}


def by_type(changes: Mapping[str, Change]) -> Change:
    def change(request: Any) -> None:
        if request.type in changes:
            changes[request.type](request)

    return change


def set_input(*path: str, to: Any) -> Change:
    def change(request: Any) -> None:
        properties = request.object
        for key in path[:-1]:
            properties = properties[key]
        properties[path[-1]] = to

    return change


def uses_instead(request: Any, key: str, urn: Callable[[str], str | None]) -> None:
    """Replaces the URNs that an input comes from; None removes one."""
    urns = request.propertyDependencies[key].urns
    replaced = [new for each in urns if (new := urn(each))]
    del urns[:]
    urns.extend(replaced)


@pytest.mark.parametrize("stack", [file.stem.partition(".")[2] for file in COMMITTED])
def test_a_committed_stack_deploys_and_passes_every_rule(as_committed: Checkout, stack: str) -> None:
    result = checked(as_committed, "up", stack)
    assert (result.succeeded, result.errors) == (True, ())


@pytest.mark.parametrize("amount", [100, 1000])
def test_a_first_preview_refuses_a_stack_above_its_budget(checkout: Checkout, amount: int) -> None:
    """The rule reads no value that a preview does not know."""
    alerts = {"emails": ["ops@example.com"]}
    checkout.edit("dev", lambda stack: stack.update(alerts=alerts, budget=amount))
    output: list[str] = []
    errors = set(checked(checkout, "preview", output=output).errors) - {"preview failed"}
    assert [line for line in output if "can't run policy" in line and "budget" in line] == []
    assert [each.partition(": ")[0] for each in errors] == (["alerts-budget"] if amount == 100 else [])


def test_prod_with_the_images_of_dev_passes_every_rule(dev: Checkout) -> None:
    images = dev.simulator.outputs("dev")["images"]
    dev.edit("prod", lambda stack: stack.update(images=images))
    result = checked(dev, "up", "prod")
    assert (result.succeeded, result.errors) == (True, ())


@pytest.mark.parametrize("egress", ["public", "endpoints", "nat", "nat-per-zone"])
def test_each_egress_mode_passes_the_rule_on_public_addresses_in_a_first_preview(
    checkout: Checkout, egress: str
) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(egress=egress))
    output: list[str] = []
    assert checked(checkout, "preview", output=output).errors == ()
    unchecked = [line for line in output if "can't run policy" in line]
    assert unchecked, "a first preview does not know the policy documents"
    assert [line for line in unchecked if "tasks-have-no-public-address" in line] == []


@pytest.mark.parametrize(
    ("egress", "found"),
    [
        ("nat", "the stack has private connectivity through network-nat"),
        ("endpoints", "the stack has private connectivity through network-ecr-api"),
    ],
)
def test_public_addresses_in_a_private_egress_mode_are_a_violation(
    checkout: Checkout, registering: Registering, egress: str, found: str
) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(egress=egress))
    registering(by_type({types.SERVICE: set_input("networkConfiguration", "assignPublicIp", to=True)}))
    assert violations(checkout) == {
        f"{name}-service: {PUBLIC_ADDRESSES} {found}. {ASSIGN_NONE}" for name in CATALOGUE.names
    }


def test_public_addresses_in_private_subnets_without_any_connectivity_are_a_violation(
    checkout: Checkout, registering: Registering
) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(egress="public"))

    def move(request: Any) -> None:
        uses_instead(
            request, "networkConfiguration", lambda urn: urn.replace("::network-public-", "::network-private-")
        )

    registering(by_type({types.SERVICE: move}))
    zones = ("us-east-1a", "us-east-1b")
    subnets = ", ".join(f"network-private-{zone} (route table network-private)" for zone in zones)
    assert violations(checkout) == {
        f"{name}-service: {PUBLIC_ADDRESSES} no route to an internet gateway from {subnets}. {ASSIGN_NONE}"
        for name in CATALOGUE.names
    }


def test_a_first_preview_reports_the_violations_that_it_knows_and_creates_nothing(
    checkout: Checkout, registering: Registering
) -> None:
    def keep_for_ever(request: Any) -> None:
        del request.object.fields["retentionInDays"]

    def allow_the_internet(request: Any) -> None:
        if request.name.startswith("mcp-") and "referencedSecurityGroupId" in request.object.fields:
            del request.object.fields["referencedSecurityGroupId"]
            request.object["cidrIpv4"] = "0.0.0.0/0"

    def run_a_pinned_image(request: Any) -> None:
        uses_instead(request, "containerDefinitions", lambda urn: None if types.DOCKER_IMAGE in urn else urn)

    registering(
        by_type(
            {
                types.DB_INSTANCE: set_input("storageEncrypted", to=False),
                types.INGRESS_RULE: allow_the_internet,
                types.LOG_GROUP: keep_for_ever,
                types.SERVICE: set_input("deploymentCircuitBreaker", "rollback", to=False),
                types.TASK_DEFINITION: run_a_pinned_image,
            }
        )
    )
    builds = "a-stack-builds-all-its-images-or-none"
    use_either = "Use `build` for all services of the stack, or `images` for all."
    expected = {
        "database-instance: databases-are-encrypted: the database is not encrypted. Set storage_encrypted to True; RDS"
        " cannot encrypt an existing database."
    }
    for rule in ("from-ingress", "to-authsvc", "to-chatsvc", "to-promptsvc", "to-scrapsvc"):
        expected |= {
            f"mcp-access-{rule}-ingress: the-internet-reaches-only-the-load-balancer: lets 0.0.0.0/0 reach more than"
            " the load balancer. Name a security group as the peer."
        }
    for name in ("database-logs-postgresql", "database-logs-upgrade"):
        expected |= {f"{name}: logs-expire: its logs never expire. Set retention_in_days."}
    for name in CATALOGUE.names:
        expected |= {
            f"{name}-service: the-circuit-breaker-is-on: ECS does not roll a failed deployment back. Set"
            " deployment_circuit_breaker to enable=True, rollback=True; with CANARY and LINEAR, set `alerts`.",
            f"{name}-task-logs: logs-expire: its logs never expire. Set retention_in_days.",
            f"{name}-image-build: {builds}: is built, but no task definition runs it. {use_either}",
            f"{name}-task-definition: {builds}: runs a pinned image in a stack that builds images. {use_either}",
        }
    assert violations(checkout) == expected
    assert checkout.stored() == []


def test_a_preview_reports_what_a_first_preview_did_not_know(dev: Checkout, registering: Registering) -> None:
    """The documents and container definitions name resources that exist now."""

    def allow_all(request: Any) -> None:
        if request.name == "mcp-task-execution-policy":
            action = '"ecr:GetAuthorizationToken"'
            policy = request.object["policy"]
            assert action in policy
            request.object["policy"] = policy.replace(action, f'{action}, "ecr:*"')

    def token(entries: dict[str, Entry]) -> None:
        entries["mcp"] = replace(entries["mcp"], environment={"API_TOKEN": "invented"})

    registering(by_type({types.ROLE_POLICY: allow_all}))
    dev.edit_services(token)
    assert violations(dev) == {
        "mcp-task-definition: no-secret-in-plain-environment: API_TOKEN of container mcp looks like a secret, by its"
        " name. Store it in Secrets Manager, name it in the entry's `secrets` in services.py and put its ARN into the"
        " stack file.",
        "mcp-task-execution-policy: permissions-name-what-they-allow: statement GetToken allows ecr:*. Name each"
        " action.",
        "mcp-task-execution-policy: permissions-name-what-they-allow: statement GetToken allows its actions on *. Name"
        " the resource; only ecr:GetAuthorizationToken and the Describe actions of Elastic Load Balancing take none.",
    }


def test_an_update_stops_before_it_creates_a_resource_that_violates_a_rule(
    checkout: Checkout, registering: Registering
) -> None:
    """The containers are known only when the update comes to the task definition."""

    def run_a_tag(request: Any) -> None:
        containers = json.loads(request.object["containerDefinitions"])
        changed = [{**each, "image": f"{each['name']}:latest"} for each in containers]
        request.object["containerDefinitions"] = json.dumps(changed)

    registering(by_type({types.TASK_DEFINITION: run_a_tag}))
    result = checked(checkout, "up")
    assert not result.succeeded
    # The update stops at the first task definitions, in no fixed order.
    [name, *_] = [each.partition("-")[0] for each in result.errors if "-task-definition: " in each]
    assert (
        f"{name}-task-definition: images-are-named-by-digest: container {name} runs {name}:latest, which a later push"
        " can replace. Name the image as `<repository>@sha256:<64 hexadecimal digits>`."
    ) in result.errors
    assert types.TASK_DEFINITION not in dict(checkout.stored())


def test_a_protected_stack_that_leaves_one_resource_unprotected_is_a_violation(
    checkout: Checkout, registering: Registering
) -> None:
    def unprotect(request: Any) -> None:
        request.protect = False

    registering(
        by_type(
            {
                types.BUCKET: unprotect,
                types.BUCKET_VERSIONING: set_input("versioningConfiguration", "status", to="Suspended"),
                types.DB_INSTANCE: set_input("deletionProtection", to=False),
            }
        )
    )
    assert violations(checkout, "prod") == {
        "database-instance: protected-data-is-kept: only Pulumi protects the database. Set deletion_protection to"
        " True.",
        *(
            f"{bucket}: a-stack-protects-all-its-data: {problem}"
            for bucket in ("bucket-bucket", "logs-bucket")
            for problem in (
                "is not protected by Pulumi, although database-instance is. Set ResourceOptions(protect=True).",
                "the bucket keeps no previous versions. Add a BucketVersioning with the status Enabled.",
            )
        ),
    }
    assert violations(checkout, "dev") == set(), "dev protects nothing"


def test_the_page_of_a_pull_request_shows_the_violations(checkout: Checkout, registering: Registering) -> None:
    registering(by_type({types.DB_INSTANCE: set_input("storageEncrypted", to=False)}))
    outcome = trial.deploy(replace(checkout.simulator, policy=ROOT / "policy"), "dev")
    assert trial.compared("dev", [], outcome).errors == (
        "database-instance: databases-are-encrypted: the database is not encrypted. Set storage_encrypted to True; RDS"
        " cannot encrypt an existing database.",
    )
