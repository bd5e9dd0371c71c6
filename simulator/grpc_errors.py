"""The errors of a provider's gRPC calls, as the engine expects them."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

import grpc
from google.protobuf import json_format, struct_pb2

from simulator.failure import InitFailedError, RejectedError
from simulator.sdk import provider_pb2, status_pb2


@contextmanager
def rejections(context: grpc.ServicerContext) -> Generator[None]:
    """Fails the gRPC call with the message of a RejectedError, or of a damaged store."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"cloud.sqlite: damaged ({error}). Begin again by removing the state directory, .simulator.",
        )
    except RejectedError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


def abort_init_failed(context: grpc.ServicerContext, error: InitFailedError, inputs: struct_pb2.Struct) -> None:
    """Fails the call with ErrorResourceInitFailed: the engine keeps the resource in the state, with these properties.

    The inputs are those of a create; after an update the engine keeps the former ones.
    https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/engine/update.go#L1084
    """
    properties = struct_pb2.Struct()
    properties.update({**json_format.MessageToDict(inputs), **error.outputs})
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id, properties=properties, inputs=inputs, reasons=[str(error)]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))


def not_simulated(token: str) -> str:
    package, module, *_ = token.replace("/", ":").split(":")
    file = f"simulator/aws/{module}.py" if package == "aws" else f"simulator/{package}.py"
    return f"{token}: not simulated. Add it to TYPES or INVOKES in {file}."
