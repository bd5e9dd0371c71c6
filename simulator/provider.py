"""The gRPC plumbing between Pulumi's engine and the simulated cloud.

https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from simulator.cloud import HIDDEN, Call, Cloud, PartialError, RefusedError, ResourceType
from simulator.store import Properties

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands for a value that a preview cannot know."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
MADE_UP = "__defaults"
"""The inputs that the provider filled in, as the real one notes them."""
THREADS = 4
"""They share the interpreter with the program: more of them only get in each other's way."""
OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]

Invokes = Mapping[str, Callable[[Call], Properties]]


@contextmanager
def serving(cloud: Cloud, invokes: Invokes, packages: tuple[str, ...]) -> Generator[str]:
    """Serves the packages on loopback. Gives what PULUMI_DEBUG_PROVIDERS must be for the engine to find them."""
    servers = {package: grpc.server(ThreadPoolExecutor(THREADS), options=OPTIONS) for package in packages}
    ports: dict[str, int] = {}
    try:
        for package, server in servers.items():
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package, cloud, invokes), server)
            ports[package] = server.add_insecure_port("127.0.0.1:0")
            server.start()
        yield ",".join(f"{package}:{port}" for package, port in ports.items())
    finally:
        for server in servers.values():
            server.stop(None)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One package's provider. What it answers is said by the resource types; what is refused, in one message."""

    def __init__(self, package: str, cloud: Cloud, invokes: Invokes) -> None:
        self._package = package
        self._cloud = cloud
        self._invokes = invokes
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
        """The simulator is signed in to the account that the provider allows."""
        settings = _dict(request.args)
        self._region = str(settings.get("region", ""))
        self._account = allowed_account(settings)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> Any:
        kind = self._kind(request.type, context)
        given, before = _dict(request.news), _dict(request.olds).get(kind.named or "")
        made_up = [kind.named] if kind.named and not given.get(kind.named) else []
        name = before or f"{request.name}-{request.randomSeed.hex()[:7]}"
        with _refusing(context):
            inputs = self._cloud.check(request.type, given, name=name)
        return provider_pb2.CheckResponse(inputs=_struct({**inputs, **({MADE_UP: made_up} if made_up else {})}))

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> Any:
        kind = self._kind(request.type, context)
        return _difference(_dict(request.old_inputs), _dict(request.news), kind)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> Any:
        kind = self._kind(request.type, context)
        given = _dict(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_struct({**given, **dict.fromkeys(kind.outputs, UNKNOWN)}))
        with _refusing(context):
            try:
                made, outputs = self._cloud.create(self._call(request.type, request.urn, given))
            except PartialError as error:
                _abort_done(context, error, request.properties, given)
                raise
        return provider_pb2.CreateResponse(id=made, properties=_struct({**given, **outputs}))

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> Any:
        kind = self._kind(request.type, context)
        given, olds = _dict(request.news), _dict(request.olds)
        outputs = {key: UNKNOWN if key in kind.volatile else olds.get(key) for key in kind.outputs}
        if not request.preview:
            with _refusing(context):
                try:
                    outputs = self._cloud.update(self._call(request.type, request.urn, given, request.id), olds)
                except PartialError as error:
                    _abort_done(context, error, request.news, given)
        return provider_pb2.UpdateResponse(properties=_struct({**given, **outputs}))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> Any:
        """What is there now. Of secrets the store holds nothing: they are as Pulumi's state says."""
        self._kind(request.type, context)
        made = self._call(request.type, request.urn, {}, request.id).existing()
        if made is None:
            return provider_pb2.ReadResponse()
        known_inputs, known = _dict(request.inputs), _dict(request.properties)
        private = self._cloud.types[request.type].private
        current = {
            key: known.get(key) if value == HIDDEN else value
            for key, value in made.properties.items()
            if key not in private
        }
        inputs = {
            key: known_inputs[key] if current.get(key) == plain(known_inputs[key]) else current.get(key)
            for key in known_inputs
        }
        return provider_pb2.ReadResponse(id=request.id, properties=_struct(current), inputs=_struct(inputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._kind(request.type, context)
        with _refusing(context):
            self._cloud.delete(self._call(request.type, request.urn, _dict(request.properties), request.id))
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> Any:
        if request.tok not in self._invokes:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, _not_simulated(request.tok))
        with _refusing(context):
            result = self._invokes[request.tok](self._call(request.tok, "", _dict(request.args)))
        return provider_pb2.InvokeResponse(**cast(Any, {"return": _struct(result)}))

    def _kind(self, token: str, context: grpc.ServicerContext) -> ResourceType:
        if token not in self._cloud.types:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, _not_simulated(token))
        return self._cloud.types[token]

    def _call(self, token: str, urn: str, inputs: Properties, id: str = "") -> Call:
        return Call(
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
    """The one account that a provider of these settings may touch; empty where they name none."""
    accounts = settings.get("allowedAccountIds", "[]")
    return next(iter(json.loads(accounts) if isinstance(accounts, str) else accounts), "")


def _not_simulated(token: str) -> str:
    package, module, *_ = token.replace("/", ":").split(":")
    file = f"simulator/aws/{module}.py" if package == "aws" else f"simulator/{package}.py"
    return f"{token} is not simulated: say in {file} how the cloud answers for it"


@contextmanager
def _refusing(context: grpc.ServicerContext) -> Generator[None]:
    try:
        yield
    except RefusedError as refusal:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refusal))


def _abort_done(
    context: grpc.ServicerContext, error: PartialError, inputs: struct_pb2.Struct, given: Properties
) -> None:
    """Fails, but tells the engine that the change is made: it keeps the resource and the new inputs in its state."""
    done = provider_pb2.ErrorResourceInitFailed(
        id=error.id, properties=_struct({**given, **error.outputs}), inputs=inputs, reasons=[str(error)]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(done)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _difference(old: Properties, new: Properties, kind: ResourceType) -> provider_pb2.DiffResponse:
    changed = sorted(
        key
        for key in {*old, *new} - kind.ignores
        if not key.startswith("__") and plain(old.get(key)) != plain(new.get(key))
    )
    replaces = [key for key in changed if key in kind.replaces]
    # Two cannot have one name: where the program gave it and it stays, the old one goes first.
    name_stays = kind.named is not None and kind.named not in changed and kind.named not in new.get(MADE_UP, [])
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and name_stays,
        stables=[key for key in kind.outputs if key not in kind.volatile],
    )


def _dict(struct: struct_pb2.Struct) -> Properties:
    return json_format.MessageToDict(struct)


def _struct(properties: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def plain(value: Any) -> Any:
    """The value with the secrets in it unwrapped."""
    if isinstance(value, dict):
        mapping = cast(dict[str, Any], value)
        if mapping.get(SIGNATURE) == SECRET:
            return plain(mapping.get("value"))
        return {key: plain(each) for key, each in mapping.items()}
    return [plain(each) for each in cast(list[Any], value)] if isinstance(value, list) else value


def holds_secret(value: Any) -> bool:
    """Whether a secret is the value, or stands in it."""
    return plain(value) != value
