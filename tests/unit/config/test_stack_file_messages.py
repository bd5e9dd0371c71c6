"""What is wrong in a stack file is said once, as one line, with the line of the file and a near miss."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pulumi
import pytest

from config import load
from config.load import stack_file
from config.problems import UserError
from tests.declared import CATALOGUE, STACKS, declare
from tests.images import image
from tests.unit.config.stack_file_edits import BOTH, EDITS, FILE
from tests.unit.config.stack_settings import ARN


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copy(STACKS / "services.py", tmp_path)
    (tmp_path / "image" / "sample").mkdir(parents=True)
    return tmp_path


def problems(root: Path, text: str) -> list[str]:
    """The problems of the file, without its name."""
    (root / "Pulumi.dev.yaml").write_bytes(text.encode())
    with pytest.raises(UserError) as refused:
        stack_file(root, "dev")
    lines = str(refused.value).splitlines()
    assert all(line.startswith("Pulumi.dev.yaml:") for line in lines)
    return [line.removeprefix("Pulumi.dev.yaml:") for line in lines]


def test_the_file_of_these_tests_is_valid(root: Path) -> None:
    (root / "Pulumi.dev.yaml").write_text(FILE)
    assert stack_file(root, "dev").settings.account == "000000000000"


@pytest.mark.parametrize(("edit", "lines"), EDITS.values(), ids=EDITS)
def test_an_edit_of_a_valid_file_is_one_line_for_each_problem(
    root: Path, edit: tuple[str, str], lines: list[str]
) -> None:
    assert problems(root, FILE.replace(*edit, 1)) == lines


def test_lines_are_counted_with_windows_line_endings_and_a_byte_order_mark(root: Path) -> None:
    text = "\ufeff" + FILE.replace("us-east-1b", "eu-west-1b").replace("\n", "\r\n")
    assert problems(root, text) == [
        '6: marginalia:stack.network.zones.1 is "eu-west-1b": must be a zone of aws:region, such as us-east-1b.'
    ]


def test_a_problem_of_a_merged_key_has_the_line_of_the_anchor(root: Path) -> None:
    anchored = FILE.replace(
        "    bucket:", "    spot: 101\n    sizes:\n      default: &size {cpus: 1}\n      mcp: {<<: *size}\n    bucket:"
    )
    assert problems(root, anchored) == [
        "8: marginalia:stack.spot is 101: must be at most 100.",
        "10: marginalia:stack.sizes.default.cpus: no such key. Did you mean cpu? The keys are cpu, max, memory, min.",
        "10: marginalia:stack.sizes.mcp.cpus: no such key. Did you mean cpu? The keys are cpu, max, memory, min.",
    ]  # fmt: skip


def test_a_misspelt_service_is_not_also_missing(root: Path) -> None:
    pinned = f"images: {{mcp: {image('mcp')}, authsv: {image('authsvc')}, promptsvc: {image('promptsvc')}}}"
    assert problems(root, FILE.replace("build: {context: image/sample}", pinned)) == [
        "5: marginalia:stack.images.authsv: no such service. Did you mean authsvc? The services are"
        f" {', '.join(CATALOGUE.names)}.",
        "5: marginalia:stack.images.chatsvc: missing. mcp calls chatsvc: promote it before the call, end"
        " the call before the removal.",
        "5: marginalia:stack.images.scrapsvc: missing. mcp calls scrapsvc: promote it before the call, end"
        " the call before the removal.",
    ]


@pytest.mark.parametrize(
    ("secrets", "line"),
    [
        (f"{{authsvc: {{SIGNING_KYE: '{ARN}'}}}}", "authsvc.SIGNING_KYE: no such secret. Did you mean SIGNING_KEY?"),
        (f"{{authsv: {{SIGNING_KEY: '{ARN}'}}}}", "authsv: no such service. Did you mean authsvc?"),
    ],
)
def test_a_misspelt_secret_is_not_also_missing(root: Path, secrets: str, line: str) -> None:
    (root / "services.py").write_text(
        "from config.catalogue import Entry\n\n"
        'SERVICES = (Entry(name="authsvc", port=9001, secrets=("SIGNING_KEY",)),)\n'
    )
    [found] = problems(root, FILE.replace("bucket:", f"secrets: {secrets}\n    bucket:"))
    assert found.startswith(f"8: marginalia:stack.secrets.{line}")


def under_pulumi(root: Path, text: str, config: Mapping[str, str]) -> list[str]:
    """The problems of the configuration that Pulumi gives to the program of this folder."""
    (root / "Pulumi.dev.yaml").write_text(text)

    def program() -> None:
        load.running_stack(root)

    with pytest.raises(pulumi.RunError) as refused:
        declare(program, stack="dev", values=config)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ({"aws:region": "us-east-1"}, "Pulumi.dev.yaml:8"),
        ({"aws:region": "eu-west-1"}, "Pulumi.dev.yaml"),
    ],
    ids=["of the file", "of --config"],
)
def test_under_pulumi_a_problem_has_its_line_if_the_configuration_is_that_of_the_file(
    root: Path, config: dict[str, str], where: str
) -> None:
    stack = {
        "account": "000000000000", "build": {"context": "image/sample"}, "bucket": {"name": "marginalia-content-test"},
        "network": {"cidr": "10.20.0.0/16", "zones": [f"{config['aws:region']}{zone}" for zone in "ab"]},
        "ingress": {"allowed-cidrs": ["203.0.113.0/24"]}, "spot": 101,
    }  # fmt: skip
    found = under_pulumi(
        root, FILE.replace("bucket:", "spot: 101\n    bucket:"), {**config, "marginalia:stack": json.dumps(stack)}
    )
    assert found == [f"{where}: marginalia:stack.spot is 101: must be at most 100."]


def test_under_pulumi_a_misspelt_namespace_is_reported_as_such(root: Path) -> None:
    found = under_pulumi(root, FILE.replace("marginalia:", "marginlia:"), {"aws:region": "us-east-1"})
    assert found == [f"Pulumi.dev.yaml:3: marginlia:stack: no such key. Did you mean marginalia:stack? {BOTH}"]
