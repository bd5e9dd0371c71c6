"""Reads small stack files with a few changed keys, and lists their problems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.catalogue import Catalogue, Entry
from config.load import SettingsError, parse
from config.settings import Settings
from tests.declared import CATALOGUE, REGION, ROOT, SMALL_STACK

ARN = f"arn:aws:secretsmanager:{REGION}:000000000000:secret:key-AbCdEf"
SIGNED = Catalogue([Entry(name="authsvc", port=9001, secrets=("SIGNING_KEY",))])
"""A catalogue with a service that declares a secret."""

KEYS = (
    "account, alerts, architecture, bucket, budget, build, database, debug, expect, images, ingress, insights,"
    " log-retention-days, network, permissions-boundary, prefix, probe, protect, redeploy, rollout, secrets, sizes,"
    " spot"
)
DIGITS = "the 12 digits of an AWS account, in quotes"
UNKNOWN_SERVICE = f"no such service. The services are {', '.join(CATALOGUE.names)}."
BUILD_OR_IMAGES = "Set either build, to build the images, or images, to run pinned ones."
FARGATE = "must be a size of Fargate."
ALLOWED = "allowed-cidrs: [203.0.113.0/24]"


def read(changes: str = "", *, region: str = REGION, catalogue: Catalogue = CATALOGUE, root: Path = ROOT) -> Settings:
    """The settings of a small stack file with these keys, as YAML. A key that is null is omitted."""
    merged: dict[str, Any] = {**yaml.safe_load(SMALL_STACK), **(yaml.safe_load(changes) or {})}
    text = json.dumps({key: value for key, value in merged.items() if value is not None})
    return parse(text, region=region, file="Pulumi.test.yaml", catalogue=catalogue, root=root)


def problems(*args: Any, **kwargs: Any) -> list[str]:
    """The problems of the stack file, without the file's name at the start of each line."""
    with pytest.raises(SettingsError) as rejected:
        read(*args, **kwargs)
    lines = str(rejected.value).splitlines()
    assert all(line.startswith("Pulumi.test.yaml: ") for line in lines)
    return [line.removeprefix("Pulumi.test.yaml: ") for line in lines]
