"""Clients whose requests and responses botocore's models accept, and which record the actions that they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.validate import ParamValidator

from tests.unit.ops.boto import client

PREFIXES = {"elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
"""The prefix of a service's actions, where it is not boto3's name of the service.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""

ACTIONS = {"s3:HeadBucket": "s3:ListBucket"}
"""The actions that are not named after their operation.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html"""


@dataclass(frozen=True)
class Judged:
    service: str
    client: Any
    actions: set[str]
    """The actions of IAM that the requests so far needed."""

    def __getattr__(self, method: str) -> Callable[..., Any]:
        real = _real(self.service)
        operation: str = real.meta.method_to_api_mapping[method]
        model = real.meta.service_model.operation_model(operation)

        def call(**request: Any) -> Any:
            action = f"{PREFIXES.get(self.service, self.service)}:{operation}"
            self.actions.add(ACTIONS.get(action, action))
            _require_valid(request, model.input_shape)
            response = getattr(self.client, method)(**request)
            _require_valid(response, model.output_shape)
            return response

        return call


@cache
def _real(service: str) -> Any:
    """The real client; creating one takes a second."""
    return client(service)


def _require_valid(values: Any, shape: Any) -> None:
    report = ParamValidator().validate(values, shape)
    assert not report.has_errors(), report.generate_report()
