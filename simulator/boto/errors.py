"""Errors as boto3 raises them."""

from __future__ import annotations

from botocore.exceptions import ClientError


def client_error(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
