"""`make smoke URL=…`: checks that a deployed gateway is healthy and keeps event streams open.

Checks the gateway's health and that of each service that it calls, then keeps an event stream open for more than a
minute, which exceeds the default idle timeouts. Exits with 0 if all checks pass, with 1 otherwise.
Uses the standard library only, so that a deployment workflow can run it without installing packages.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

HOLD = 65
"""Seconds. Default timeouts: 60 idle at a load balancer, 15 per request in Service Connect."""
STREAM_TIMEOUT = 40
"""Seconds without data before a stream counts as closed. The gateway pings every 30."""
TIMEOUT = 10
"""Seconds for any other response."""


class SmokeError(Exception):
    """A failed check."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make smoke", description=__doc__)
    parser.add_argument("url", help="URL of the gateway, such as https://api.marginalia.sh")
    parser.add_argument("--hold", type=float, default=HOLD, help=f"seconds to keep a stream open (default: {HOLD})")
    options = parser.parse_args(arguments)
    try:
        check(options.url.rstrip("/"), hold=options.hold, report=lambda line: print(line, flush=True))
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
    _hold(f"{url}/sse", hold, report)


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
        raise SmokeError(f"{url!r} is not an http or https URL")
    return url


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
