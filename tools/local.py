"""`make local`, `make local-down`: Marginalia on this machine, in containers."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from services import CATALOGUE  # noqa: E402  # found beside this folder, not in it


def main() -> int:
    parser = argparse.ArgumentParser(prog="make local", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument(
        "--source",
        default="image/sample",
        help="the folder to build; {service} stands for each service's name (default: the sample, image/sample)",
    )
    options = parser.parse_args()
    sources = {entry.name: options.source.replace("{service}", entry.name) for entry in CATALOGUE}
    if missing := [
        f"{folder} (to build {name} in)" for name, folder in sources.items() if not (ROOT / folder).is_dir()
    ]:
        print(f"SOURCE is {options.source!r}: no such folder: {', '.join(missing)}", file=sys.stderr)
        return 1
    environment = {f"{name.upper().replace('-', '_')}_SOURCE": folder for name, folder in sources.items()}
    what = ["up", "--build", "--detach", "--wait"] if options.command == "up" else ["down", "--volumes"]
    try:
        run = subprocess.run(
            ["docker", "compose", *what], cwd=ROOT, env={**os.environ, "PWD": str(ROOT), **environment}, check=False
        )
    except FileNotFoundError:
        print("There is no docker on PATH: https://docs.docker.com/get-docker/", file=sys.stderr)
        return 1
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
