"""The resource providers of the simulated cloud: gRPC servers that the Pulumi engine calls.

https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
"""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2

from config.problems import UserError
from simulator.caller import Caller, Operation
from simulator.cloud import REDACTED, Cloud, InitFailedError, RejectedError, Request, ResourceType
from simulator.sdk import (
    DEFAULTS,
    UNKNOWN,
    holds_secret,
    plain,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)
from simulator.store import Properties

LOOPBACK = "127.0.0.1"
THREADS = 4
"""Per server. More are slower: the threads share one interpreter with the program."""
OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]

Invokes = Mapping[str, Callable[[Request], Properties]]


@contextmanager
def serving(
    cloud: Cloud, invokes: Invokes, packages: Mapping[str, str], caller: Caller | None = None
) -> Generator[str]:
    """Serves the packages' providers on 127.0.0.1. Yields the value of PULUMI_DEBUG_PROVIDERS for the engine.

    A package's value is the problem with which its Configure fails; empty if there is none.
    """
    _check_loopback()
    servers = {package: grpc.server(ThreadPoolExecutor(THREADS), options=OPTIONS) for package in packages}
    ports: dict[str, int] = {}
    try:
        for package, server in servers.items():
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(
                Provider(package, cloud, invokes, packages[package], caller), server
            )
            ports[package] = server.add_insecure_port(f"{LOOPBACK}:0")
            server.start()
        yield ",".join(f"{package}:{port}" for package, port in ports.items())
    finally:
        for server in servers.values():
            server.stop(None)


def _check_loopback() -> None:
    """Without a loopback interface, gRPC and the engine would wait for each other for ever."""
    try:
        with socket.create_server((LOOPBACK, 0)) as server:
            socket.create_connection(server.getsockname(), timeout=2).close()
    except OSError as error:
        raise UserError(
            f"{LOOPBACK}: {error.strerror or error}. The simulator and the Pulumi engine talk on the loopback"
            " interface: enable it (`ip link set lo up`), or allow local connections in this sandbox."
        ) from None


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The provider of one package. `Cloud.types` describes its resource types, `invokes` its functions."""

    def __init__(
        self, package: str, cloud: Cloud, invokes: Invokes, problem: str = "", caller: Caller | None = None
    ) -> None:
        self._package = package
        self._cloud = cloud
        self._invokes = invokes
        self._problem = problem
        self._caller = caller
        self._account = ""
        self._region = ""

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=version(f"pulumi-{self._package}"))

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> Any:
        return _difference(_dict(request.old_inputs), _dict(request.news), ResourceType(id=""))

    def Configure(self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        """Uses the first of the provider's `allowedAccountIds` as the account: there are no credentials."""
        if self._problem:
            context.abort(grpc.StatusCode.UNKNOWN, self._problem)
        settings = _dict(request.args)
        self._region = str(settings.get("region", ""))
        self._account = allowed_account(settings)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> Any:
        key = self._resource_type(request.type, context).name_property
        news, old_name = _dict(request.news), _dict(request.olds).get(key or "")
        generated = [key] if key and not news.get(key) else []
        name = old_name or f"{request.name}-{request.randomSeed.hex()[:7]}"
        with _rejections(context):
            inputs = self._cloud.check(request.type, news, name=name)
        return provider_pb2.CheckResponse(inputs=_struct({**inputs, **({DEFAULTS: generated} if generated else {})}))

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> Any:
        resource_type = self._resource_type(request.type, context)
        olds = _dict(request.olds)
        kept = {key: olds[key] for key in resource_type.kept if key in olds}
        return _difference({**_dict(request.old_inputs), **kept}, _dict(request.news), resource_type)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> Any:
        resource_type = self._resource_type(request.type, context)
        inputs = _dict(request.properties)
        if request.preview:
            with _rejections(context):
                self._cloud.preview_create(self._request(request.type, request.urn, inputs))
            unknown = dict.fromkeys(resource_type.outputs, UNKNOWN)
            return provider_pb2.CreateResponse(properties=_struct({**inputs, **unknown}))
        with _rejections(context):
            create = self._request(request.type, request.urn, inputs)
            self._authorize(create, "create")
            try:
                physical_id, outputs = self._cloud.create(create)
            except InitFailedError as error:
                _abort_init_failed(context, error, request.properties)
                raise
        return provider_pb2.CreateResponse(id=physical_id, properties=_struct({**inputs, **outputs}))

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> Any:
        resource_type = self._resource_type(request.type, context)
        news, olds = _dict(request.news), _dict(request.olds)
        outputs = {key: UNKNOWN if key in resource_type.recomputed else olds.get(key) for key in resource_type.outputs}
        if not request.preview:
            with _rejections(context):
                update = self._request(request.type, request.urn, news, request.id)
                self._authorize(update, "update", _dict(request.old_inputs))
                try:
                    outputs = self._cloud.update(update, olds)
                except InitFailedError as error:
                    _abort_init_failed(context, error, request.news)
        return provider_pb2.UpdateResponse(properties=_struct({**news, **outputs}))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> Any:
        """Reads the current properties. Secrets are taken from Pulumi's state, as the store has only REDACTED."""
        internal = self._resource_type(request.type, context).internal
        old_inputs, old_properties = _dict(request.inputs), _dict(request.properties)
        read = self._request(request.type, request.urn, old_properties, request.id)
        with _rejections(context):
            self._authorize(read, "read")
        existing = read.existing()
        if existing is None:
            return provider_pb2.ReadResponse()
        properties = {
            key: old_properties.get(key) if value == REDACTED else value
            for key, value in existing.properties.items()
            if key not in internal
        }
        inputs = {
            # An unchanged input stays as it is in the state, where it may contain a marked secret.
            key: old if properties.get(key) == plain(old) else properties.get(key)
            for key, old in old_inputs.items()
        }
        return provider_pb2.ReadResponse(id=request.id, properties=_struct(properties), inputs=_struct(inputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._resource_type(request.type, context)
        with _rejections(context):
            delete = self._request(request.type, request.urn, _dict(request.properties), request.id)
            self._authorize(delete, "delete")
            self._cloud.delete(delete)
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> Any:
        if request.tok not in self._invokes:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, _not_simulated(request.tok))
        with _rejections(context):
            invoke = self._request(request.tok, "", _dict(request.args))
            self._authorize(invoke, "read")
            result = self._invokes[request.tok](invoke)
        return provider_pb2.InvokeResponse(**cast(Any, {"return": _struct(result)}))

    def _authorize(self, request: Request, operation: Operation, old: Properties | None = None) -> None:
        if self._caller:
            self._caller.check(request, operation, old)

    def _resource_type(self, token: str, context: grpc.ServicerContext) -> ResourceType:
        if token not in self._cloud.types:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, _not_simulated(token))
        return self._cloud.types[token]

    def _request(self, token: str, urn: str, inputs: Properties, id: str = "") -> Request:
        return Request(
            token=token,
            urn=urn,
            inputs=cast(Properties, plain(inputs)),
            secret=frozenset(key for key, value in inputs.items() if holds_secret(value)),
            cloud=self._cloud,
            account=self._account,
            region=self._region,
            id=id,
        )


def allowed_account(settings: Properties) -> str:
    """The first account in the `allowedAccountIds` of a provider's settings; empty if there is none."""
    accounts = settings.get("allowedAccountIds", "[]")
    return next(iter(json.loads(accounts) if isinstance(accounts, str) else accounts), "")


def _not_simulated(token: str) -> str:
    package, module, *_ = token.replace("/", ":").split(":")
    file = f"simulator/aws/{module}.py" if package == "aws" else f"simulator/{package}.py"
    return f"{token}: not simulated. Add it to TYPES or INVOKES in {file}."


@contextmanager
def _rejections(context: grpc.ServicerContext) -> Generator[None]:
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


def _abort_init_failed(context: grpc.ServicerContext, error: InitFailedError, inputs: struct_pb2.Struct) -> None:
    """Fails the call with ErrorResourceInitFailed: the engine keeps the resource and its new inputs in the state."""
    properties = _struct({**_dict(inputs), **error.outputs})
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id, properties=properties, inputs=inputs, reasons=[str(error)]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _difference(old: Properties, new: Properties, resource_type: ResourceType) -> provider_pb2.DiffResponse:
    changed = sorted(
        key
        for key in {*old, *new} - resource_type.ignore_changes
        if not key.startswith("__") and plain(old.get(key)) != plain(new.get(key))
    )
    replaces = [key for key in changed if key in resource_type.replace_on_changes]
    # Names are unique: a replacement that keeps an explicit name must delete before it creates.
    name = resource_type.name_property
    keeps_explicit_name = name is not None and name not in changed and name not in new.get(DEFAULTS, [])
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and keeps_explicit_name,
        stables=[key for key in resource_type.outputs if key not in resource_type.recomputed],
    )


def _dict(struct: struct_pb2.Struct) -> Properties:
    return json_format.MessageToDict(struct)


def _struct(properties: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct
