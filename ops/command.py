"""How each subcommand is registered: its text, permissions and exit codes in --help, and its options for the cloud."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.cloud import Cloud

EXIT_CODES = "0 done, or nothing to do; 1 refused, not confirmed, or an error"
Run = Callable[[Cloud, argparse.Namespace, Path], int | None]
"""A subcommand's function, with the folder of the stack files. Returns its exit code, None for 0. Raises UserError."""


@dataclass(frozen=True)
class Commands:
    subparsers: Any

    def add(
        self,
        name: str,
        run: Run,
        text: str,
        *,
        help: str,
        permissions: Iterable[str],
        codes: str = EXIT_CODES,
        examples: str = "",
    ) -> argparse.ArgumentParser:
        """Adds a subcommand. `permissions` are those in IAM; `codes` describes its exit codes, up to two lines."""
        listed = "\n".join(f"  {each}" for each in sorted(set(permissions)))
        command = self.subparsers.add_parser(
            name,
            help=help,
            description=f"{text}\n\nexit codes: {codes}\n64 wrong usage",
            epilog=f"{examples}permissions in IAM, beside reading the Pulumi backend:\n{listed}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(run=run, interrupted="Interrupted.", takes_arguments=False)
        command.add_argument("--simulator", action="store_true", help="use the simulator instead of AWS")
        command.add_argument(
            "--home", type=_folder, metavar="DIR", help="state directory of the simulator (default: .simulator)"
        )
        return command


def _folder(text: str) -> Path:
    return Path(text).resolve()
