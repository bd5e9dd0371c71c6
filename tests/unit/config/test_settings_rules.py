"""Problems across keys: rules between them, the region, the catalogue, and secrets in the wrong position."""

from __future__ import annotations

import pytest

from tests.declared import CATALOGUE
from tests.images import image
from tests.unit.config.stack_settings import (
    ALLOWED,
    BUILD_OR_IMAGES,
    DIGITS,
    KEYS,
    SIGNED,
    UNKNOWN_SERVICE,
    problems,
    read,
)


def test_a_service_that_the_stack_runs_requires_the_secrets_that_it_declares() -> None:
    assert problems(catalogue=SIGNED) == [
        "marginalia:stack.secrets.authsvc.SIGNING_KEY: missing; the ARN of this secret"
    ]


def test_a_service_that_the_stack_does_not_run_requires_no_secrets() -> None:
    assert read("{build: null, images: {}}", catalogue=SIGNED).secrets == {}


def test_a_domain_without_its_zone_is_rejected() -> None:
    assert problems("ingress: {domain: api.marginalia.sh}") == [
        "marginalia:stack.ingress.zone-id: set both domain and zone-id, or neither"
    ]


def test_a_zone_without_a_domain_is_rejected() -> None:
    assert problems(f"ingress: {{{ALLOWED}, zone-id: Z0123456789ABC}}") == [
        'marginalia:stack.ingress.zone-id is "Z0123456789ABC": set both domain and zone-id, or neither'
    ]


def test_each_callee_without_an_image_is_reported() -> None:
    assert problems(f"{{build: null, images: {{mcp: {image('mcp')}, authsvc: {image('authsvc')}}}}}") == [
        f"marginalia:stack.images.{name}: missing; mcp calls {name}. Promote {name}, too."
        for name in sorted(set(CATALOGUE["mcp"].calls) - {"authsvc"})
    ]


def test_a_missing_context_is_reported_with_the_name_of_its_service() -> None:
    two = CATALOGUE.only(["authsvc", "chatsvc"])
    assert problems('build: {context: "../nowhere/{service}"}', catalogue=two) == [
        f'marginalia:stack.build.context is "../nowhere/{name}": an existing folder with the source of {name}'
        for name in ("authsvc", "chatsvc")
    ]


@pytest.mark.parametrize(
    ("region", "shown"),
    [
        ("", ""),
        ("us-east", ' is "us-east"'),
        ("cn-north-1", ' is "cn-north-1"'),
        ("us-gov-west-1", ' is "us-gov-west-1"'),
    ],
)
def test_a_missing_or_unsupported_region_is_rejected(region: str, shown: str) -> None:
    # Only the first line: whether the zones are reported, too, does not matter.
    assert problems(region=region)[0] == f"aws:region{shown}: a region of the partition aws, such as us-east-1"


def test_all_required_keys_are_reported_at_once() -> None:
    assert problems("{account: null, build: null, bucket: null, ingress: null, network: null}") == [
        f"marginalia:stack.account: missing; {DIGITS}",
        "marginalia:stack.bucket: missing; the keys are name",
        f"marginalia:stack.images: {BUILD_OR_IMAGES}",
        "marginalia:stack.ingress: missing; the keys are allowed-cidrs, domain, health, idle-timeout, zone-id",
        "marginalia:stack.network: missing; the keys are cidr, egress, zones",
    ]


def test_problems_of_several_sections_are_reported_at_once() -> None:
    assert problems("{spot: 101, vpc: x, sizes: {gateway: {}, mcp: {memory: 700}}, database: {storage: 1}}") == [
        "marginalia:stack.database.storage is 1: must be greater than or equal to 20",
        f"marginalia:stack.sizes.gateway: {UNKNOWN_SERVICE}",
        'marginalia:stack.sizes.mcp is {"memory": 700}: with cpu 256, memory is one of 512, 1024, 2048',
        "marginalia:stack.spot is 101: must be less than or equal to 100",
        f"marginalia:stack.vpc: no such key; the keys are {KEYS}",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        "secrets: {authsvc: {SIGNING_KEY: hunter2}}",
        "secrets: {authsvc: {SIGNING_KEY: {value: hunter2}}}",
        "secrets: {authsvc: {SIGNING_KEY: [hunter2]}}",
        "secrets: {authsvc: hunter2}",
        "secrets: hunter2",
        "signing-key: hunter2",
        "database: {password: hunter2}",
    ],
)
def test_a_secret_value_in_a_stack_file_is_rejected_and_never_shown(changes: str) -> None:
    assert "hunter2" not in "\n".join(problems(changes, catalogue=SIGNED))
