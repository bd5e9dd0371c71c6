"""What the program says when the engine's connection is lost."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Any, cast

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi import RunError
from pulumi.runtime.proto import resource_pb2_grpc

from simulator import sdk


@pytest.mark.parametrize("module", ["settings", "invoke"])
def test_a_program_that_lost_its_engine_says_how(module: str) -> None:
    assert sdk
    with grpc.insecure_channel("127.0.0.1:1") as nobody, pytest.raises(grpc.RpcError) as lost:
        cast(Any, resource_pb2_grpc.ResourceMonitorStub(nobody)).GetDeploymentInfo(Empty())
    error = resolve_name(f"pulumi.runtime.{module}:grpc_error_to_exception")(lost.value)
    assert isinstance(error, RunError)
    assert "Connection refused" in str(error), "without it, each loss of an engine looks the same"
