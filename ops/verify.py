"""`verify`: whether the services of a stack file would start in the live account. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from config import load
from ops import stack, verify_account, verify_services
from ops.check import Check, Subject, Test
from ops.cloud import Cloud


@dataclass(frozen=True, kw_only=True)
class Verdict:
    stack: str
    starts: bool
    """Whether all checks passed."""
    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """0 if all checks passed, 2 if one found a problem, 1 if it cannot be told."""
        states = {each.state for each in self.checks}
        return 2 if "problem" in states else 1 if "unknown" in states else 0


def verify(cloud: Cloud, stack_name: str, root: Path) -> Verdict:
    """The results of all checks. Raises UserError if the stack file is invalid or the backend does not respond."""
    configuration = load.stack_file(root, stack_name)
    deployed = stack.describe(cloud, stack_name)
    subject = Subject(cloud=cloud, stack=stack_name, configuration=configuration, deployed=deployed)
    checks = tuple(_result(each) for each in [*verify_services.tests(subject), *verify_account.tests(subject)])
    return Verdict(stack=stack_name, starts=all(each.state == "ok" for each in checks), checks=checks)


def _result(test: Test) -> Check:
    kind, subject, problems = test
    try:
        found = list(problems())
    except (BotoCoreError, ClientError) as error:
        message = f"{str(error).rstrip('.')}. Use credentials of that account that may read this."
        return Check(kind=kind, subject=subject, state="unknown", message=message)
    return Check(kind=kind, subject=subject, state="problem" if found else "ok", message=" ".join(found))
