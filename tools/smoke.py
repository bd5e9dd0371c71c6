"""`make smoke URL=…`: checks that a deployed gateway is healthy and, with HOLD=65, keeps event streams open.

Checks the gateway's health and that of each service that it calls. HOLD is the number of seconds to keep an event
stream open; the default idle timeouts are a minute or less. GREEN=1 tests the new tasks of a deployment that waits for
approval; where none waits, there may be none to answer: 503. Exits with 0 if all checks pass, with 1 otherwise.
Uses the standard library only, so that a deployment workflow can run it without installing packages.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

STREAM_TIMEOUT = 40
"""Seconds without data before a stream counts as closed. The gateway pings every 30."""
GREEN = {"x-amzn-ecs-blue-green-test": "true"}
"""The header of a request to the new tasks: components/traffic_shift.py."""
TIMEOUT = 10
"""Seconds for any other response."""


class SmokeError(Exception):
    """A failed check."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make smoke", description=__doc__)
    parser.add_argument("url", help="URL of the gateway, such as https://api.marginalia.sh")
    parser.add_argument(
        "--hold",
        type=_seconds,
        default=0,
        help="seconds to keep a stream open; 65 exceeds the idle timeout of a load balancer, 60, and the request"
        " timeout of Service Connect, 15 (default: 0, no stream)",
    )
    parser.add_argument("--green", action="store_true", help="test the new tasks of a deployment, before its traffic")
    options = parser.parse_args(arguments)
    headers = GREEN if options.green else {}
    try:
        gateway = Gateway(_checked(options.url).rstrip("/"), headers)
        check(gateway, hold=options.hold, report=lambda line: print(line, flush=True))
    except SmokeError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    return 0


@dataclass(frozen=True)
class Gateway:
    url: str
    headers: Mapping[str, str]
    """Of each request."""

    def open(self, path: str, timeout: float) -> Any:
        request = urllib.request.Request(self.url + path, headers=dict(self.headers))
        return urllib.request.urlopen(request, timeout=timeout)


def check(gateway: Gateway, *, hold: float, report: Callable[[str], object]) -> None:
    """Raises SmokeError for the first check that fails."""
    url = gateway.url
    _get(gateway, "/healthz")
    report(f"{url}/healthz: healthy")
    for callee, status in sorted(_callees(gateway).items()):
        if status != "SERVING":
            raise SmokeError(f"{url}/: {callee} is {status}, not SERVING")
        report(f"{url}/: {callee} is SERVING")
    if hold:
        _hold(gateway, "/sse", hold, report)


def _seconds(text: str) -> float:
    """Parses a number of seconds; neither negative nor infinite."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"HOLD is {text!r}: not a number of seconds, such as 65")
    return seconds


def _callees(gateway: Gateway) -> Mapping[str, str]:
    body = _get(gateway, "/", accepted=(200, 503))
    try:
        return dict(json.loads(body)["services"])
    except (ValueError, KeyError, TypeError):
        raise SmokeError(f"{gateway.url}/: unexpected response {body[:80]!r}. Is it the URL of the gateway?") from None


def _hold(gateway: Gateway, path: str, seconds: float, report: Callable[[str], object]) -> None:
    url = gateway.url + path
    start = time.monotonic()
    pings = 0
    try:
        with gateway.open(path, STREAM_TIMEOUT) as stream:
            lasted = 0.0
            while lasted < seconds:
                line = stream.readline()
                lasted = time.monotonic() - start
                if not line:
                    raise SmokeError(f"{url}: the stream was closed after {lasted:.0f} s")
                if line.startswith(b"event: ping"):
                    pings += 1
                    report(f"{url}: ping {pings} after {lasted:.0f} of {seconds:.0f} s")
    except OSError as error:
        raise SmokeError(f"{url}: {_reason(error)} after {time.monotonic() - start:.0f} s") from None
    report(f"{url}: kept open for {seconds:.0f} s")


def _get(gateway: Gateway, path: str, accepted: tuple[int, ...] = (200,)) -> str:
    url = gateway.url + path
    try:
        with gateway.open(path, TIMEOUT) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        if error.code in accepted:
            return error.read().decode()
        raise SmokeError(f"{url}: {error.code} {error.reason}") from None
    except OSError as error:
        raise SmokeError(f"{url}: {_reason(error)}") from None


def _checked(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise SmokeError(f"URL is {url!r}: not an http or https URL, such as https://api.marginalia.sh")
    return url


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
