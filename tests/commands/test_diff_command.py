"""`make diff` in a user's repository: from a hook, and ended at any moment."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.clone import clone_in, environment, run
from tests.declared import CATALOGUE

SERVICE = "image/sample/cmd/server/main.go"
HOOK = """#!/bin/sh
exec make --silent diff BASE=HEAD FORMAT=json > ../page.json
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return clone_in(tmp_path / "here")


def rollouts(page: str) -> dict[str, int]:
    return {stack["stack"]: len(stack["rollouts"]) for stack in json.loads(page)["stacks"]}


@pytest.mark.parametrize("commit", ["git commit", f"git commit {SERVICE}"], ids=["all", "one-file"])
def test_a_diff_in_a_hook_does_not_change_the_commit_that_is_made(clone: Path, commit: str) -> None:
    (clone / ".git" / "hooks" / "pre-commit").write_text(HOOK)
    (clone / ".git" / "hooks" / "pre-commit").chmod(0o755)
    run(f"printf '// edited\n' >> {SERVICE} && git add {SERVICE}", clone)
    run(f"{commit} --message edited", clone)
    assert run("git show --format= --name-only", clone).split() == [SERVICE]
    assert run("git status --porcelain", clone) == ""
    assert rollouts((clone.parent / "page.json").read_text()) == {"dev": 5, "prod": 0}


def test_a_quote_in_a_branch_reaches_git(clone: Path) -> None:
    run("""git branch "it's" && make --silent diff BASE="it's" FORMAT=json > ../page.json""", clone)
    assert rollouts((clone.parent / "page.json").read_text()) == {"dev": 0, "prod": 0}


def test_a_folder_of_a_bigger_repository_with_submodules_is_compared_with_itself(clone: Path, tmp_path: Path) -> None:
    product = tmp_path / "here"
    run("rm -r mrgnl-infra/.git && git init --quiet --initial-branch main && git init --quiet service", product)
    run("cp -r mrgnl-infra/image/sample/. service && cd service && git add --all && git commit --quiet -m one", product)
    run(r"sed -i 's|context: image/sample|context: \"../services/{service}\"|' mrgnl-infra/Pulumi.dev.yaml", product)
    for name in CATALOGUE.names:
        run(f"git -c protocol.file.allow=always submodule --quiet add ./service services/{name}", product)
    run(r"printf '/.venv\n/.cache\n' > mrgnl-infra/.gitignore && printf /service > .gitignore", product)
    run("git add --all && git commit --quiet -m first && chmod -R go= mrgnl-infra services", product)
    assert rollouts(run("make --silent diff BASE=HEAD FORMAT=json", clone)) == {"dev": 0, "prod": 0}
    run("printf '// edited\n' >> services/mcp/cmd/server/main.go", product)
    run("cd services/authsvc && printf '// bumped\n' >> cmd/server/main.go && git commit --quiet -am two", product)
    assert rollouts(run("make --silent diff BASE=HEAD FORMAT=json", clone)) == {"dev": 2, "prod": 0}


def test_a_page_says_that_the_base_is_the_merge_base(clone: Path) -> None:
    run("git switch --quiet -c topic && git switch --quiet main", clone)
    run(f"printf '// in main\n' >> {SERVICE} && git commit --quiet -am 'in main' && git switch --quiet topic", clone)
    common = run("git rev-parse --short=7 HEAD", clone).strip()
    note = f"main is 1 commit ahead: the base is the merge base, {common}."
    assert note in run("make --silent diff BASE=main FORMAT=markdown", clone)
    assert note in " ".join(run("COLUMNS=40 make --silent diff BASE=main", clone).split())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_diff_that_is_ended_leaves_nothing(clone: Path, tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    before = {path: path.read_bytes() for path in (clone / ".git").rglob("*") if path.is_file()}
    process = subprocess.Popen(
        [sys.executable, "-m", "review", "diff", "--base", "HEAD"],
        cwd=clone,
        env={**environment(), "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not list(temporary.glob("mrgnl-diff-*/state/.pulumi/locks/*/*/dev/*")):  # the engine deploys the base
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.splitlines()[-1]) == (
        130,
        "Interrupted. Nothing was changed: the temporary files were removed.",
    )
    assert "Traceback" not in errors
    assert list(temporary.iterdir()) == []
    assert str(temporary) not in run("ps -A -o args", clone)
    assert {path: path.read_bytes() for path in (clone / ".git").rglob("*") if path.is_file()} == before
