"""Checks of a request by its path and headers alone: where from, whose key, and which route."""

from __future__ import annotations

import time

from starlette.types import Scope

from ..access import Caller, Keyring, RateLimiter
from ..errors import HTTPError
from ..routes import PROBES, Route
from ..scheduling.admission import Admission
from ..settings import Settings
from .headers import Headers, check_body, check_path, check_repeated
from .origins import OriginPolicy

__all__ = ["EntryChecks"]

_BEARER = "send the header Authorization: Bearer KEY"
_BASIC = ", or the key as the password of basic authentication"


class EntryChecks:
    """The checks of one server, in the order in which the edge makes them."""

    def __init__(
        self,
        settings: Settings,
        *,
        keyring: Keyring,
        rate_limiter: RateLimiter,
        admission: Admission,
    ) -> None:
        self._origins = OriginPolicy(settings, keyed=keyring.required)
        self._keyring = keyring
        self._ways = _BEARER + (_BASIC if settings.label_studio else "")
        self._rate_limiter = rate_limiter
        self._admission = admission

    def check_origin(self, scope: Scope, headers: Headers, *, template: str) -> None:
        """Check that path and headers are well formed, and that the request may come from there.

        Raises:
            HTTPError: 400 or 403.
        """
        check_path(scope["path"])
        check_repeated(scope["headers"])
        self._origins.check(scope, headers, probe=template in PROBES)

    def identify(self, headers: Headers) -> Caller:
        """Find the caller whose key the request shows.

        Raises:
            HTTPError: 401, it shows none that is valid.
        """
        caller = self._keyring.caller(headers.get(b"authorization", b""))
        if caller is None:
            raise HTTPError(
                "unauthorized",
                f"key: it is missing, wrong or expired; {self._ways}",
                headers={"WWW-Authenticate": "Bearer"},
                close=True,
            )
        return caller

    def check_caller(self, caller: Caller, route: Route | None) -> None:
        """Check that a caller may use a route, and count the request against the key's rate limit.

        Raises:
            HTTPError: 403, the key lacks the route's scope; 429, its minute is used up.
        """
        if route is not None and not caller.may(route.key_scope):
            raise HTTPError("forbidden", f"key: it lacks the scope {route.key_scope}", close=True)
        if caller.requests_per_minute is not None:
            wait_s = self._rate_limiter.take_request(caller, time.monotonic())
            if wait_s > 0:
                raise self._admission.refuse_rate(wait_s)

    def check_route(self, route: Route | None, method: str, headers: Headers) -> Route:
        """Check that something is served there, by this method and with such a body.

        Raises:
            HTTPError: 400, 404, 405 or 415.
        """
        if route is None:
            raise HTTPError(
                "not_found",
                "path: nothing is served here; GET /openapi.json lists every route",
                close=True,
            )
        if method not in route.methods:
            allowed = ", ".join(route.methods)
            raise HTTPError(
                "method_not_allowed",
                f"method: this route takes {allowed}",
                headers={"Allow": allowed},
                close=True,
            )
        check_body(method, headers)
        return route
