"""boto3 clients without valid credentials, so that no request can succeed on AWS."""

from __future__ import annotations

from typing import Any

import boto3


def client(name: str) -> Any:
    keys: Any = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    session: Any = boto3.Session(**keys)
    return session.client(name)
