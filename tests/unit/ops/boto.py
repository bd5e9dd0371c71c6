"""boto3 clients without valid credentials, so that no request can succeed on AWS."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.stub import Stubber


def client(name: str) -> Any:
    keys: Any = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    session: Any = boto3.Session(**keys)
    return session.client(name)


@contextmanager
def stub(name: str) -> Generator[tuple[Any, Any]]:
    """A client and botocore's stub of it, of which each response must be requested."""
    found = client(name)
    with Stubber(found) as responses:
        yield found, responses
        responses.assert_no_pending_responses()


def answering(value: Any) -> Callable[..., Any]:
    """A method that returns the value, whatever the request."""

    def method(*_: object, **__: object) -> Any:
        return value

    return method
