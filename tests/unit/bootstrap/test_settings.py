from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import settings
from config import catalogue
from config.catalogue import Catalogue
from config.problems import UserError
from tests.bootstrapped import SMALL_BOOTSTRAP, write
from tests.declared import ACCOUNT, CATALOGUE, ROOT


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the stack dev, without its file for bootstrap."""

    def load(_: Path) -> Catalogue:
        return CATALOGUE

    monkeypatch.setattr(catalogue, "load", load)
    write(tmp_path, "dev", {})
    (tmp_path / "bootstrap").mkdir()
    return tmp_path


def problems(root: Path, config: dict[str, Any], stack: str = "dev") -> list[str]:
    (root / "bootstrap" / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}))
    with pytest.raises(UserError) as error:
        settings.stack_file(root, stack)
    return str(error.value).splitlines()


def with_(**changes: Any) -> dict[str, Any]:
    merged = {**SMALL_BOOTSTRAP, **{key.replace("_", "-"): value for key, value in changes.items()}}
    return {settings.KEY: {key: value for key, value in merged.items() if value is not None}}


KEYS = "create-oidc-provider, github, state-bucket"
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({}, [f"marginalia:bootstrap: missing. Its keys are {KEYS}."]),
    (
        with_(state_bucket=None),
        ["marginalia:bootstrap.state-bucket: missing. It must be 3 to 63 lower-case letters, digits and hyphens."],
    ),
    (
        with_(bucket="b"),
        [f"marginalia:bootstrap.bucket: no such key. The keys are {KEYS}."],
    ),
    (
        with_(github={"owner": "-x", "owner-id": "7", "repository": "a/b", "repository-id": 0}),
        [
            'marginalia:bootstrap.github.owner is "-x": must be a user or an organisation of GitHub.',
            'marginalia:bootstrap.github.owner-id is "7": must be an integer, without quotes.',
            'marginalia:bootstrap.github.repository is "a/b": must be a repository\'s name, without its owner.',
            "marginalia:bootstrap.github.repository-id is 0: must be at least 1.",
        ],
    ),
    (
        with_(state_bucket="marginalia-content-test"),
        [
            'marginalia:bootstrap.state-bucket is "marginalia-content-test": must differ from'
            " marginalia:stack.bucket.name, which is for content."
        ],
    ),
]


@pytest.mark.parametrize(("config", "expected"), WRONG, ids=lambda each: None)
def test_an_invalid_file_is_one_line_for_each_problem(root: Path, config: dict[str, Any], expected: list[str]) -> None:
    lines = [line.partition(": ") for line in problems(root, config)]
    assert {where.rpartition(":")[0] or where for where, _, _ in lines} == {"bootstrap/Pulumi.dev.yaml"}
    assert [problem for _, _, problem in lines] == expected


def test_problems_of_the_stack_file_are_reported_together_with_those_of_bootstrap(root: Path) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/another"
    write(root, "dev", {"permissions-boundary": boundary})
    assert problems(root, with_(state_bucket="Upper")) == [
        f'Pulumi.dev.yaml: marginalia:stack.permissions-boundary is "{boundary}": must be'
        f" arn:aws:iam::{ACCOUNT}:policy/marginalia-ci/mrgnl-dev-tasks, which bootstrap creates.",
        'bootstrap/Pulumi.dev.yaml:8: marginalia:bootstrap.state-bucket is "Upper": must be 3 to 63 lower-case letters,'
        " digits and hyphens.",
    ]


def test_a_stack_whose_role_would_have_too_long_a_name_is_rejected(root: Path) -> None:
    long = "s" * 60
    write(root, long, {"prefix": "other", "bucket": {"name": "another"}})
    [problem] = problems(root, with_(), long)
    assert problem.endswith(
        f"marginalia:bootstrap: the role other-{long}-preview would have more than 64 characters. Rename the stack."
    )


def test_a_stack_without_a_stack_file_is_rejected(root: Path) -> None:
    [problem] = problems(root, with_(), "prod")
    assert problem.startswith("Pulumi.prod.yaml: does not exist.")


@pytest.mark.parametrize("file", sorted(ROOT.glob("bootstrap/Pulumi.*.yaml")), ids=lambda file: file.name)
def test_each_committed_file_is_valid_and_of_a_stack(file: Path) -> None:
    stack = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    assert settings.stack_file(ROOT, stack).scope.stack == stack
