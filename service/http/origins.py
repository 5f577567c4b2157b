"""Where a request may come from: against DNS rebinding, foreign pages and open networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.types import Scope

from ..access import network_of
from ..errors import HTTPError
from ..settings import Settings

__all__ = ["OriginPolicy", "client_network", "is_loopback"]


class OriginPolicy:
    """The rules about ``Host``, ``Origin`` and the network that a request arrived on.

    A page that rebinds its own name to this machine sends that name as ``Host``; a name that is
    neither localhost nor one of ours is therefore refused. An IP address cannot be rebound. A page
    may ask where its ``Origin`` is the ``Host`` that it asks, or the public URL: many proxies send
    a ``Host`` of their own.
    """

    def __init__(self, settings: Settings, *, keyed: bool) -> None:
        self._any_host = "*" in settings.allowed_hosts
        self._hosts = {"localhost", *(host.lower() for host in settings.allowed_hosts)}
        self._public = settings.public_origin
        if self._public is not None:
            self._hosts.add(_name(_site(self._public)))
        self._has_key = keyed
        self._behind_proxy = settings.behind_proxy

    def check(self, scope: Scope, headers: Mapping[bytes, bytes], *, probe: bool) -> None:
        """Refuse a request that may not come in.

        Raises:
            HTTPError: 403.
        """
        host = headers.get(b"host", b"").decode("latin-1")
        if not (self._any_host or _name(host) in self._hosts or _is_address(host)):
            raise HTTPError(
                "forbidden",
                "host: this server has another name; start it with --public-url or --allowed-host",
                close=True,
            )
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        if b"origin" in headers and _site(origin) != host.lower() and origin != self._public:
            raise HTTPError(
                "forbidden",
                "origin: pages of other sites may not use this server; behind a proxy, let it "
                "pass the Host header, or start the server with --public-url",
                close=True,
            )
        if not probe:
            self._check_network(scope)

    def _check_network(self, scope: Mapping[str, Any]) -> None:
        server = scope.get("server")
        if self._behind_proxy or server is None or server[1] is None or is_loopback(server[0]):
            return
        if not self._has_key or scope.get("scheme") != "https":
            raise HTTPError(
                "forbidden",
                "network: from another machine this server answers only with an API key and "
                "over TLS, or behind a proxy that terminates it",
                close=True,
            )


def client_network(
    scope: Mapping[str, Any], headers: Mapping[bytes, bytes], *, behind_proxy: bool
) -> str:
    """Where a request comes from: an IPv4 address, or the /64 of an IPv6 one; empty: unknown.

    Behind a proxy that is the last address of ``X-Forwarded-For``, which the proxy has added;
    those before it are the client's own words.
    """
    if behind_proxy:
        last = headers.get(b"x-forwarded-for", b"").rpartition(b",")[2].decode("latin-1").strip()
        if network := network_of(_without_port(last)):
            return network
    client = scope.get("client")
    return network_of(client[0]) if client else ""


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


@lru_cache(maxsize=256)
def is_loopback(address: str) -> bool:
    """Whether an address, or the name localhost, stands for this machine alone."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _is_address(host: str) -> bool:
    """Whether a ``Host`` header is an IP address. Not cached: a caller writes it, however long."""
    try:
        ipaddress.ip_address(_name(host).strip("[]"))
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    """A ``Host`` header without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _site(origin: str) -> str:
    """An ``Origin`` header without its scheme; empty for ``null``."""
    return origin.lower().partition("://")[2]
