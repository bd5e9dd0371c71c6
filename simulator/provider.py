"""The resource providers of the simulated cloud, which the Pulumi engine calls.

https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2

from simulator import planned
from simulator.caller import Caller
from simulator.cloud import REDACTED, Change, Cloud, Request, ResourceType
from simulator.difference import compared, difference
from simulator.failure import Failure, InitFailedError, RejectedError
from simulator.faults import Faults, Operation
from simulator.grpc_errors import abort_init_failed, not_simulated, rejections
from simulator.sdk import (
    DEFAULTS,
    UNKNOWN,
    holds_secret,
    plain,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)
from simulator.store import Object, Properties

Invokes = Mapping[str, Callable[[Request], Properties]]


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
        self._faults = Faults() if package == "random" else cloud.faults  # random makes no request
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
        return difference(_dict(request.old_inputs), _dict(request.news), ResourceType(id=""))

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
        with rejections(context):
            inputs = self._cloud.check(request.type, news, name=name)
        return provider_pb2.CheckResponse(inputs=_struct({**inputs, **({DEFAULTS: generated} if generated else {})}))

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> Any:
        """Compares the new inputs with the state's properties, as they were last read, except for a native provider.

        https://github.com/pulumi/pulumi-terraform-bridge/blob/59de6c661df1/pkg/tfbridge/provider.go (Diff)
        """
        resource_type = self._resource_type(request.type, context)
        news = _dict(request.news)
        old = compared(_dict(request.old_inputs), _dict(request.olds), news, resource_type)
        return difference(old, news, resource_type, request.ignoreChanges)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> Any:
        resource_type = self._resource_type(request.type, context)
        inputs = _dict(request.properties)
        create = self._request(request.type, request.urn, inputs)
        if request.preview:
            with rejections(context):
                planned.create(create)
            unknown = dict.fromkeys(resource_type.outputs, UNKNOWN)
            return provider_pb2.CreateResponse(properties=_struct({**inputs, **unknown}))
        with rejections(context):
            self._authorize(create, "create")
            try:
                physical_id, outputs = self._cloud.create(create)
                if error := self._faults.interruption(request.urn, "create"):
                    raise InitFailedError(error, physical_id, outputs)
            except InitFailedError as error:
                if resource_type.failure.created == "lost":
                    raise RejectedError(str(error)) from None
                abort_init_failed(context, error, request.properties)
                raise
        return provider_pb2.CreateResponse(id=physical_id, properties=_struct({**inputs, **outputs}))

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> Any:
        resource_type = self._resource_type(request.type, context)
        news, olds = _dict(request.news), _dict(request.olds)
        update = self._request(request.type, request.urn, news, request.id)
        if request.preview:
            with rejections(context):
                planned.update(update, cast(Properties, plain(olds)))
            outputs = {
                key: UNKNOWN if key in resource_type.recomputed - resource_type.planned_as_before else olds.get(key)
                for key in resource_type.outputs
            }
            return provider_pb2.UpdateResponse(properties=_struct({**news, **outputs}))
        old_inputs = _dict(request.old_inputs)
        old = compared(old_inputs, olds, news, resource_type)
        changed = difference(old, news, resource_type, request.ignoreChanges).diffs
        with rejections(context):
            if not changed and resource_type.failure.empty_update != "applies":
                return provider_pb2.UpdateResponse(properties=_struct(self._empty_update(update, olds)))
            try:
                self._authorize(update, "update", old_inputs)
                properties = self._change(update, changed, news, olds)
            except (InitFailedError, RejectedError) as error:
                if resource_type.failure.state == "former":
                    raise RejectedError(str(error)) from None
                computed = {key: value for key, value in olds.items() if key not in news}
                outputs = error.outputs if isinstance(error, InitFailedError) else computed
                outputs = outputs | {key: olds.get(key) for key in resource_type.failure.restored}
                abort_init_failed(context, InitFailedError(str(error), request.id, outputs), request.news)
                raise
        return provider_pb2.UpdateResponse(properties=_struct(properties))

    def _change(self, update: Request, changed: Collection[str], news: Properties, olds: Properties) -> Properties:
        """Carries the update out and returns the properties. Raises RejectedError and InitFailedError."""
        sent = self._sent(update, changed)
        later = self._deferred(sent)
        outputs = {**self._cloud.update(sent, olds), **later}
        if error := self._faults.interruption(update.urn, "update"):
            raise InitFailedError(error, update.id, outputs)
        known = {**news, **outputs}
        existing = update.existing()
        return {**(self._current(existing, known) if existing else known), **later}

    def _deferred(self, update: Request) -> Properties:
        """The former values of what AWS changes only after the update."""
        if not (existing := update.existing()):
            return {}
        change = Change(request=update, before=existing.properties)
        return {key: existing.properties.get(key) for key in self._cloud.types[update.token].deferred(change)}

    def _sent(self, update: Request, changed: Collection[str]) -> Request:
        """The update as AWS gets it: most providers send only the inputs that change, and AWS keeps the others."""
        existing = update.existing()
        if existing is None or self._cloud.types[update.token].failure.sends_all:
            return update
        kept = {key: existing.properties.get(key, REDACTED) for key in update.inputs if key not in changed}
        known = {key: value for key, value in kept.items() if value != REDACTED}
        return replace(update, inputs={**update.inputs, **known})

    def _empty_update(self, update: Request, olds: Properties) -> Properties:
        """The properties after an update without a difference: the engine's answer to init errors. Changes nothing."""
        match self._cloud.types[update.token].failure.empty_update:
            case "fails":
                raise RejectedError("doesn't support update")
            case "nothing":
                return olds
            case _:
                self._authorize(update, "read")
        if existing := update.existing():
            return self._current(existing, olds)
        raise RejectedError(f"the provider reported that {update.id} did not exist while updating: `pulumi refresh`")

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> Any:
        self._resource_type(request.type, context)
        old_inputs, old_properties = _dict(request.inputs), _dict(request.properties)
        read = self._request(request.type, request.urn, old_properties, request.id)
        with rejections(context):
            self._authorize(read, "read")
        existing = read.existing()
        if existing is None:
            return provider_pb2.ReadResponse()
        properties = self._current(existing, old_properties)
        inputs = {
            # An unchanged input stays as it is in the state, where it may contain a marked secret.
            key: old if properties.get(key) == plain(old) else properties.get(key)
            for key, old in old_inputs.items()
        }
        return provider_pb2.ReadResponse(id=request.id, properties=_struct(properties), inputs=_struct(inputs))

    def _current(self, existing: Object, known: Properties) -> Properties:
        """The properties as the provider reads them. What it does not read, and secrets, are those of Pulumi's state.

        The store has only REDACTED for a secret.
        """
        resource_type = self._cloud.types[existing.kind]
        unreadable = {key for key in resource_type.failure.unreadable if key in known}
        return {
            key: known.get(key) if value == REDACTED or key in unreadable else value
            for key, value in {**existing.properties, **dict.fromkeys(unreadable)}.items()
            if key not in resource_type.internal
        }

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self._resource_type(request.type, context)
        with rejections(context):
            delete = self._request(request.type, request.urn, _dict(request.properties), request.id)
            self._authorize(delete, "delete")
            self._cloud.delete(delete)
            if error := self._faults.interruption(request.urn, "delete"):
                raise RejectedError(error)
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> Any:
        if request.tok not in self._invokes:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, not_simulated(request.tok))
        with rejections(context):
            invoke = self._request(request.tok, "", _dict(request.args))
            self._authorize(invoke, "read")
            result = self._invokes[request.tok](invoke)
        return provider_pb2.InvokeResponse(**cast(Any, {"return": _struct(result)}))

    def _authorize(self, request: Request, operation: Operation, old: Properties | None = None) -> None:
        """Raises RejectedError if AWS refuses the request before it looks at it."""
        failure = self._cloud.types[request.token].failure if request.token in self._cloud.types else Failure()
        if error := self._faults.refusal(request.token, request.urn, operation, failure):
            raise RejectedError(error)
        if self._caller:
            self._caller.check(request, operation, old)

    def _resource_type(self, token: str, context: grpc.ServicerContext) -> ResourceType:
        if token not in self._cloud.types:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, not_simulated(token))
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


def _dict(struct: struct_pb2.Struct) -> Properties:
    return json_format.MessageToDict(struct)


def _struct(properties: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct
