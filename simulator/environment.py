"""The environment of the Pulumi engine, of its plugins and of the program: what is listed here, and nothing else.

A variable of the caller would change the result, such as PULUMI_STACK or AWS_REGION; make the state unreadable, as
PULUMI_DIY_BACKEND_GZIP does; or send a call on 127.0.0.1 to a proxy, as `http_proxy` does with gRPC.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager

KEPT = frozenset(
    {
        *("HOME", "LOGNAME", "PATH", "TERM", "TMPDIR", "TZ", "USER"),
        *("LANG", "LC_ALL", "LC_CTYPE"),
        *("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
        *(
            "DYLD_LIBRARY_PATH",
            "LD_LIBRARY_PATH",
            "NIX_LD",
            "NIX_LD_LIBRARY_PATH",
        ),  # some Pythons start only with these
    }
)
BUILD = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
        *("GOCACHE", "GOMODCACHE", "GOPATH", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOPROXY", "GOSUMDB"),
        *("SSL_CERT_DIR", "SSL_CERT_FILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
    }
)
"""Where a build with Go finds and stores packages. No variable that changes the executable, such as GOOS or GOFLAGS."""


def kept(environment: Mapping[str, str], more: frozenset[str] = frozenset()) -> dict[str, str]:
    """The listed variables of the environment. PATH always has a value."""
    found = {name: value for name, value in environment.items() if name in KEPT or name in more}
    return {"PATH": os.defpath, **found}


@contextmanager
def isolated() -> Generator[None]:
    """Removes all other variables from this process: the program, the Pulumi SDK and gRPC read them here."""
    before = dict(os.environ)
    _replace(kept(before))
    try:
        yield
    finally:
        _replace(before)


def _replace(wanted: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
