"""A full queue turns requests away before they have a task of their own."""

import asyncio
import json
import time
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from burnish.service.access import LOCAL
from burnish.service.http.protocol import Connection
from burnish.service.scheduling.admission import _Full

BODY = b'{"inputs": "a text"}'
HEAD = (
    b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None: ...


def talk(*parts: bytes) -> tuple[list[bytes], list[str]]:
    """What a connection is sent that turns everything away, and the paths an application saw."""
    seen: list[str] = []

    async def app(scope, receive, send) -> None:
        seen.append(scope["path"])

    async def run() -> list[bytes]:
        reject_early = staticmethod(lambda scope: (429, [(b"content-length", b"2")], b"no"))
        kind = type("Protocol", (Connection,), {"reject_early": reject_early})
        config = uvicorn.Config(app, http=kind, log_config=None)
        config.load()
        protocol = kind(config=config, server_state=ServerState(), app_state={})
        transport = Transport()
        protocol.connection_made(transport)
        for part in parts:
            protocol.data_received(part)
        sent = list(transport.sent)
        await asyncio.sleep(0.01)
        protocol.connection_lost(None)
        return sent

    return asyncio.run(run()), seen


def test_a_request_that_has_arrived_is_answered_at_once_and_the_connection_goes_on():
    sent, seen = talk(HEAD + BODY, HEAD + BODY)
    assert [part.split(b"\r\n")[0] for part in sent] == [b"HTTP/1.1 429 Too Many Requests"] * 2
    assert all(part.endswith(b"\r\n\r\nno") for part in sent)
    assert seen == []


def test_one_whose_body_is_still_to_come_is_served_in_the_ordinary_way():
    sent, seen = talk(HEAD, BODY)
    assert (sent, seen) == ([], ["/classify"])


@pytest.fixture
def edge(local):
    edge = local().app
    full = _Full("queue", "full; ask again after Retry-After", 2, time.monotonic() + 60)
    edge._admission._full[LOCAL.key_id] = full
    return edge


def scope(path: str = "/classify", method: str = "POST", **headers: str) -> dict[str, Any]:
    fields = {"host": "localhost", "content-type": "application/json"} | headers
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "extensions": {},
    }


def test_the_edge_refuses_what_comes_while_the_queue_is_full(edge):
    status, headers, body = edge.reject_early(scope())
    assert status == 429
    assert dict(headers)[b"retry-after"] == b"2"
    assert json.loads(body)["error_type"] == "overloaded"
    assert edge.reject_early(scope("/models/tiny-qa"))[0] == 429
    assert edge._admission.rejected == {"queue": 2}


def test_what_is_wrong_otherwise_is_told_all_the_same(edge):
    async def statuses() -> list[int]:
        wrong = [
            scope("/nowhere"),
            scope("/models/nobody"),
            scope(**{"content-type": "text/plain"}),
            scope(**{"x-burnish-deadline-ms": "soon"}),
            scope(host="elsewhere.example"),
        ]
        return [edge.reject_early(request)[0] for request in wrong]

    # In a loop, as when served: whoever is refused often is summed up after a while.
    assert asyncio.run(statuses()) == [404, 404, 415, 400, 403]


def test_what_needs_no_room_and_who_has_room_are_served(edge):
    assert edge.reject_early(scope("/livez", "GET")) is None
    edge._admission._full["another"] = edge._admission._full.pop(LOCAL.key_id)
    assert edge.reject_early(scope()) is None
