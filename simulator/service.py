"""Answers the engine in place of Pulumi Cloud while it updates a stack: appends each step to the stack's journal.

The engine sends its steps to this backend alone; on the file backend it writes its whole state at each step.
The requests: https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/backend/httpstate/client/client.go
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

from simulator.http_service import Handler, Server, running
from simulator.locks import Holder
from simulator.state import State

ORGANIZATION = "organization"
"""The one of all stacks on the file backend."""
USER = {"githubLogin": ORGANIZATION, "name": ORGANIZATION, "organizations": [{"githubLogin": ORGANIZATION}]}
STACK = r"/api/stacks/[^/]+/(?P<project>[^/]+)/(?P<stack>[^/]+)"
UPDATE = rf"{STACK}/(update|refresh|destroy)"


@contextmanager
def serving(host: str, state: State, engine: Callable[[], Holder]) -> Generator[dict[str, str]]:
    """Serves the backend of one stack on a free port. Yields the engine's environment variables for it.

    `engine` returns the engine that begins an update.
    """
    server = _Server((host, 0), _Service)
    server.state, server.engine = state, engine
    with running(server) as url:
        yield {
            "PULUMI_BACKEND_URL": url,
            "PULUMI_ACCESS_TOKEN": "simulated",
            # Milliseconds. The engine waits until a step is recorded, except for resources that it leaves unchanged.
            "PULUMI_JOURNALING_BATCH_PERIOD": "10",
        }


class _Server(Server):
    state: State
    engine: Callable[[], Holder]


class _Service(Handler):
    protocol_version = "HTTP/1.1"
    # An answer is one packet, sent at once: otherwise the engine waits 40 ms for each step.
    disable_nagle_algorithm = True
    wbufsize = -1

    def respond(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = gzip.decompress(sent) if self.headers.get("Content-Encoding") == "gzip" else sent
        answer = self._answer(f"{self.command} {self.path.partition('?')[0]}", body)
        found = answer is not None
        text = json.dumps(answer if found else {"code": 404, "message": "not simulated"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = respond  # noqa: N815 - http.server finds them by name

    def _answer(self, request: str, body: bytes) -> dict[str, Any] | None:
        """The answer to a request; None if there is no such resource."""
        server = cast(_Server, self.server)
        state = server.state
        if request == "GET /api/user":
            return USER
        if found := re.fullmatch(f"GET {STACK}", request):
            names = {"orgName": ORGANIZATION, "projectName": found["project"], "stackName": found["stack"]}
            return {"id": found["stack"], "version": 1, "activeUpdate": "", **names}
        if re.fullmatch(f"GET {STACK}/export", request):
            return state.export()
        if re.fullmatch(f"POST {UPDATE}", request):
            return {"updateID": "1"}
        if re.fullmatch(f"POST {UPDATE}/1", request):
            state.begin(server.engine())
            return {"version": 1, "token": "simulated", "journalVersion": 1}
        if re.fullmatch(f"PATCH {UPDATE}/1/journalentries", request):
            state.append(body)
            return {}
        if re.fullmatch(f"POST {UPDATE}/1/complete", request):
            state.complete()
            return {}
        if re.fullmatch(f"POST {UPDATE}/1/renew_lease", request):
            return {"token": "simulated"}
        return {} if re.fullmatch(f"POST {UPDATE}/1/events/batch", request) else None
