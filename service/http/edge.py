"""The outermost ASGI layer: everything that is decided about a request before its content counts.

Whoever starts the server, a request that gets past this layer has a path and a method that are
served, comes from where it may, has shown a key where one is needed, and has a JSON body of at
most 1 MiB that is read to its end. Every reply leaves through here: it carries an
``X-Request-ID``, every error the one envelope, and its line stands in the audit log before it goes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from ..access import LOCAL, Caller, Keyring, Rates, Strangers, Turn
from ..call import Call, Leaving, Reply
from ..errors import ErrorType, RefusalError, stopping
from ..logs import log_failure
from ..metrics import Metrics
from ..routes import KEYLESS_ROUTES, PROBES, Route, find_route
from ..scheduling.admission import Admission
from ..scheduling.inference import ClientGoneError
from ..settings import Settings
from ..trail import AuditTrail, Outcome, unaudited
from .bodies import BodyReader
from .doorman import Doorman
from .handlers import Handlers
from .headers import Headers, check_body, check_path, check_repeated, patience_of, request_id
from .origins import OriginPolicy
from .protocol import ARRIVED, LEAVING, REPLYING, Replying, Whole
from .raw_response import whole_refusal, whole_reply

__all__ = ["Edge"]

_LEFT = 499
"""The status, in metrics and audit log, of a request whose client left; nginx's number."""
_BEGUN = "burnish.begun"
"""Of a scope's extensions: the exchange, where its head has been judged already."""


class Edge:
    """The application that a server runs: the life cycle of another, our requests."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        handlers: Handlers,
        settings: Settings,
        admission: Admission,
        keyring: Keyring,
        rates: Rates,
        metrics: Metrics,
        trail: AuditTrail | None = None,
    ) -> None:
        self._app = app
        self._handlers = handlers
        self._settings = settings
        self._admission = admission
        self._keyring = keyring
        self._rates = rates
        self._metrics = metrics
        self._trail = trail or AuditTrail(None, seal=None, strangers=Strangers(), metrics=metrics)
        self._doorman = Doorman(self._trail.strangers, settings)
        self._origins = OriginPolicy(settings, keyed=keyring.required)
        self._bodies = BodyReader(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's life, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            begun: _Exchange | None = scope.get("extensions", {}).pop(_BEGUN, None)
            await (begun or _Exchange(self, scope)).run(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def turn_away(self, scope: Scope) -> Whole | None:
        """Refuse a request whose body has arrived, while the queue is full.

        A flood is turned away so, for a third of what the ordinary way costs. None: the request
        is to be served in the ordinary way.
        """
        if not self._admission.refusing or scope["method"] != "POST":
            return None
        exchange = _Exchange(self, scope)
        scope["extensions"][_BEGUN] = exchange
        return exchange.turn_away()

    def refuse(self, scope: Scope, refusal: RefusalError) -> Whole:
        """Refuse what is no request, of which the scope holds the client alone."""
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
        self._route = find_route(scope["path"])
        self._caller: Caller | None = None
        self._body = b""
        self._watch: asyncio.Task[None] | None = None
        self._turn: Turn | None = None
        self._refused: RefusalError | None = None

    def refuse(self, refusal: RefusalError) -> Whole:
        """The refusal of what is no request: nobody known sent it, so its address is counted."""
        return self._error(self._judged(refusal))

    def turn_away(self) -> Whole | None:
        """The refusal, where the queue is full for this caller; it is counted and audited."""
        try:
            self._admitted = self._admit()
            patience_of(self._headers)
            self._edge._handlers.check_room(self._admitted, self._scope["path"], self._key)
        except RefusalError as refusal:
            if self._turn is None or not self._turn.limited:
                return self._error(refusal)
            self._refused = refusal  # to be told late, which takes a task
        except BaseException as error:  # noqa: BLE001  as in `_reply`
            return self._error(self._failure(error))
        return None

    async def run(self, receive: Receive, send: Send) -> None:
        """Serve the request."""
        self._receive, self._send = receive, send
        try:
            whole = await self._reply()
            if whole is not None:
                if self._turn is not None and self._turn.limited:
                    await self._edge._doorman.be_late()
                await self._send_whole(whole)
        finally:
            if self._watch is not None:
                self._watch.cancel()

    async def _reply(self) -> Whole | None:
        """What to send; None where nobody is left to send it to."""
        try:
            return self._success(await self._answer())
        except RefusalError as refusal:
            return self._error(refusal)
        except ClientGoneError:
            self._audit(_LEFT)
            self._count(_LEFT)
            return None
        except asyncio.CancelledError:  # what the server does to whatever outlasts its drain
            return self._error(stopping())
        except GeneratorExit:
            raise
        # A tokenizer's panic is no Exception. Nothing may pass to a layer that would log it.
        except BaseException as error:  # noqa: BLE001
            return self._error(self._failure(error))

    async def _answer(self) -> Reply:
        route = self._admitted or self._admit()
        if route.template == "/readyz":
            self._edge._trail.check_ready()
        if self._scope["method"] != "POST":
            return await self._edge._handlers.answer(self._call(route))
        patience_ms = patience_of(self._headers)
        bodies = self._edge._bodies
        held = bodies.hold(self._headers)
        self._edge._metrics.in_flight.inc()
        try:
            self._body = await self._read()
            held = bodies.settle(held, len(self._body))
            return await self._edge._handlers.answer(self._call(route, patience_ms))
        finally:
            self._edge._metrics.in_flight.dec()
            bodies.release(held)

    async def _read(self) -> bytes:
        bodies = self._edge._bodies
        arrived = self._scope.get("extensions", {}).get(ARRIVED)
        body = arrived() if arrived is not None else None
        return bodies.check(body) if body is not None else await bodies.read(self._receive)

    def _call(self, route: Route, patience_ms: float | None = None) -> Call:
        limit_s = self._edge._settings.request_timeout_s
        if patience_ms is not None:
            limit_s = min(limit_s, patience_ms / 1e3)
        return Call(
            route=route,
            method=self._scope["method"],
            path=self._scope["path"],
            body=self._body,
            caller=self._key,
            deadline_s=self._begin_s + limit_s,
            patience_ms=patience_ms,
            leaving=self._leaving(),
        )

    def _failure(self, error: BaseException) -> RefusalError:
        log_failure(error, self._request_id)
        return RefusalError("internal", "the server failed; its log has the request's ID")

    @property
    def _key(self) -> Caller:
        return self._caller or LOCAL

    def _leaving(self) -> Leaving:
        """How to be told that the client leaves: by our protocol, else by waiting for it."""
        extension: Leaving | None = self._scope.get("extensions", {}).get(LEAVING)
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
            return self._judge()
        except RefusalError as refusal:
            known = self._caller is not None and self._caller is not LOCAL
            raise (refusal if known else self._judged(refusal)) from None

    def _judged(self, refusal: RefusalError) -> RefusalError:
        self._turn, judged = self._edge._doorman.judge(self._scope, self._headers, refusal)
        return judged

    def _judge(self) -> Route:
        scope, headers, route = self._scope, self._headers, self._route
        check_path(scope["path"])
        check_repeated(scope["headers"])
        template = self._template
        self._edge._origins.check(scope, headers, probe=template in PROBES)
        if template not in KEYLESS_ROUTES:
            self._identify(route)
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
        check_body(scope["method"], headers)
        return route

    def _identify(self, route: Route | None) -> None:
        edge = self._edge
        caller = edge._keyring.caller(self._headers.get(b"authorization", b""))
        if caller is None:
            raise RefusalError(
                "unauthorized",
                "key: it is missing, wrong or expired; send the header Authorization: Bearer KEY",
                headers={"WWW-Authenticate": "Bearer"},
                close=True,
            )
        self._caller = caller
        if route is not None and not caller.may(route.scope):
            raise RefusalError("forbidden", f"key: it lacks the scope {route.scope}", close=True)
        if caller.requests_per_minute is not None:
            wait_s = edge._rates.take_request(caller, time.monotonic())
            if wait_s > 0:
                raise edge._admission.refuse_rate(wait_s)

    def _success(self, reply: Reply) -> Whole:
        """The reply, audited and counted."""
        if not self._audit(200, reply=reply):
            return self._refusal(unaudited(close=False))
        self._count(200)
        return whole_reply(reply, request_id=self._request_id)

    def _error(self, refusal: RefusalError) -> Whole:
        """The refusal, audited and counted."""
        if not self._audit(refusal.status, refusal.error_type):
            refusal = unaudited(close=refusal.close)
        return self._refusal(refusal)

    def _refusal(self, refusal: RefusalError) -> Whole:
        self._count(refusal.status, refusal.error_type)
        return whole_refusal(refusal, request_id=self._request_id)

    async def _send_whole(self, whole: Whole) -> None:
        replying: Replying | None = self._scope.get("extensions", {}).get(REPLYING)
        if replying is not None:
            replying(*whole)
            return
        status, headers, body = whole
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    @property
    def _template(self) -> str:
        return self._route.template if self._route else "none"

    def _count(self, status: int, error_type: ErrorType | None = None) -> None:
        seconds = time.monotonic() - self._begin_s
        self._edge._metrics.replied(self._template, status, error_type or "", seconds=seconds)

    def _audit(
        self, status: int, error_type: ErrorType | None = None, *, reply: Reply | None = None
    ) -> bool:
        """Write the request's line; whether its answer may go out."""
        return self._edge._trail.write(
            Outcome(
                request_id=self._request_id,
                route=self._template,
                status=status,
                error_type=error_type,
                caller=self._caller,
                body=self._body,
                reply=reply,
                turn=self._turn,
                ms=1e3 * (time.monotonic() - self._begin_s),
            )
        )
