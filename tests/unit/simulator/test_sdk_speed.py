"""What simulator/sdk_speed.py leaves out of the SDK changes no result: the SDK answers the same with and without it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.declared import ROOT

UNKNOWNS = """
from pulumi.output import UNKNOWN, Output
from pulumi_aws.lb.outputs import ListenerRuleConditionHttpHeader as Header
from pulumi.runtime import rpc
values = [
    None, "", "text", UNKNOWN, [], {}, [1, [UNKNOWN]], [1, [2]], {"a": {"b": UNKNOWN}}, {"a": {"b": [1, 2]}},
    [{"a": 1}, {"a": 1}], (UNKNOWN,), Output,
    Header(http_header_name="a", values=["b"]), Header(http_header_name="a", values=[UNKNOWN]),
]
print([rpc.contains_unknowns(each) for each in values])
"""
TYPES = """
import pulumi_aws as aws, pulumi_docker as docker, pulumi_random as random
from pulumi import _types
classes = (
    aws.ecs.Service, aws.ecs.TaskDefinition, aws.ec2.SecurityGroup, aws.iam.Role, aws.lb.TargetGroup, aws.rds.Instance,
    aws.s3.Bucket, aws.ecs.ServiceArgs, aws.lb.ListenerDefaultActionArgs, docker.Image, random.RandomPassword,
)
print([_types._types_from_py_properties(each) for each in classes])
"""


def printed(code: str, *, changed: bool) -> str:
    """What the code prints in a process of its own, with the SDK as it is or as it is changed."""
    imports = "from simulator import sdk_imports; sdk_imports.install()\n"
    change = "from simulator import sdk_speed\n" if changed else ""
    command = [sys.executable, "-c", f"{imports}{change}{code}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("code", [UNKNOWNS, TYPES], ids=["unknowns", "types"])
def test_the_sdk_answers_as_without_the_change(code: str) -> None:
    expected = printed(code, changed=False)
    assert len(expected) > 50
    assert printed(code, changed=True) == expected, "a program would get other values than on AWS"
