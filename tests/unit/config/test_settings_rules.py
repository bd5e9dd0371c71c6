"""Problems across keys: rules between them, the region, the catalogue, and secrets in the wrong position."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from config.catalogue import Catalogue, Job
from config.fields import regions
from tests.declared import CATALOGUE
from tests.images import image
from tests.unit.config.stack_settings import (
    ALLOWED,
    BUILD_OR_IMAGES,
    DIGITS,
    FARGATE,
    KEYS,
    SIGNED,
    UNKNOWN_SERVICE,
    problems,
    read,
)

A_REGION = "a region of the partition aws, such as us-east-1."


def test_a_service_that_the_stack_runs_requires_the_secrets_that_it_declares() -> None:
    assert problems(catalogue=SIGNED) == [
        "marginalia:stack.secrets.authsvc.SIGNING_KEY: missing. It must be the ARN of this secret; `make secret`"
        " creates a simulated one."
    ]


def test_a_service_that_the_stack_does_not_run_requires_no_secrets() -> None:
    assert read("{build: null, images: {}}", catalogue=SIGNED).secrets == {}


def test_a_domain_without_its_zone_is_rejected() -> None:
    assert problems("ingress: {domain: api.marginalia.sh}") == [
        "marginalia:stack.ingress.zone-id: missing. Set both domain and zone-id, or neither."
    ]


def test_a_zone_without_a_domain_is_rejected() -> None:
    assert problems(f"ingress: {{{ALLOWED}, zone-id: Z0123456789ABC}}") == [
        "marginalia:stack.ingress.domain: missing. Set both domain and zone-id, or neither."
    ]


def test_each_callee_without_an_image_is_reported() -> None:
    assert problems(f"{{build: null, images: {{mcp: {image('mcp')}, authsvc: {image('authsvc')}}}}}") == [
        f"marginalia:stack.images.{name}: missing. mcp calls {name}: promote it before the call,"
        " end the call before the removal."
        for name in sorted(set(CATALOGUE["mcp"].calls) - {"authsvc"})
    ]


def test_missing_contexts_are_one_line_with_each_folder() -> None:
    two = CATALOGUE.only(["authsvc", "chatsvc"])
    assert problems('build: {context: "../nowhere/{service}"}', catalogue=two) == [
        'marginalia:stack.build.context is "../nowhere/{service}": must lead to an existing folder for each service.'
        " Missing: ../nowhere/authsvc, ../nowhere/chatsvc."
    ]


def test_a_missing_folder_for_all_services_is_said_once() -> None:
    assert problems("build: {context: image/smaple}") == [
        'marginalia:stack.build.context is "image/smaple": must be an existing folder, with the source of every'
        " service."
    ]


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        ("", f": missing. It must be {A_REGION}"),
        ("us-east", f' is "us-east": must be {A_REGION} Did you mean us-east-1?'),
        ("us-esat-1", f' is "us-esat-1": must be {A_REGION} Did you mean us-east-1?'),
        ("eu-central-3", f' is "eu-central-3": must be {A_REGION} Did you mean eu-central-1?'),
        ("EU-WEST-1", f' is "EU-WEST-1": must be {A_REGION} Did you mean eu-west-1?'),
        ("us-east-1a", f' is "us-east-1a": must be {A_REGION} Did you mean us-east-1?'),
        ("aws-global", f' is "aws-global": must be {A_REGION}'),
        ("cn-north-1", f' is "cn-north-1": must be {A_REGION} Did you mean eu-north-1?'),
        ("mars", f' is "mars": must be {A_REGION}'),
    ],
)
def test_a_missing_or_unsupported_region_is_rejected(region: str, problem: str) -> None:
    """And its zones are not reported, too."""
    assert problems(region=region) == [f"aws:region{problem}"]


def test_the_regions_are_those_of_botocore_in_its_partition_aws() -> None:
    """Its list of endpoints may lack the newest ones."""
    session = get_session()
    assert regions() >= set(session.get_available_regions("ec2"))
    assert {session.get_partition_for_region(each) for each in regions()} == {"aws"}


def test_all_required_keys_are_reported_at_once() -> None:
    assert problems("{account: null, build: null, bucket: null, ingress: null, network: null}") == [
        f"marginalia:stack.account: missing. It must be {DIGITS}.",
        "marginalia:stack.bucket: missing. The keys are name.",
        f"marginalia:stack.build: missing. {BUILD_OR_IMAGES}",
        "marginalia:stack.ingress: missing. The keys are access-logs, allowed-cidrs, domain, firewall, health,"
        " idle-timeout, request-limit, zone-id.",
        "marginalia:stack.network: missing. The keys are cidr, egress, flow-logs, zones.",
    ]


def test_problems_of_several_sections_are_reported_at_once() -> None:
    assert problems("{spot: 101, vpc: x, sizes: {gateway: {}, mcp: {memory: 700}}, database: {storage: 1}}") == [
        "marginalia:stack.database.storage is 1: must be at least 20.",
        f"marginalia:stack.sizes.gateway: {UNKNOWN_SERVICE}",
        f'marginalia:stack.sizes.mcp is {{"memory": 700}}: {FARGATE} With cpu 256, memory is one of 512, 1024, 2048.',
        "marginalia:stack.spot is 101: must be at most 100.",
        f"marginalia:stack.vpc: no such key. The keys are {KEYS}.",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        "secrets: {authsvc: {SIGNING_KEY: hunter2}}",
        "secrets: {authsvc: {SIGNING_KEY: {value: hunter2}}}",
        "secrets: {authsvc: {SIGNING_KEY: [hunter2]}}",
        "secrets: {authsvc: hunter2}",
        "secrets: hunter2",
        "secrets: [hunter2]",
        "secret: {authsvc: {SIGNING_KEY: hunter2}}",
        "database: postgres://marginalia:hunter2@db/marginalia",
        "database: [hunter2]",
        "signing-key: {secure: hunter2}",
        "signing-key: hunter2",
        "database: {password: hunter2}",
    ],
)
def test_a_secret_value_in_a_stack_file_is_rejected_and_never_shown(changes: str) -> None:
    assert "hunter2" not in "\n".join(problems(changes, catalogue=SIGNED))


CLEANUP = Job(name="cleanup", image="authsvc", command=("-cleanup",), secrets=("TOKEN",))
WITH_JOBS = Catalogue(CATALOGUE, [CLEANUP, Job(name="export")])
LISTED = f"The services are {', '.join(CATALOGUE.names)}. The jobs are cleanup, export."


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ("sizes: {exprt: {cpu: 512}}", f"sizes.exprt: no such service. Did you mean export? {LISTED}"),
        ("sizes: {export: {min: 1}}", "sizes.export.min: must not be set, as a job has no number of tasks."),
        ("redeploy: {export: 1}", f"redeploy.export: no such service. {LISTED.partition(' The jobs')[0]}"),
        (
            f"{{build: null, images: {{export: {image('export')}, cleanup: {image('cleanup')}}}}}",
            "images.cleanup: must not be set, as cleanup runs the image of authsvc.",
        ),
        (
            f"{{build: null, images: {{authsvc: {image('authsvc')}}}}}",
            "secrets.cleanup.TOKEN: missing. It must be the ARN of this secret; `make secret` creates a simulated one.",
        ),
    ],
)
def test_a_job_is_named_as_a_service_is_but_has_no_number_of_tasks_and_no_rollout(changes: str, problem: str) -> None:
    found = problems(changes, catalogue=WITH_JOBS)
    expected = f"marginalia:stack.{problem}"
    assert [each for each in found if "secrets.cleanup" not in each or "secrets" in problem] == [expected]


def test_a_job_whose_image_is_not_pinned_needs_no_secret() -> None:
    assert read(f"{{build: null, images: {{export: {image('export')}}}}}", catalogue=WITH_JOBS).secrets == {}
