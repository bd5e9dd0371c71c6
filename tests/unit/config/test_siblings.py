"""Two stack files of a folder must not share a name in AWS."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import load, siblings
from config.load import SettingsError, stack_file
from tests.declared import CATALOGUE, SMALL_STACK, STACKS, declare
from tests.images import image

SMALL: dict[str, Any] = yaml.safe_load(SMALL_STACK)
PINNED: dict[str, Any] = {key: value for key, value in SMALL.items() if key != "build"} | {"images": {}}
OTHER = {"account": "000000000001", "bucket": {"name": "other"}}
"""Keys with which a stack shares nothing with SMALL."""
DOMAIN = {"ingress": {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"}}
SAME_ACCOUNT = "which has the same account and region"


def own_image(name: str, *, account: str = "000000000000", repository: str = "") -> str:
    return image(name).replace("111122223333", account).replace(f"mrgnl-{name}", repository or f"mrgnl-{name}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copy(STACKS / "services.py", tmp_path)
    (tmp_path / "image" / "sample").mkdir(parents=True)
    return tmp_path


def write(root: Path, stack: str, settings: object, region: str = "us-east-1") -> None:
    config = {"aws:region": region, "marginalia:stack": settings}
    (root / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}, sort_keys=False))


def problems(root: Path, stack: str = "dev") -> list[str]:
    """Without the file's name and line and the key."""
    try:
        stack_file(root, stack)
    except SettingsError as error:
        lines = str(error).splitlines()
        assert all(line.startswith(f"Pulumi.{stack}.yaml:") for line in lines)
        return [line.split(": marginalia:stack.", 1)[1] for line in lines]
    return []


def zones(region: str) -> dict[str, Any]:
    return {"network": {"cidr": "10.20.0.0/16", "zones": [f"{region}a", f"{region}b"]}}


BUCKET = (
    'bucket.name is "marginalia-content-test": must differ from that of Pulumi.other.yaml. Names of S3 buckets are'
    " global."
)
PREFIX = f'prefix is "mrgnl": must differ from that of Pulumi.other.yaml, {SAME_ACCOUNT}.'
SHARED: dict[str, tuple[dict[str, Any], dict[str, Any], str, list[str]]] = {
    "everything": (SMALL, SMALL, "us-east-1", [BUCKET, PREFIX]),
    "account, region and prefix": (SMALL, SMALL | {"bucket": {"name": "other"}}, "us-east-1", [PREFIX]),
    "a prefix that one of the files names": (
        SMALL, SMALL | {"bucket": {"name": "other"}, "prefix": "mrgnl"}, "us-east-1", [PREFIX],
    ),
    "a prefix with a stack that builds nothing": (SMALL, PINNED | {"bucket": {"name": "other"}}, "us-east-1", [PREFIX]),
    "a bucket in another account": (SMALL, SMALL | {"account": "000000000001"}, "us-east-1", [BUCKET]),
    "a bucket in another region": (SMALL, SMALL | zones("eu-west-1"), "eu-west-1", [BUCKET]),
    "a bucket under another prefix": (SMALL, SMALL | {"prefix": "other"}, "us-east-1", [BUCKET]),
    "names of services that begin with the other prefix": (
        SMALL | {"prefix": "mr"},
        PINNED | {"prefix": "mr-authsvc", "bucket": {"name": "other"}},
        "us-east-1",
        [
            f'prefix is "mr": must differ more from that of Pulumi.other.yaml, {SAME_ACCOUNT}. Both would name'
            " mr-authsvc."
        ],
    ),
    "names of the job of the logins that begin with the other prefix": (
        SMALL | {"prefix": "mr", "database": {"logins": "own"}},
        PINNED | {"prefix": "mr-logins", "bucket": {"name": "other"}},
        "us-east-1",
        [
            f'prefix is "mr": must differ more from that of Pulumi.other.yaml, {SAME_ACCOUNT}. Both would name'
            " mr-logins."
        ],
    ),
    "a domain in one account": (
        SMALL | DOMAIN,
        SMALL | DOMAIN | {"bucket": {"name": "other"}, "prefix": "other"},
        "us-east-1",
        [
            'ingress.domain is "api.marginalia.sh": must differ from that of Pulumi.other.yaml. A name leads to one'
            " load balancer."
        ],
    ),
    # Nothing.
    "nothing: another account": (SMALL, SMALL | OTHER, "us-east-1", []),
    "nothing: another region": (SMALL, SMALL | zones("eu-west-1") | {"bucket": {"name": "other"}}, "eu-west-1", []),
    "nothing: another prefix": (SMALL, SMALL | {"prefix": "other", "bucket": {"name": "other"}}, "us-east-1", []),
    "nothing: the range of the network": (SMALL, SMALL | OTHER | zones("us-east-1"), "us-east-1", []),
    "nothing: a domain in two accounts": (SMALL | DOMAIN, SMALL | DOMAIN | OTHER, "us-east-1", []),
    "nothing: a prefix that begins with the other": (
        SMALL, SMALL | {"prefix": "mrgnl-eu", "bucket": {"name": "other"}}, "us-east-1", [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("own", "other", "region", "lines"), SHARED.values(), ids=SHARED)
def test_a_stack_file_that_shares_a_name_with_another_is_refused(
    root: Path, own: dict[str, Any], other: dict[str, Any], region: str, lines: list[str]
) -> None:
    write(root, "dev", own)
    write(root, "other", other, region)
    assert sorted(problems(root)) == lines
    mirrored = problems(root, "other")
    assert len(mirrored) == len(lines)
    assert all("Pulumi.dev.yaml" in each for each in mirrored)


@pytest.mark.parametrize(
    "text",
    [
        "config: [",
        "",
        "config: {aws:region: us-east-1}",
        "config: {aws:region: us-east-1, marginalia:stack: x}",
        f"config: {{aws:region: us-esat-1, marginalia:stack: {json.dumps(SMALL)}}}",
        f"config: {{aws:region: us-east-1, marginalia:stack: {json.dumps(SMALL | {'spot': 101})}}}",
        f"config: {{aws:region: us-east-1, aws:region: us-east-1, marginalia:stack: {json.dumps(SMALL)}}}",
        "\udcff",
    ],
)
def test_another_file_that_is_invalid_is_a_problem_of_its_own_stack(root: Path, text: str) -> None:
    write(root, "dev", SMALL)
    (root / "Pulumi.other.yaml").write_bytes(text.encode(errors="surrogateescape"))
    assert problems(root) == []


REMOVED = (
    "build: oldsvc is no longer in services.py, but Pulumi.prod.yaml still runs oldsvc from this stack's repository."
    " Remove it there and deploy that stack first."
)

NO_LOGINS = (
    "build: logins is the job of database.logins, which is shared, but Pulumi.prod.yaml still runs logins from this"
    " stack's repository. Remove it there, with database.logins shared, and deploy that stack first."
)


@pytest.mark.parametrize(
    ("images", "own", "lines"),
    [
        ({"oldsvc": own_image("oldsvc")}, SMALL, [REMOVED]),
        ({"logins": own_image("logins")}, SMALL, [NO_LOGINS]),
        ({"logins": own_image("logins")}, SMALL | {"database": {"logins": "moving"}}, []),
        ({"oldsvc": own_image("oldsvc"), "authsvc": own_image("authsvc")}, SMALL, [REMOVED]),
        ({"oldsvc": own_image("oldsvc", repository="mr-oldsvc")}, SMALL | {"prefix": "mr"}, [REMOVED]),
        (
            {"oldsvc": own_image("oldsvc"), "agedsvc": own_image("agedsvc")},
            SMALL,
            [REMOVED.replace("oldsvc", "agedsvc"), REMOVED],
        ),
        ({"authsvc": own_image("authsvc")}, SMALL, []),
        ({"oldsvc": own_image("oldsvc", account="000000000002")}, SMALL, []),
        ({"oldsvc": own_image("oldsvc").replace("us-east-1", "eu-west-1")}, SMALL, []),
        ({"oldsvc": own_image("oldsvc", repository="mr-oldsvc")}, SMALL, []),
        ({"oldsvc": own_image("oldsvc")}, PINNED, []),
        ({}, SMALL, []),
    ],
)
def test_a_service_that_another_stack_still_runs_cannot_leave_the_stack_that_has_its_repository(
    root: Path, images: dict[str, str], own: dict[str, Any], lines: list[str]
) -> None:
    write(root, "dev", own)
    write(root, "prod", PINNED | OTHER | {"images": images})
    assert problems(root) == lines


def test_under_pulumi_the_files_are_compared(root: Path) -> None:
    write(root, "dev", SMALL)
    write(root, "other", SMALL)
    with pytest.raises(SettingsError, match=r"must differ from that of Pulumi\.other\.yaml"):
        run_by_pulumi(root, SMALL, "us-east-1")


@pytest.mark.parametrize("given", [SMALL | zones("eu-west-1"), SMALL | {"spot": 10}])
def test_the_files_are_not_compared_under_pulumi_if_its_configuration_is_another(
    root: Path, given: dict[str, Any]
) -> None:
    """As with `--config-file`."""
    write(root, "dev", SMALL)
    write(root, "other", SMALL)
    run_by_pulumi(root, given, given["network"]["zones"][0][:-1])


def run_by_pulumi(root: Path, settings: object, region: str) -> None:
    values = {"aws:region": region, "marginalia:stack": json.dumps(settings)}
    declare(lambda: load.running_stack(root), stack="dev", values=values)


def test_a_stack_is_not_compared_with_itself(root: Path) -> None:
    write(root, "dev", SMALL)
    assert siblings.read(root, "dev") == []
    assert [each.file for each in siblings.read(root, "prod")] == ["Pulumi.dev.yaml"]
    assert siblings.read(root, "prod")[0].names(CATALOGUE) == {"mrgnl", *(f"mrgnl-{name}" for name in CATALOGUE.names)}
