"""`make smoke URL=…`: whether a deployed gateway is well, and lets a stream live.

Asks for its own health, for that of each service that it calls, and holds an event stream open for longer than a
minute: longer than the idle timeouts that would cut it. Exit code 0 when all of it holds, 1 with what does not.
The standard library alone: a deployment runs it beside its role, with nothing installed for it.
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
"""Seconds: a load balancer's default idle timeout is 60, and Service Connect cuts a request at 15."""
SILENCE = 40
"""Seconds without a byte after which a stream is taken for dead: it pings every 30."""
TIMEOUT = 10
"""Seconds for any other answer."""


class SmokeError(Exception):
    """What is not well."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make smoke", description=__doc__)
    parser.add_argument("url", help="of the gateway, such as https://api.marginalia.sh")
    parser.add_argument("--hold", type=float, default=HOLD, help=f"seconds to hold a stream open (default: {HOLD})")
    options = parser.parse_args(arguments)
    try:
        check(options.url.rstrip("/"), hold=options.hold, say=lambda line: print(line, flush=True))
    except SmokeError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    return 0


def check(url: str, *, hold: float, say: Callable[[str], object]) -> None:
    """Raises SmokeError at the first thing that is not well."""
    _get(f"{url}/healthz")
    say(f"{url}/healthz: healthy")
    for callee, status in sorted(_callees(url).items()):
        if status != "SERVING":
            raise SmokeError(f"{url}/: {callee} is {status}, not SERVING")
        say(f"{url}/: {callee} is serving")
    _hold(f"{url}/sse", hold, say)


def _callees(url: str) -> Mapping[str, str]:
    body = _get(f"{url}/", accepted=(200, 503))
    try:
        return dict(json.loads(body)["services"])
    except (ValueError, KeyError, TypeError):
        raise SmokeError(f"{url}/: not the health of the services that it calls: {body[:80]!r}") from None


def _hold(url: str, seconds: float, say: Callable[[str], object]) -> None:
    start = time.monotonic()
    pings = 0
    try:
        with urllib.request.urlopen(_checked(url), timeout=SILENCE) as stream:
            lasted = 0.0
            while lasted < seconds:
                line = stream.readline()
                lasted = time.monotonic() - start
                if not line:
                    raise SmokeError(f"{url}: the stream was cut after {lasted:.0f} s")
                if line.startswith(b"event: ping"):
                    pings += 1
                    say(f"{url}: ping {pings} after {lasted:.0f} of {seconds:.0f} s")
    except OSError as error:
        raise SmokeError(f"{url}: {_reason(error)} after {time.monotonic() - start:.0f} s") from None
    say(f"{url}: held open for {seconds:.0f} s")


def _get(url: str, accepted: tuple[int, ...] = (200,)) -> str:
    try:
        with urllib.request.urlopen(_checked(url), timeout=TIMEOUT) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        if error.code in accepted:
            return error.read().decode()
        raise SmokeError(f"{url}: {error.code} {error.reason}") from None
    except OSError as error:
        raise SmokeError(f"{url}: {_reason(error)}") from None


def _checked(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise SmokeError(f"{url!r} is no http or https address")
    return url


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
