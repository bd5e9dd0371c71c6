"""Errors of boto3's clients."""

from __future__ import annotations

from botocore.exceptions import ClientError


def code(error: ClientError) -> str:
    """AWS's code, such as AccessDeniedException; empty without one.

    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/error-handling.html
    """
    return error.response.get("Error", {}).get("Code", "")
