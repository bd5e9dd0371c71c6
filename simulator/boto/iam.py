"""The methods of boto3's IAM client that ops uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator import aws
from simulator.aws import access
from simulator.boto.errors import client_error
from simulator.cloud import Cloud, Request
from simulator.store import Properties, Store

# ruff: noqa: N803, the names are those of boto3


@dataclass(frozen=True, kw_only=True)
class Iam:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def simulate_principal_policy(
        self, *, PolicySourceArn: str, ActionNames: list[str], ResourceArns: list[str]
    ) -> Properties:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html"""
        cloud = Cloud(store=self.store, root=Path(), types=aws.TYPES)
        request = Request(token="", urn="", inputs={}, cloud=cloud, account=self.account, region=self.region)
        if (role := access.load(request, PolicySourceArn)) is None:
            raise client_error("SimulatePrincipalPolicy", "NoSuchEntity", f"{PolicySourceArn} does not exist")
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": "implicitDeny" if role.refusal(action, resource) else "allowed",
                }
                for action in ActionNames
                for resource in ResourceArns
            ]
        }
