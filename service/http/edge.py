"""The outermost ASGI layer: it checks each request, and writes down how each one ends.

Whoever starts the server, a request that passes this layer has a path and a method that are
served, comes from where it may, has shown a key where one is needed, and has a JSON body within
the limit that was read to its end. Every response leaves through here: it has an ``X-Request-ID``,
and every error has the same shape.

A request is *checked* by its path and headers (`EntryChecks`), then *read*, *answered* by the
handlers, *recorded* (its line in the audit log, and the metrics), and *sent*, in this order. An
error at any stage leads to recorded at once. The one step that skips ahead is `reject_early`: while
a queue is full, a request whose body has arrived is checked and refused without an asyncio task. If
it is not refused then, the exchange is put into the scope's extensions, and `run` takes it up after
its checks. A client that leaves is recorded (499), and nothing is sent. An address that tries many
keys gets its refusal late, after it has been recorded.

Three things are forbidden. A request is never checked twice: its key's rate limit and its address
would be charged twice, so what the checks decided is kept (`_admitted`, `_refused`). No response is
sent before its line is in the audit log: an answer that cannot be recorded becomes 503. And no
failure of a request passes this layer, not even one that is not an `Exception`: the server's own
log of it could quote a user's text.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from ..access import LOCAL, Caller, Keyring, RateLimiter, Strangers, Verdict
from ..errors import ErrorType, HTTPError, stopping
from ..logs import log_failure
from ..metrics import Metrics
from ..request_context import OnDisconnect, RequestContext, Response
from ..routes import KEYLESS_ROUTES, Route, find_route
from ..scheduling.admission import Admission
from ..scheduling.inference import ClientGoneError
from ..settings import Settings
from ..trail import AuditTrail, Outcome, unaudited
from .bodies import BodyReader
from .doorman import Doorman
from .entry_checks import EntryChecks
from .extensions import BODY_READY, ON_DISCONNECT, SEND_RAW, SendRaw
from .handlers import Handlers
from .headers import Headers, parse_deadline_header, request_id
from .raw_response import raw_error, raw_success
from .wire import RawResponse

__all__ = ["Edge"]

_LEFT = 499
"""The status, in metrics and audit log, of a request whose client left; nginx's number for it."""
_EXCHANGE = "burnish.exchange"
"""The key in a scope's extensions of an exchange whose path and headers have been checked."""


class Edge:
    """The application that a server runs. It serves requests itself, and wraps one that starts."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        handlers: Handlers,
        settings: Settings,
        admission: Admission,
        keyring: Keyring,
        rate_limiter: RateLimiter,
        metrics: Metrics,
        trail: AuditTrail | None = None,
    ) -> None:
        self._app = app
        self._handlers = handlers
        self._settings = settings
        self._admission = admission
        self._metrics = metrics
        self._trail = trail or AuditTrail(
            None, input_hmac=None, strangers=Strangers(), metrics=metrics
        )
        self._doorman = Doorman(self._trail.strangers, settings)
        self._checks = EntryChecks(
            settings, keyring=keyring, rate_limiter=rate_limiter, admission=admission
        )
        self._bodies = BodyReader(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            begun: _Exchange | None = scope.get("extensions", {}).pop(_EXCHANGE, None)
            await (begun or _Exchange(self, scope)).run(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def reject_early(self, scope: Scope) -> RawResponse | None:
        """Refuse a request whose body has arrived, if the queue is full for its caller.

        It costs a third of the ordinary way, so that a flood is cheap to shed. None: the request
        must be served in the ordinary way.
        """
        if not self._admission.refusing or scope["method"] != "POST":
            return None
        exchange = _Exchange(self, scope)
        scope["extensions"][_EXCHANGE] = exchange
        return exchange.reject_early()

    def refuse(self, scope: Scope, refusal: HTTPError) -> RawResponse:
        """Answer bytes that are not a request. The scope holds the client alone."""
        nothing: Scope = {"method": "", "path": "", "headers": []}
        return _Exchange(self, {**nothing, **scope}).refuse(refusal)


class _Exchange:
    """One request and its reply."""

    _receive: Receive
    _send: Send

    def __init__(self, edge: Edge, scope: Scope) -> None:
        self._edge = edge
        self._scope = scope
        self._admitted: Route | None = None
        self._begin_s = time.monotonic()
        self._headers: Headers = dict(scope["headers"])
        self._request_id = request_id(self._headers)
        self._route = find_route(scope["path"], label_studio=edge._settings.label_studio)
        self._caller: Caller | None = None
        self._body = b""
        self._watch: asyncio.Task[None] | None = None
        self._verdict: Verdict | None = None
        self._refused: HTTPError | None = None

    def refuse(self, refusal: HTTPError) -> RawResponse:
        """Record bytes that are not a request. They show no key: their address is charged."""
        return self._error(self._judged(refusal))

    def reject_early(self) -> RawResponse | None:
        """Check the request, and refuse it if the queue is full for its caller. None: `run` it."""
        try:
            self._admitted = self._admit()
            parse_deadline_header(self._headers)
            self._edge._handlers.check_room(self._admitted, self._scope["path"], self._key)
        except HTTPError as refusal:
            if self._verdict is None or not self._verdict.limited:
                return self._error(refusal)
            self._refused = refusal  # it is answered late, which takes a task
        except BaseException as error:  # noqa: BLE001  as in `_reply`
            return self._error(self._failure(error))
        return None

    async def run(self, receive: Receive, send: Send) -> None:
        """Serve the request."""
        self._receive, self._send = receive, send
        try:
            raw = await self._reply()
            if raw is not None:
                if self._verdict is not None and self._verdict.limited:
                    await self._edge._doorman.be_late()
                await self._send_raw(raw)
        finally:
            if self._watch is not None:
                self._watch.cancel()

    async def _reply(self) -> RawResponse | None:
        """Answer and record the request. None: its client has left."""
        try:
            return self._success(await self._answer())
        except HTTPError as refusal:
            return self._error(refusal)
        except ClientGoneError:
            self._audit(_LEFT)
            self._count(_LEFT)
            return None
        except asyncio.CancelledError:  # a stopping server cancels what outlasts its drain
            return self._error(stopping())
        except GeneratorExit:
            raise
        # A panic in a tokenizer is not an Exception. Nothing may reach a layer that would log it.
        except BaseException as error:  # noqa: BLE001
            return self._error(self._failure(error))

    async def _answer(self) -> Response:
        route = self._admitted or self._admit()
        if route.template == "/readyz":
            self._edge._trail.check_ready()
        if self._scope["method"] != "POST":
            return await self._edge._handlers.answer(self._context(route))
        client_deadline_ms = parse_deadline_header(self._headers)
        bodies = self._edge._bodies
        held = bodies.hold(self._headers)
        self._edge._metrics.in_flight.inc()
        try:
            self._body = await self._read()
            held = bodies.settle(held, len(self._body))
            return await self._edge._handlers.answer(self._context(route, client_deadline_ms))
        finally:
            self._edge._metrics.in_flight.dec()
            bodies.release(held)

    async def _read(self) -> bytes:
        bodies = self._edge._bodies
        arrived = self._scope.get("extensions", {}).get(BODY_READY)
        body = arrived() if arrived is not None else None
        return bodies.check(body) if body is not None else await bodies.read(self._receive)

    def _context(self, route: Route, client_deadline_ms: float | None = None) -> RequestContext:
        limit_s = self._edge._settings.request_timeout_s
        if client_deadline_ms is not None:
            limit_s = min(limit_s, client_deadline_ms / 1e3)
        return RequestContext(
            route=route,
            method=self._scope["method"],
            path=self._scope["path"],
            body=self._body,
            caller=self._key,
            deadline_s=self._begin_s + limit_s,
            client_deadline_ms=client_deadline_ms,
            on_disconnect=self._on_disconnect(),
        )

    def _failure(self, error: BaseException) -> HTTPError:
        log_failure(error, self._request_id)
        return HTTPError("internal", "the server failed; its log has the request's ID")

    @property
    def _key(self) -> Caller:
        return self._caller or LOCAL

    def _on_disconnect(self) -> OnDisconnect:
        """How to learn that the client leaves: from our connection, or from ASGI's message."""
        extension: OnDisconnect | None = self._scope.get("extensions", {}).get(ON_DISCONNECT)
        if extension is not None:
            return extension

        def watch(leave: Callable[[], None]) -> None:
            async def wait() -> None:
                while (await self._receive())["type"] != "http.disconnect":
                    pass
                leave()

            self._watch = asyncio.create_task(wait())

        return watch

    def _admit(self) -> Route:
        if self._refused is not None:
            raise self._refused
        try:
            return self._check()
        except HTTPError as refusal:
            known = self._caller is not None and self._caller is not LOCAL
            raise (refusal if known else self._judged(refusal)) from None

    def _judged(self, refusal: HTTPError) -> HTTPError:
        self._verdict, judged = self._edge._doorman.judge(self._scope, self._headers, refusal)
        return judged

    def _check(self) -> Route:
        checks, headers, route = self._edge._checks, self._headers, self._route
        checks.check_origin(self._scope, headers, template=self._template)
        if self._template not in KEYLESS_ROUTES:
            self._caller = checks.identify(headers)
            checks.check_caller(self._caller, route)
        return checks.check_route(route, self._scope["method"], headers)

    def _success(self, response: Response) -> RawResponse:
        """Record an answer."""
        if not self._audit(200, response=response):
            return self._refusal(unaudited(close=False))
        self._count(200)
        return raw_success(response, request_id=self._request_id)

    def _error(self, refusal: HTTPError) -> RawResponse:
        """Record an error."""
        if not self._audit(refusal.status, refusal.error_type):
            refusal = unaudited(close=refusal.close)
        return self._refusal(refusal)

    def _refusal(self, refusal: HTTPError) -> RawResponse:
        self._count(refusal.status, refusal.error_type)
        return raw_error(refusal, request_id=self._request_id)

    async def _send_raw(self, raw: RawResponse) -> None:
        send_raw: SendRaw | None = self._scope.get("extensions", {}).get(SEND_RAW)
        if send_raw is not None:
            send_raw(*raw)
            return
        status, headers, body = raw
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    @property
    def _template(self) -> str:
        return self._route.template if self._route else "none"

    def _count(self, status: int, error_type: ErrorType | None = None) -> None:
        seconds = time.monotonic() - self._begin_s
        self._edge._metrics.replied(self._template, status, error_type or "", seconds=seconds)

    def _audit(
        self, status: int, error_type: ErrorType | None = None, *, response: Response | None = None
    ) -> bool:
        """Write the request's line into the audit log. Returns whether its answer may be sent."""
        return self._edge._trail.write(
            Outcome(
                request_id=self._request_id,
                route=self._template,
                status=status,
                error_type=error_type,
                caller=self._caller,
                body=self._body,
                response=response,
                verdict=self._verdict,
                ms=1e3 * (time.monotonic() - self._begin_s),
            )
        )
