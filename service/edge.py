"""The outermost ASGI layer: everything that is decided about a request before its content counts.

Whoever starts the server, a request that gets past this layer has a path and a method that are
served, comes from where it may, has shown the key where one is set, and has a JSON body of at
most 1 MiB that is read to its end. Every reply leaves through here: it carries an
``X-Request-ID``, and every error the one envelope.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import time
import traceback
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics
from .origins import OriginPolicy
from .refusals import RefusalError, envelope
from .routes import OPEN_ROUTES, Route, find_route
from .settings import Settings

__all__ = ["Edge"]

logger = logging.getLogger("burnish.service")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{1,64}")
_JSON = re.compile(rb"application/json[ \t]*(;[ \t]*charset=\"?utf-8\"?[ \t]*)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRAINED_BYTES = 8  # times the limit: what is still read of a body that is too large

Headers = dict[bytes, bytes]


class Edge:
    """Wraps a server's ASGI application."""

    def __init__(self, app: ASGIApp, *, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._origins = OriginPolicy(settings)
        self._key = _digest(settings.api_key.encode("ascii")) if settings.api_key else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._exchange(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        begin = time.perf_counter()
        headers: Headers = dict(scope["headers"])
        reply = _Reply(send, _request_id(headers))
        route = find_route(scope["path"])
        try:
            self._admit(scope, headers, route)
            if scope["method"] == "POST":
                receive = _replay(await self._body(receive, headers))
            await self._app(scope, receive, reply.send)
        except RefusalError as refusal:
            await reply.refuse(refusal)
        except asyncio.CancelledError:  # what the server does to whatever outlasts its drain
            await reply.refuse(
                RefusalError(
                    "not_ready",
                    "the server is stopping, ask again",
                    headers={"Retry-After": "1"},
                    close=True,
                )
            )
        except Exception as error:  # noqa: BLE001  nothing may pass to a layer that would log it
            _log_fault(error, reply.request_id)
            await reply.refuse(
                RefusalError("internal", "the server failed; its log has the request's ID")
            )
        finally:
            template = route.template if route else "none"
            seconds = time.perf_counter() - begin
            self._metrics.replied(template, reply.status, seconds=seconds)

    def _admit(self, scope: Scope, headers: Headers, route: Route | None) -> None:
        if _CONTROL.search(scope["path"]):
            raise RefusalError("malformed", "path: it holds a control character", close=True)
        probe = route is not None and route.template in OPEN_ROUTES
        self._origins.check(scope, headers, probe=probe)
        if self._key is not None and not probe:
            self._check_key(headers)
        if route is None:
            raise RefusalError(
                "not_found",
                "path: nothing is served here; GET /openapi.json lists every route",
                close=True,
            )
        if scope["method"] not in route.methods:
            allowed = ", ".join(route.methods)
            raise RefusalError(
                "method_not_allowed",
                f"method: this route takes {allowed}",
                headers={"Allow": allowed},
                close=True,
            )
        _check_body_headers(scope["method"], headers)

    def _check_key(self, headers: Headers) -> None:
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        right = hmac.compare_digest(_digest(key.strip()), self._key or b"")
        if scheme.lower() != b"bearer" or not right:
            raise RefusalError(
                "unauthorized",
                "key: it is missing or wrong; send the header Authorization: Bearer KEY",
                headers={"WWW-Authenticate": "Bearer"},
                close=True,
            )

    async def _body(self, receive: Receive, headers: Headers) -> bytes:
        limit = self._settings.max_body_bytes
        declared = headers.get(b"content-length", b"0")
        if b"expect" in headers and declared.isdigit() and int(declared[:20]) > limit:
            raise _too_large(limit)  # the client has not begun to send it
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):
                return await _read(receive, limit)
        except TimeoutError:
            raise RefusalError(
                "timeout",
                f"body: it did not arrive in {self._settings.body_timeout_s:g} seconds",
                close=True,
            ) from None


class _Reply:
    """Sends one reply, an error's only where nothing has been sent."""

    def __init__(self, send: Send, request_id: bytes) -> None:
        self._send = send
        self._started = False
        self.request_id = request_id
        self.status = 499  # until a reply begins: the client has left

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self.request_id),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
            ]
        await self._send(message)

    async def refuse(self, refusal: RefusalError) -> None:
        if self._started:
            return
        body = envelope(refusal.error_type, refusal.message)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode("ascii")),
            *((k.lower().encode("ascii"), v.encode("ascii")) for k, v in refusal.headers.items()),
        ]
        if refusal.close:
            headers.append((b"connection", b"close"))
        start = {"type": "http.response.start", "status": refusal.status, "headers": headers}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _check_body_headers(method: str, headers: Headers) -> None:
    if method != "POST":
        if b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0":
            raise RefusalError("malformed", f"body: a {method} request has none", close=True)
    elif not _JSON.fullmatch(headers.get(b"content-type", b"")):
        raise RefusalError(
            "unsupported_media_type",
            "content-type: this route takes application/json in UTF-8",
            close=True,
        )
    elif headers.get(b"content-encoding", b"identity") != b"identity":
        raise RefusalError(
            "unsupported_media_type", "content-encoding: send the body as it is", close=True
        )


async def _read(receive: Receive, limit: int) -> bytes:
    """Read a body.

    One that is too large is still taken off the wire for a while: a client that is busy sending
    would otherwise see its connection break and not the reply.
    """
    parts: list[bytes] = []
    size = 0
    more = True
    while more and size <= limit * _DRAINED_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusalError("malformed", "body: the client left before its end", close=True)
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            parts.clear()
        else:
            parts.append(part)
        more = message.get("more_body", False)
    if size > limit:
        raise _too_large(limit)
    return b"".join(parts)


def _too_large(limit: int) -> RefusalError:
    return RefusalError(
        "too_large", f"body: it has more than {limit} bytes, send fewer texts a request", close=True
    )


def _replay(body: bytes) -> Receive:
    waiting: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": body, "more_body": False}
    ]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    return receive


def _request_id(headers: Headers) -> bytes:
    given = headers.get(b"x-request-id", b"")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8).encode("ascii")


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


def _log_fault(error: Exception, request_id: bytes) -> None:
    """Type and place alone: an exception's message may quote a text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    logger.error(
        "request %s failed: %s at %s", request_id.decode("ascii"), type(error).__name__, place
    )
