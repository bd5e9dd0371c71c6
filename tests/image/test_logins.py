"""The job that creates the services' logins: its image, and its SQL on a real PostgreSQL.

Every step of the move from one login to own ones, and a rotation of which each statement fails in turn, are in
image/logins/internal/database/postgres_test.go.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from image.bases import BASE_BUILD_ARGS, DOCKERFILE
from tests.declared import ROOT
from tests.image.conftest import built, docker

LEAST = 16
"""The version that the stacks run, from which GRANT has the option INHERIT."""


@pytest.fixture(scope="module")
def postgres() -> Path:
    """The folder with the programs of PostgreSQL."""
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    named = [Path(folder)] if (folder := os.environ.get("POSTGRES")) else []
    for each in [*named, *on_path, *Path("/usr/lib/postgresql").glob("*/bin")]:
        if (each / "initdb").exists() and _version(each) >= LEAST:
            return each
    pytest.fail(
        f"make test-image: no PostgreSQL {LEAST} or later is installed. Install its server, or set POSTGRES to the"
        " folder of its programs initdb and postgres."
    )


def _version(folder: Path) -> int:
    """The major version of the programs in a folder."""
    version = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(found[1]) if (found := re.search(r"(\d+)\.", version)) else 0


def test_every_task_connects_at_each_step_on_a_real_postgresql(postgres: Path) -> None:
    command = ["go", "test", "-tags", "postgres", "-count=1", "-v", "./internal/database"]
    environment = {**os.environ, "POSTGRES": str(postgres)}
    ran = subprocess.run(
        command, cwd=ROOT / "image" / "logins", env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "--- PASS: TestEveryTaskConnectsWhicheverStatementOfARotationFails" in ran.stdout


def test_the_image_of_the_logins_runs_without_a_shell_and_says_what_is_missing() -> None:
    image = built(*BASE_BUILD_ARGS, "--file", DOCKERFILE, "image/logins")
    ran = docker("run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none", image, check=False)
    assert (ran.returncode, ran.stderr) == (
        1,
        "logins: DATABASE_URL: must be postgres://USER:PASSWORD@HOST:PORT/DATABASE\n",
    )
