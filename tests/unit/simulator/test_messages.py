from __future__ import annotations

import pytest

from simulator.messages import message, messages

SERVICE = "urn:pulumi:dev::marginalia::marginalia:service:Service$aws:ecs/service:Service::mcp-service"
STACK = "urn:pulumi:dev::marginalia::pulumi:pulumi:Stack::marginalia-dev"

CLEANED = [
    ("1 error occurred:\n\t* the rollout failed\n\n", SERVICE, "mcp-service: the rollout failed"),
    ("2 errors occurred:\n\t* first\n\t* second\n\n", SERVICE, "mcp-service: first; second"),
    ("an unhandled error occurred: dev: no", STACK, "dev: no"),
    ("rpc error: code = Unknown desc = too\nlong", SERVICE, "mcp-service: too long"),
    (f"Preview failed: {SERVICE} is in use", None, "mcp-service is in use"),
    ("\x1b[31merror: red\x1b[0m", None, "red"),
    ('before hook "database-password-confirmed" failed: no', SERVICE, "mcp-service: no"),
    ("update failed", None, ""),
    ("preview failed\n", None, ""),
    ("update canceled", STACK, ""),
    ("run `pulumi refresh` to repair", None, "run `make refresh STACK=dev` to repair"),
    ("`make up STACK=prod` first", None, "`make up STACK=prod` first"),
    ("Run pulumi up again", None, "Run `make up STACK=dev` again"),
    ("`python -m ops why STACK mcp` shows it", None, "`python -m ops why dev mcp --simulator` shows it"),
    ("`pulumi up --refresh` deploys it again", None, "`make up STACK=dev REFRESH=1` deploys it again"),
    (
        f'resource "{SERVICE}" cannot be deleted because it is protected. To unprotect the resource, remove the flag'
        f" and run `pulumi up`, or use the command:\n`pulumi state unprotect '{SERVICE}'`",
        SERVICE,
        'resource "mcp-service" cannot be deleted because it is protected.',
    ),
    (
        f"Attempting to deploy or update resources with 2 pending operations from previous deployment.\n  * {SERVICE},"
        f" interrupted while creating\n  * {SERVICE}, interrupted while updating\nThese resources are in an unknown"
        " state because the Pulumi CLI was interrupted.\n\nNote that `pulumi refresh` will need to be run.",
        None,
        "Attempting to deploy or update resources with 2 pending operations from previous deployment.; mcp-service,"
        " interrupted while creating; mcp-service, interrupted while updating. Run `make refresh STACK=dev`, then"
        " `make up STACK=dev`.",
    ),
]


@pytest.mark.parametrize(("text", "urn", "line"), CLEANED)
def test_a_message_is_one_line_with_names_and_without_the_engines_advice(text: str, urn: str | None, line: str) -> None:
    assert message(text, urn, "dev") == line


def test_a_message_is_printed_once_however_often_the_engine_repeats_it() -> None:
    repeated = [
        ("a: no", None),
        ("an unhandled error occurred: a: no", STACK),
        ("a: no", None),
        ("update failed", None),
    ]
    assert list(messages(repeated, "dev")) == ["a: no"]


def test_a_traceback_keeps_its_lines() -> None:
    text = "python inline source runtime error: x\nTraceback (most recent call last):\n  File"
    assert message(text, STACK, "dev") == text
