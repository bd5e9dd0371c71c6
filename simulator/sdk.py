"""Uses internals of Pulumi's Python SDK, which an upgrade may change, as do only sdk_imports.py and sdk_speed.py.

All other files use the SDK's public names. tests/unit/simulator/test_sdk.py checks each internal by name; it also
covers the internals that tests/declared.py uses to run programs on the SDK's mocks.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import grpc
from pulumi import RunError
from pulumi import automation as auto
from pulumi.automation._server import LanguageServer
from pulumi.automation._stack import StackInitMode
from pulumi.runtime import _grpc_settings, settings
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from semver import VersionInfo

from ecs import types
from simulator import child, environment, sdk_speed

__all__ = [
    "LanguageServer",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "sdk_speed",
    "status_pb2",
]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The value of an output that is unknown during a preview."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key of the signature in a mapping that encodes a special value, such as a secret."""
SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""The signature of a secret."""
DEFAULTS = "__defaults"
"""The key under which the AWS provider lists the inputs that it generated."""
REPEATED = "an unhandled error occurred: "
"""The prefix with which the SDK reports an error a second time."""


def plain(value: Any) -> Any:
    """The value with all secrets in it unwrapped."""
    if isinstance(value, dict):
        mapping = cast(dict[str, Any], value)
        if mapping.get(SIGNATURE) == SECRET:
            return plain(mapping.get("value"))
        return {key: plain(each) for key, each in mapping.items()}
    return [plain(each) for each in cast(list[Any], value)] if isinstance(value, list) else value


def holds_secret(value: Any) -> bool:
    """Whether the value is a secret or contains one."""
    return plain(value) != value


def command(executable: str, version: VersionInfo) -> auto.PulumiCommand:
    """The command of a CLI whose version is known. The SDK's own class starts the CLI to read its version."""
    return _Command(executable, version)


def observed_command(command: auto.PulumiCommand, on_start: Callable[[int], object]) -> auto.PulumiCommand:
    """The same command. `on_start` receives the ID of each process that it starts."""
    return _Command(command.command, command.version, on_start)


class _Command(auto.PulumiCommand):
    def __init__(
        self, command: str, version: VersionInfo | None, on_start: Callable[[int], object] = lambda pid: None
    ) -> None:
        self.command = command
        self.version = version
        self._on_start = on_start

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: auto.OnOutput | None = None,
        on_error: auto.OnOutput | None = None,
    ) -> auto.CommandResult:
        """Runs as the SDK's own method does, but without the variables of the caller, and finishes when interrupted."""
        env = {**environment.kept(os.environ), **additional_env, "PULUMI_AUTOMATION_API": "true"}
        # The CLI finds its plugins in its own folder first.
        env["PATH"] = f"{Path(self.command).parent}{os.pathsep}{env['PATH']}"
        command = [self.command, "--non-interactive", *args]
        result = child.run(command, cwd=cwd, env=env, on_output=on_output, on_error=on_error, on_start=self._on_start)
        if result.code:
            raise auto.CommandError(result)
        return result


def stderr(error: auto.CommandError) -> str:
    """All that the CLI printed on stderr, on one line, without the word `error` before it."""
    return _line(_stderr(error).removeprefix("error: "))


def printed(error: auto.CommandError) -> str:
    """The error that the CLI printed on stderr, on one line; empty if it printed none, or warnings only."""
    found = re.search(r"^error: (.+)", _stderr(error), re.DOTALL | re.MULTILINE)
    return _line(found[1]) if found else ""


def _stderr(error: auto.CommandError) -> str:
    return str(error).rpartition("\n stderr: ")[2].strip()


def _line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


class Workspace(auto.LocalWorkspace):
    def select_stack(self, stack_name: str) -> None:
        """Does nothing, as each command names its stack. The SDK's own method takes a third of a second."""


def stack(name: str, workspace: Workspace, *, exists: bool) -> auto.Stack:
    """Selects the stack, or creates it if it does not exist."""
    return _Stack(name, workspace, StackInitMode.SELECT if exists else StackInitMode.CREATE)


class _Stack(auto.Stack):
    """Skips three CLI commands that the SDK runs after each operation; their results are not used here."""

    def outputs(self) -> auto.OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:
        return auto.UpdateSummary(kind="", start_time=datetime.min, message="", environment={}, config={}, result="")


def export(session: auto.Stack) -> str:
    """Exports the state as JSON with encrypted secrets; the SDK's own export decrypts them. Raises CommandError."""
    workspace = session.workspace
    home = {"PULUMI_HOME": workspace.pulumi_home} if workspace.pulumi_home else {}
    arguments = ["stack", "export", "--stack", session.name]
    return workspace.pulumi_command.run(arguments, workspace.work_dir, {**home, **workspace.env_vars}).stdout


def on_backend(name: str, root: Path) -> auto.Stack:
    """Selects the stack on the current backend.

    Raises FileNotFoundError when there is no CLI on PATH, and InvalidVersionError when it is too old.
    """
    return auto.Stack.select(name, Workspace(work_dir=str(root)))


class _EngineLeft(logging.Filter):
    """Drops the traceback of a program whose engine has ended before it, because of an interrupt or of an error."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], grpc.RpcError))


logging.getLogger("grpc._server").addFilter(_EngineLeft())
warnings.filterwarnings("ignore", "Error in event stream", UserWarning)  # likewise, of an engine that was killed

# gRPC shares connections by address with all channels of the process. An engine whose port an earlier one had would
# share that one's lost connection, and the program would end with "Resource monitor has terminated".
# https://grpc.github.io/grpc/core/group__grpc__arg__keys.html
#
# On loopback there is no bandwidth to probe. The engine closes a connection on which it counts too many pings, and
# probes are pings. Once in some thousand updates a connection to the engine was lost; that this is why is a guess.
cast(Any, _grpc_settings)._GRPC_CHANNEL_OPTIONS.extend(
    [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0)]
)


def _lost(convert: Callable[[grpc.RpcError], Exception]) -> Callable[[grpc.RpcError], Exception]:
    """The SDK's error for a failed request, which says how the engine was lost: the SDK's own is the same each time."""

    def error(failed: grpc.RpcError) -> Exception:
        found = convert(failed)
        return RunError(f"{found}: {cast(grpc.Call, failed).details()}") if isinstance(found, RunError) else found

    return error


settings.grpc_error_to_exception = cast(Any, import_module("pulumi.runtime.invoke")).grpc_error_to_exception = _lost(
    settings.grpc_error_to_exception
)


def observed(program: Callable[[], None], register: Callable[[Any], None]) -> Callable[[], Awaitable[None]]:
    """Wraps the program. `register` receives each RegisterResourceRequest before the engine does."""

    async def run() -> None:
        current = cast(Any, settings.SETTINGS)
        current.monitor = _Monitor(current.monitor, register)
        program()
        await settled()

    return run


def urn(parent: str, type: str, name: str) -> str:
    """The URN that the engine assigns. https://www.pulumi.com/docs/iac/concepts/resources/names/#urns"""
    prefix = f"urn:pulumi:{settings.get_stack()}::{settings.get_project()}::"
    parent_type = parent.removeprefix(prefix).split("::")[0] if parent else types.STACK
    return f"{prefix}{type if parent_type == types.STACK else f'{parent_type}${type}'}::{name}"


class _Monitor:
    """The resource monitor, with each RegisterResourceRequest passed to `register`."""

    def __init__(self, monitor: Any, register: Callable[[Any], None]) -> None:
        self._monitor = monitor
        self._register = register

    def RegisterResource(self, request: Any) -> Any:
        self._register(request)
        return self._monitor.RegisterResource(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)


async def settled() -> None:
    """Waits until all resources are registered. The SDK's own wait takes quadratic time in their number."""
    current = cast(Any, settings.SETTINGS)
    while pending := {task for task in (*current.outputs, *current.rpc_manager.rpcs) if not task.done()}:
        await asyncio.wait(pending)
