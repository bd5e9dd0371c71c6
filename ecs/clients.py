"""The program's own requests to AWS, besides those of the provider. The simulator replaces both functions while it runs
the program: simulator/clients.py. Call them as `clients.client(…)`: a name imported from here would not be replaced.
"""

from __future__ import annotations

import time
from typing import Any, cast


def client(service: str, region: str) -> Any:
    """A boto3 client, with the credentials that boto3 finds: in the environment where the provider finds its own.

    https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
    """
    import boto3  # slow to import, and most updates make no request

    return cast(Any, boto3).client(service, region_name=region)


def pause(seconds: float) -> None:
    """Waits between two requests."""
    time.sleep(seconds)
