"""The parser of the command lines of simulator, review and ops, whose exit codes a script can tell apart."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

EXIT_CODES = """\
exit codes: 0 success, or yes; 1 failed or refused; 2 no, of a command that
answers a question; 64 wrong usage; 130 interrupted"""
"""The answer no is 2, as of `terraform plan -detailed-exitcode`: 1 is taken by errors.
https://developer.hashicorp.com/terraform/cli/commands/plan"""


class Parser(argparse.ArgumentParser):
    """Exits with 64 on wrong usage, where argparse's 2 would be an answer. Its subcommands do so, too.

    https://man.freebsd.org/cgi/man.cgi?sysexits
    """

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"{self.prog}: error: {message}\n")


def parser(package: str, description: str) -> Parser:
    """Of `python -m PACKAGE`, with the exit codes in its help."""
    return Parser(
        prog=f"python -m {package}",
        description=description,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
