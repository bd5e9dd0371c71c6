"""The role that an operation runs under. Without one, every request is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bootstrap import actions
from bootstrap.actions import ROWS, Row
from config.problems import UserError
from ecs import types
from simulator.aws import access
from simulator.aws.permissions import Statement, decide
from simulator.cloud import Request
from simulator.failure import RejectedError
from simulator.faults import Operation
from simulator.sdk import plain
from simulator.store import Properties, Store

REASON = {
    "denied": "with an explicit deny in an identity-based policy",
    "not allowed": "because no identity-based policy allows the {action} action",
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""


PASSED_TO = {types.SCHEDULE: "scheduler", types.SERVICE: "ecs"}
"""Who gets a role that is passed with a resource; with any other it is for tasks."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A role and the statements of its managed policies."""

    arn: str
    """The ARN of its session."""
    statements: Sequence[Statement]

    def check(self, request: Request, operation: Operation, old: Properties | None = None) -> None:
        """Raises RejectedError unless the role may call what the table of actions has for the operation.

        `old` has the properties before an update, in which only the actions of the changed inputs are called.
        """
        if problems := list(self._problems(request, operation, old or {})):
            raise RejectedError("; ".join(problems))

    def _problems(self, request: Request, operation: Operation, old: Properties) -> Iterator[str]:
        rows = [row for row in ROWS if row.type == request.token]
        if not rows and request.token.startswith("aws:"):
            yield f"AccessDenied: bootstrap/actions has no row for {request.token}"
        context = _context(request)
        for row in rows:
            for action in _required(row, operation, _changed(request, old)):
                values = actions.values(request.inputs, account=request.account, region=request.region)
                if not (resource := actions.arn(row, action, values)):
                    continue
                decision = decide(self.statements, action, resource, context)
                if decision != "allowed":
                    what = f"to perform: {action} on resource: {resource} {REASON[decision].format(action=action)}"
                    yield f"AccessDenied: User: {self.arn} is not authorized {what}"


def assumed(store: Store, arn: str) -> Caller:
    """The role with this ARN in the simulated cloud. Raises UserError if it does not exist."""
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    if not [each for each in store.find(types.ROLE, arn=arn) if each.account == account]:
        raise UserError(f"{arn}: no such role in the simulated cloud.")
    attached = [each.properties["policyArn"] for each in store.find(types.ROLE_POLICY_ATTACHMENT, role=name)]
    policies = [each for each in store.find(types.IAM_POLICY) if each.properties["arn"] in attached]
    session = f"arn:aws:sts::{account}:assumed-role/{name}/simulator"
    return Caller(arn=session, statements=access.statements(policies))


def _required(row: Row, operation: Operation, changed: Sequence[str]) -> Iterator[str]:
    """Each operation ends or begins with a read. A create sets the tags of the provider's `default_tags`."""
    yield from row.read
    match operation:
        case "create":
            yield from (*row.create, *row.tag)
        case "update":
            for key in changed:
                yield from row.tag if key == "tags" else row.update.get(key, row.update.get("*", ()))
        case "delete":
            yield from row.delete
        case "read":
            pass


def _changed(request: Request, old: Properties) -> list[str]:
    news = request.inputs
    return [key for key in {*news, *old} if not key.startswith("__") and news.get(key) != plain(old.get(key))]


def _context(request: Request) -> Mapping[str, str]:
    """The condition keys that the simulator knows."""
    role = {"name": request.inputs.get("role")} if request.token == types.ROLE_POLICY else None
    found = [each.properties for each in request.all(types.ROLE, **role)] if role else [request.inputs]
    boundary = next((each.get("permissionsBoundary") for each in found), None)
    return {
        "aws:RequestedRegion": request.region,
        "iam:PassedToService": f"{PASSED_TO.get(request.token, 'ecs-tasks')}.amazonaws.com",
        "iam:PermissionsBoundary": str(boundary or ""),
    }
