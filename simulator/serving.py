"""Serves the providers of the simulated cloud to the engine."""

from __future__ import annotations

import socket
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc

from config.problems import UserError
from simulator.caller import Caller
from simulator.cloud import Cloud
from simulator.provider import Invokes, Provider
from simulator.sdk import provider_pb2_grpc

LOOPBACK = "127.0.0.1"
THREADS = 4
"""Per server. More are slower: the threads share one interpreter with the program."""
OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]


@contextmanager
def serving(
    cloud: Cloud, invokes: Invokes, packages: Mapping[str, str], caller: Caller | None = None
) -> Generator[str]:
    """Serves the packages' providers on 127.0.0.1. Yields the value of PULUMI_DEBUG_PROVIDERS for the engine.

    Requests under way are carried out before it ends.

    A package's value is the problem with which its Configure fails; empty if there is none.
    """
    _check_loopback()
    executors = {package: ThreadPoolExecutor(THREADS) for package in packages}
    servers = {package: grpc.server(executor, options=OPTIONS) for package, executor in executors.items()}
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
        for executor in executors.values():  # requests of an engine that was killed are still carried out
            executor.shutdown(cancel_futures=True)


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
