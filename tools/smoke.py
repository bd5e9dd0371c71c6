"""`make smoke URL=…`: checks that a deployed gateway is healthy and, with HOLD=65, keeps event streams open.

Checks the gateway's health and that of each service that it calls. HOLD is the number of seconds to keep an event
stream open; the default idle timeouts are a minute or less. Exits with 0 if all checks pass, with 1 otherwise.
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

STREAM_TIMEOUT = 40
"""Seconds without data before a stream counts as closed. The gateway pings every 30."""
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
    options = parser.parse_args(arguments)
    try:
        check(_checked(options.url).rstrip("/"), hold=options.hold, report=lambda line: print(line, flush=True))
    except SmokeError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    return 0


def check(url: str, *, hold: float, report: Callable[[str], object]) -> None:
    """Raises SmokeError for the first check that fails."""
    _get(f"{url}/healthz")
    report(f"{url}/healthz: healthy")
    for callee, status in sorted(_callees(url).items()):
        if status != "SERVING":
            raise SmokeError(f"{url}/: {callee} is {status}, not SERVING")
        report(f"{url}/: {callee} is SERVING")
    if hold:
        _hold(f"{url}/sse", hold, report)


def _seconds(text: str) -> float:
    """Parses a number of seconds; neither negative nor infinite."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"HOLD is {text!r}: not a number of seconds, such as 65")
    return seconds


def _callees(url: str) -> Mapping[str, str]:
    body = _get(f"{url}/", accepted=(200, 503))
    try:
        return dict(json.loads(body)["services"])
    except (ValueError, KeyError, TypeError):
        raise SmokeError(f"{url}/: unexpected response {body[:80]!r}. Is it the URL of the gateway?") from None


def _hold(url: str, seconds: float, report: Callable[[str], object]) -> None:
    start = time.monotonic()
    pings = 0
    try:
        with urllib.request.urlopen(_checked(url), timeout=STREAM_TIMEOUT) as stream:
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


def _get(url: str, accepted: tuple[int, ...] = (200,)) -> str:
    try:
        with urllib.request.urlopen(_checked(url), timeout=TIMEOUT) as response:
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
