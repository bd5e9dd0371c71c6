"""Valid stack files: defaults, and the settings that they produce."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from config import catalogue
from config.load import stack_file
from config.stackfile import KEY
from ecs.fargate import Size
from tests.declared import CATALOGUE, COMMITTED, ROOT
from tests.images import images
from tests.unit.config.stack_settings import ARN, SIGNED, read


def test_a_small_stack_file_gets_the_documented_defaults() -> None:
    assert read().model_dump(mode="json", by_alias=True) == {
        "account": "000000000000",
        "prefix": "mrgnl",
        "protect": False,
        "build": {"context": "image/sample", "consumers": []},
        "images": None,
        "architecture": "x86-64",
        "probe": True,
        "network": {
            "cidr": "10.20.0.0/16",
            "zones": ["us-east-1a", "us-east-1b"],
            "egress": "nat",
            "flow-logs": False,
        },
        "ingress": {
            "domain": None,
            "zone-id": None,
            "allowed-cidrs": ["203.0.113.0/24"],
            "idle-timeout": 120,
            "health": {"interval": 10, "timeout": 5, "healthy": 2, "unhealthy": 3},
            "access-logs": None,
            "firewall": False,
            "request-limit": 2000,
        },
        "database": {
            "class": "db.t4g.micro",
            "storage": 20,
            "max-storage": None,
            "multi-az": False,
            "backup-days": 1,
            "backup-window": None,
            "maintenance-window": None,
            "apply-immediately": None,
            "insights": "standard",
            "logins": "shared",
            "password-revision": 1,
        },
        "bucket": {"name": "marginalia-content-test"},
        "sizes": {},
        "rollout": {},
        "redeploy": {},
        "spot": None,
        "log-retention-days": 30,
        "insights": False,
        "alerts": None,
        "debug": None,
        "budget": None,
        "expect": {"requests-per-day": None, "gigabytes-out": None, "logs-gigabytes": None},
        "permissions-boundary": None,
        "secrets": {},
    }


@pytest.mark.parametrize(
    ("database", "limit"),
    [
        ("{}", 80),
        ("{storage: 100}", 400),
        ("{storage: 100, max-storage: 110}", 110),
        ("{storage: 100, max-storage: 100}", None),
        ("{storage: 30000}", 65536),
        ("{storage: 60000}", None),
    ],
)
def test_rds_may_increase_the_storage_four_times_unless_the_stack_file_says_otherwise(
    database: str, limit: int | None
) -> None:
    """Not above the greatest volume, and not to a limit that RDS refuses."""
    assert read(f"database: {database}").database.storage_limit == limit


@pytest.mark.parametrize(
    ("protect", "key", "at_once"),
    [
        (False, "null", True),
        (True, "null", False),
        (True, "true", True),
        (False, "false", False),
    ],
)
def test_a_change_waits_for_the_window_if_the_stack_is_protected_or_the_stack_file_says_so(
    protect: bool, key: str, at_once: bool
) -> None:
    database = read(f"database: {{apply-immediately: {key}}}").database
    assert database.schedule(protect=protect).apply_immediately is at_once


@pytest.mark.parametrize("file", COMMITTED, ids=lambda file: file.name)
def test_a_committed_stack_file_is_valid(file: Path, tmp_path: Path) -> None:
    """With the committed services, and with empty folders as its build contexts."""
    root = tmp_path / "mrgnl-infra"
    root.mkdir()
    for committed in (file, ROOT / "services.py"):
        shutil.copy(committed, root)
    stack = yaml.safe_load(file.read_text())["config"][KEY]
    for name in catalogue.load(root).names if stack.get("build") else ():
        (root / stack["build"]["context"].replace("{service}", name)).mkdir(parents=True, exist_ok=True)
    configuration = stack_file(root, file.stem.partition(".")[2])
    assert configuration.settings.account == stack["account"]


def test_an_ingress_with_a_domain_allows_all_addresses_by_default() -> None:
    ingress = read("ingress: {domain: api.marginalia.sh, zone-id: Z0123456789ABC}").ingress
    assert [str(each) for each in ingress.allowed_cidrs] == ["0.0.0.0/0"]


def test_a_stack_without_images_before_its_first_promotion_is_valid() -> None:
    settings = read("{images: {}, build: null}")
    assert (settings.build, settings.images) == (None, {})


def test_images_that_are_closed_under_calls_are_valid() -> None:
    pinned = images(["authsvc", "promptsvc"])
    assert read(yaml.safe_dump({"build": None, "images": pinned})).images == pinned


def test_a_size_is_that_of_the_service_then_the_default_of_the_stack_then_the_built_in_default() -> None:
    settings = read("sizes: {default: {cpu: 512, memory: 1024, max: 6}, mcp: {memory: 2048, min: 3}}")
    assert settings.size(CATALOGUE["mcp"]) == Size(cpu=512, memory=2048, min=3, max=6)
    assert settings.size(CATALOGUE["authsvc"]) == Size(cpu=512, memory=1024, min=1, max=6)
    assert read().size(CATALOGUE["mcp"]) == Size(cpu=256, memory=512, min=1, max=2)


@pytest.mark.parametrize("tail", ["", ":::", ":::5f1c-version", "::AWSCURRENT:", ":key::"])
def test_a_secret_may_have_any_form_that_ecs_supports(tail: str) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    secrets = f'secrets: {{authsvc: {{SIGNING_KEY: "{ARN}{tail}"}}}}'
    assert read(secrets, catalogue=SIGNED).secrets == {"authsvc": {"SIGNING_KEY": f"{ARN}{tail}"}}


def test_service_in_a_context_is_replaced_by_the_name_of_each_service(tmp_path: Path) -> None:
    for name in CATALOGUE.names:
        (tmp_path / f"mrgnl-{name}").mkdir()
    (tmp_path / "mrgnl-infra").mkdir()
    build = read('build: {context: "../mrgnl-{service}"}', root=tmp_path / "mrgnl-infra").build
    assert build
    assert [build.context_of(CATALOGUE[name]) for name in ("mcp", "authsvc")] == ["../mrgnl-mcp", "../mrgnl-authsvc"]
