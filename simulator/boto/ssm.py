"""The methods of boto3's Systems Manager client that the program and ops use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecs import types
from simulator.aws import ecs_exec, ecs_runs
from simulator.aws.ssm import HISTORY
from simulator.boto.errors import client_error
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class Ssm:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def get_parameter(self, *, Name: str) -> Properties:  # noqa: N803, the name of boto3
        """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html"""
        values = self._values("GetParameter", Name)
        return {"Parameter": {"Name": Name, "Value": values[-1], "Version": len(values)}}

    def get_parameter_history(self, *, Name: str) -> Properties:  # noqa: N803, the name of boto3
        """All versions. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html"""
        values = self._values("GetParameterHistory", Name)
        return {"Parameters": [{"Name": Name, "Value": each, "Version": n} for n, each in enumerate(values, start=1)]}

    def start_session(self, *, Target: str, DocumentName: str, Parameters: Mapping[str, Sequence[str]]) -> Properties:  # noqa: N803
        """In a container of a task with ECS Exec.

        https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html
        """
        for task in self.store.located(ecs_runs.TASK, self.account, self.region):
            if Target == ecs_exec.target(task.properties["cluster"], task.properties) and not ecs_exec.refusal(task):
                return {
                    "SessionId": f"{DocumentName}-{len(Parameters)}",
                    "StreamUrl": "wss://simulated",
                    "TokenValue": "…",
                }
        raise client_error("StartSession", "TargetNotConnected", f"{Target} is not connected.")

    def _values(self, operation: str, name: str) -> list[str]:
        """The oldest first."""
        found = self.store.get(types.PARAMETER, self.account, self.region, name)
        if not found:
            raise client_error(operation, "ParameterNotFound", "")
        return found.properties[HISTORY]
