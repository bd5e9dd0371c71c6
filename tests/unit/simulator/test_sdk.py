"""The contract with the internals of Pulumi's Python SDK that simulator/sdk*.py and tests/declared.py use.

When an upgrade breaks a test, its ID names the internal that the SDK removed or changed.
"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from contextvars import copy_context
from pathlib import Path
from pkgutil import resolve_name
from textwrap import dedent
from typing import Any, cast

import grpc
import pytest
from pulumi import automation as auto

from simulator import sdk
from simulator.provider import Provider
from tests.declared import ROOT

NAMES = (
    "pulumi._utils:is_empty_function",
    "pulumi.automation._server:LanguageServer.Run",
    "pulumi.automation._stack:StackInitMode.CREATE",
    "pulumi.automation._stack:StackInitMode.SELECT",
    "pulumi.runtime._grpc_settings:_GRPC_CHANNEL_OPTIONS",
    "pulumi.runtime.config:set_all_config",
    "pulumi.runtime.mocks:MockCallArgs",
    "pulumi.runtime.mocks:MockEngine",
    "pulumi.runtime.mocks:MockMonitor.RegisterResource",
    "pulumi.runtime.mocks:MockMonitor.RegisterResourceOutputs",
    "pulumi.runtime.mocks:MockResourceArgs",
    "pulumi.runtime.mocks:MockSettings",
    "pulumi.runtime.mocks:Mocks.call",
    "pulumi.runtime.mocks:Mocks.new_resource",
    "pulumi.runtime.proto.plugin_pb2:PluginInfo",
    "pulumi.runtime.proto.provider_pb2:DiffResponse.DIFF_NONE",
    "pulumi.runtime.proto.provider_pb2:DiffResponse.DIFF_SOME",
    "pulumi.runtime.proto.provider_pb2_grpc:add_ResourceProviderServicer_to_server",
    "pulumi.runtime.proto.provider_pb2_grpc:ResourceProviderServicer",
    "pulumi.runtime.proto.resource_pb2:RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS",
    "pulumi.runtime.proto.source_pb2:StackTrace",
    "pulumi.runtime.proto.status_pb2:Status",
    "pulumi._types:get_type_hints",
    "pulumi.output:Unknown",
    "pulumi.runtime.resource:_get_stack_trace",
    "pulumi.runtime.resource:create_urn",
    "pulumi.runtime.rpc:contains_unknowns",
    "pulumi.runtime.settings:ROOT.set",
    "pulumi.runtime.settings:SETTINGS.monitor",
    "pulumi.runtime.settings:SETTINGS.outputs",
    "pulumi.runtime.settings:SETTINGS.rpc_manager.rpcs",
    "pulumi.runtime.settings:configure",
    "pulumi.runtime.settings:get_project",
    "pulumi.runtime.settings:get_stack",
    "pulumi.runtime.stack:run_in_stack",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_has_the_internal(name: str) -> None:
    resolve_name(name)


@pytest.mark.parametrize(
    ("constant", "name"),
    [
        (sdk.UNKNOWN, "pulumi.runtime.rpc:UNKNOWN"),
        (sdk.SIGNATURE, "pulumi.runtime.rpc:_special_sig_key"),
        (sdk.SECRET, "pulumi.runtime.rpc:_special_secret_sig"),
    ],
    ids=["UNKNOWN", "SIGNATURE", "SECRET"],
)
def test_the_constant_has_the_value_of_the_sdk(constant: str, name: str) -> None:
    assert constant == resolve_name(name)


FIELDS = {
    "plugin_pb2:PluginInfo": "version",
    "provider_pb2:CheckRequest": "name news olds randomSeed type",
    "provider_pb2:CheckResponse": "inputs",
    "provider_pb2:ConfigureRequest": "args",
    "provider_pb2:ConfigureResponse": "acceptSecrets supportsPreview",
    "provider_pb2:CreateRequest": "preview properties type urn",
    "provider_pb2:CreateResponse": "id properties",
    "provider_pb2:DeleteRequest": "id properties type urn",
    "provider_pb2:DiffRequest": "news old_inputs type",
    "provider_pb2:DiffResponse": "changes deleteBeforeReplace diffs replaces stables",
    "provider_pb2:ErrorResourceInitFailed": "id inputs properties reasons",
    "provider_pb2:InvokeRequest": "args tok",
    "provider_pb2:InvokeResponse": "return",
    "provider_pb2:ProviderHandshakeResponse": "accept_secrets",
    "provider_pb2:ReadRequest": "id inputs properties type urn",
    "provider_pb2:ReadResponse": "id inputs properties",
    "provider_pb2:UpdateRequest": "id news olds preview type urn",
    "provider_pb2:UpdateResponse": "properties",
    "resource_pb2:RegisterResourceOutputsRequest": "outputs urn",
    "resource_pb2:RegisterResourceRequest": "dependencies name object parent propertyDependencies stackTrace type",
    "resource_pb2:RegisterResourceRequest.PropertyDependencies": "urns",
    "resource_pb2:RegisterResourceResponse": "id urn",
    "status_pb2:Status": "code details message",
}


@pytest.mark.parametrize(("message", "field"), [(name, field) for name in FIELDS for field in FIELDS[name].split()])
def test_the_message_has_the_field(message: str, field: str) -> None:
    assert field in resolve_name(f"pulumi.runtime.proto.{message}").DESCRIPTOR.fields_by_name


def test_every_rpc_of_the_provider_is_one_of_the_protocol() -> None:
    servicer: Any = resolve_name("pulumi.runtime.proto.provider_pb2_grpc:ResourceProviderServicer")
    assert {name for name in vars(Provider) if name[:1].isupper()} <= set(dir(servicer))


@pytest.mark.parametrize(
    ("override", "original"),
    [
        ("simulator.sdk:_Stack.info", "pulumi.automation:Stack.info"),
        ("simulator.sdk:_Stack.outputs", "pulumi.automation:Stack.outputs"),
        ("simulator.sdk:Workspace.select_stack", "pulumi.automation:LocalWorkspace.select_stack"),
        ("tests.declared:_Monitor.RegisterResource", "pulumi.runtime.mocks:MockMonitor.RegisterResource"),
        ("tests.declared:_Monitor.RegisterResourceOutputs", "pulumi.runtime.mocks:MockMonitor.RegisterResourceOutputs"),
        ("tests.declared:_Mocks.call", "pulumi.runtime.mocks:Mocks.call"),
        ("tests.declared:_Mocks.new_resource", "pulumi.runtime.mocks:Mocks.new_resource"),
    ],
)
def test_the_override_has_the_parameters_of_the_original(override: str, original: str) -> None:
    assert parameters(override) == parameters(original)


def parameters(name: str) -> list[str]:
    return list(inspect.signature(resolve_name(name)).parameters)


@pytest.mark.parametrize(
    ("name", "arguments", "keywords"),
    [
        ("pulumi.automation:LocalWorkspace", 0, "work_dir program pulumi_command pulumi_home env_vars"),
        ("pulumi.automation:PulumiCommand.run", 4, ""),
        ("pulumi.automation:Stack", 3, ""),
        ("pulumi.automation:Stack.select", 2, ""),
        ("pulumi.automation:UpdateSummary", 0, "kind start_time message environment config result"),
        ("pulumi.runtime.config:set_all_config", 1, ""),
        ("pulumi.runtime.mocks:MockCallArgs", 0, "token args provider"),
        ("pulumi.runtime.mocks:MockEngine", 1, ""),
        ("pulumi.runtime.mocks:MockMonitor", 1, ""),
        ("pulumi.runtime.mocks:MockResourceArgs", 0, "typ name inputs"),
        ("pulumi.runtime.settings:configure", 1, ""),
        ("pulumi.runtime.stack:run_in_stack", 1, ""),
    ],
)
def test_the_function_accepts_the_arguments(name: str, arguments: int, keywords: str) -> None:
    inspect.signature(resolve_name(name)).bind(*[None] * arguments, **dict.fromkeys(keywords.split()))


def test_a_command_of_the_sdk_has_the_attributes_command_and_version_only() -> None:
    """`sdk.command` sets these two and does not call the SDK's __init__, which runs the CLI."""
    [function] = ast.parse(dedent(inspect.getsource(auto.PulumiCommand.__init__))).body
    targets = [target for each in ast.walk(function) if isinstance(each, ast.Assign) for target in each.targets]
    assert {each.attr for each in targets if isinstance(each, ast.Attribute)} == {"command", "version"}


SETTINGS = {
    *("base_providers_by_ref", "callbacks", "dry_run", "engine", "monitor", "monitor_features"),
    *("organization", "outputs", "package_refs", "project", "stack"),
}
"""The settings that tests/declared.py passes to MockSettings."""
OTHER_SETTINGS = {"legacy_apply_enabled", "lock", "parallel", "root_directory", "rpc_manager"}
"""The settings that MockSettings sets itself, or that a program on mocks does not read."""


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_the_mock_settings_keep_the_setting(name: str) -> None:
    mock_settings: Any = resolve_name("pulumi.runtime.mocks:MockSettings")
    value = object()

    def kept() -> bool:
        return getattr(mock_settings(**{name: value}), name) is value

    assert copy_context().run(kept)  # a setting is a context variable, which a later test in this process would see


def test_the_sdk_has_no_setting_that_tests_declared_does_not_know() -> None:
    settings = cast(type, resolve_name("pulumi.runtime.settings:Settings"))
    members: dict[str, object] = dict(vars(settings))
    names = {name for name, value in members.items() if type(value) is type(members["monitor"])}
    assert names == SETTINGS | OTHER_SETTINGS


PACKAGES = ("bootstrap", "components", "config", "ecs", "image", "ops", "policy", "review", "simulator", "tools")
PUBLIC = "pulumi.runtime.is_dry_run"


def internals(source: str) -> set[str]:
    """The dotted names of the internals of Pulumi's SDK that Python code imports or accesses."""
    tree = ast.parse(source)
    aliases = dict(_imports(tree))
    names = {*aliases.values(), *(_dotted(each, aliases) for each in ast.walk(tree) if isinstance(each, ast.Attribute))}
    return {
        name for name in names if f"{name}.".startswith(("pulumi.runtime.", "pulumi.automation._")) and name != PUBLIC
    }


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each imported name and the dotted name of the module or attribute."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import):
            for each in statement.names:
                yield each.asname or each.name, each.name
        elif isinstance(statement, ast.ImportFrom):
            for each in statement.names:
                yield each.asname or each.name, f"{statement.module}.{each.name}"


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, aliases)}.{node.attr}"
    return aliases.get(node.id, node.id) if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pulumi.runtime.settings", {"pulumi.runtime.settings"}),
        ("from pulumi.runtime.proto import engine_pb2", {"pulumi.runtime.proto.engine_pb2"}),
        ("from pulumi.automation._stack import StackInitMode", {"pulumi.automation._stack.StackInitMode"}),
        ("from pulumi import automation as auto\nauto._stack", {"pulumi.automation._stack"}),
        ("from pulumi import runtime", {"pulumi.runtime"}),
        ("from pulumi.runtime import is_dry_run\nfrom pulumi import automation as auto\nauto.Stack", set[str]()),
    ],
)
def test_an_internal_is_found_however_it_is_imported(source: str, found: set[str]) -> None:
    assert internals(source) == found


def files() -> list[Path]:
    return [*ROOT.glob("*.py"), *(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))]


def test_only_sdk_py_uses_internals_of_the_sdk() -> None:
    users = {file.relative_to(ROOT): internals(file.read_text()) for file in files()}
    assert {str(file) for file, names in users.items() if names} == {"simulator/sdk.py", "simulator/sdk_speed.py"}


@pytest.mark.parametrize("file", ["simulator/sdk.py", "simulator/sdk_speed.py", "tests/declared.py"])
def test_every_internal_that_is_imported_is_in_the_contract(file: str) -> None:
    imported = {name for _, name in _imports(ast.parse((ROOT / file).read_text()))}
    contract = [name.replace(":", ".") for name in NAMES]
    unlisted = {
        name
        for name in imported & internals((ROOT / file).read_text())
        if not any(f"{each}.".startswith(f"{name}.") for each in contract)
    }
    assert unlisted == set()


class _Answering(grpc.GenericRpcHandler):
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        return grpc.unary_unary_rpc_method_handler(_echo)


def _echo(request: bytes, _: grpc.ServicerContext) -> bytes:
    return request


def test_an_engine_is_reached_on_the_port_of_an_earlier_one() -> None:
    options = resolve_name("pulumi.runtime.settings:_GRPC_CHANNEL_OPTIONS")

    def engine(port: int) -> tuple[grpc.Server, int]:
        server = grpc.server(futures.ThreadPoolExecutor(1), handlers=[_Answering()])
        port = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        return server, port

    earlier, port = engine(0)
    lost = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
    earlier.stop(None).wait()
    with pytest.raises(grpc.RpcError):
        lost.unary_unary("/engine/call")(b"")
    later, _ = engine(port)
    reached = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
    assert reached.unary_unary("/engine/call")(b"answer") == b"answer", "the lost connection must not be shared"
    later.stop(None).wait()


def test_an_engine_that_was_killed_is_no_warning_of_the_sdk() -> None:
    code = (
        "from pulumi.automation._stack import _EventsServicer; from simulator import sdk\n"
        "def lost():\n    raise OSError\n    yield\n"
        "_EventsServicer(print).StreamEvents(lost(), None)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=True)
    assert run.stderr == ""
