"""``burnish serve``: the service under uvicorn, with the deadlines that only a server can set."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from burnish.errors import UsageError

from .edge import Edge
from .logs import configure_logs
from .native_output import withheld_native_output
from .origins import is_loopback
from .protocol import DeadlineProtocol
from .settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["Tls", "serve"]

_KEEP_ALIVE_S = 30
_DRAIN_S = 10  # what is being answered at SIGTERM may finish
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate chain and its key, PEM files."""

    certificate: Path
    key: Path


def serve(
    settings: Settings, *, host: str = "127.0.0.1", port: int = 8000, tls: Tls | None = None
) -> None:
    """Serve bundles until SIGTERM or SIGINT; then finish what is being answered and return.

    When the models are loaded, one line on stderr tells the address. SIGHUP has bundles and keys
    looked at again, and the audit log reopened.

    Args:
        settings: which bundles, and for whom.
        host: the address to listen on.
        port: the port; 0 for any that is free.
        tls: serve HTTPS.

    Raises:
        UsageError: ``host`` is open to other machines without keys and TLS, or cannot be bound.
        BundleError: a bundle is damaged; nothing was served from it.
        AccessError: the key file or the audit log cannot be used.
    """
    keyed = settings.api_key is not None or settings.keys is not None
    _check_exposure(host, guarded=settings.behind_proxy or (keyed and tls is not None))
    with _held_hangup() as hangup, _bind(host, port) as listener, withheld_native_output():
        configure_logs()
        from .app import service  # bentoml takes a second to import: usage errors come first

        service.settings = settings
        app = service.to_asgi()
        url = _url(listener, secure=tls is not None)
        loaded = service.registry.loaded
        server = _Server(
            _uvicorn_config(app, settings, tls),
            loaded=loaded,
            ready=lambda: _announce(url),
            reload=service.reload,
            hangup=hangup,
        )
        with _own_signals(server):
            server.run(sockets=[listener])
    if server.failed and (error := loaded.exception()) is not None:
        raise error


class _Server(uvicorn.Server):
    """Says when the models are loaded, ends when one of them cannot be, and follows SIGHUP."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        loaded: Future[None],
        ready: Callable[[], None],
        reload: Callable[[], None],
        hangup: threading.Event,
    ) -> None:
        super().__init__(config)
        self._loaded = loaded
        self._ready = ready
        self._reload = reload
        self._hangup = hangup
        self.failed = False
        """Whether a bundle could not be loaded; one that a signal interrupts has not failed."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen before the models are loaded: probes are answered meanwhile."""
        await super().startup(sockets)
        loop = asyncio.get_running_loop()

        def settle(_: Future[None]) -> None:
            with suppress(RuntimeError):  # the server has ended meanwhile
                loop.call_soon_threadsafe(self._settle)

        self._loaded.add_done_callback(settle)
        if threading.current_thread() is threading.main_thread():
            loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        if self.should_exit and not self.lifespan.should_exit:
            # Told to stop already: uvicorn would end here and leave out its shutdown.
            self.should_exit = False
            loop.call_soon(setattr, self, "should_exit", True)

    def _hang_up(self) -> None:
        self._reload()
        if not self._loaded.done():  # some of it may have been read before it was changed
            self._hangup.set()

    def _settle(self) -> None:
        if self._loaded.exception() is None:
            # What is loaded stays: a full collection over it would hold up answers.
            gc.collect()
            gc.freeze()
            self._ready()
            if self._hangup.is_set():
                self._reload()
        else:
            self.failed = not self.should_exit
            self.should_exit = True


def _uvicorn_config(app: ASGIApp, settings: Settings, tls: Tls | None) -> uvicorn.Config:
    # Without log_config uvicorn sets no handlers, and so no access log: it would hold paths.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
    secure: dict[str, Any] = {}
    if tls is not None:
        secure = {"ssl_certfile": str(tls.certificate), "ssl_keyfile": str(tls.key)}
    own = {
        "header_timeout_s": settings.header_timeout_s,
        "turn_away": staticmethod(app.turn_away) if isinstance(app, Edge) else None,
    }
    protocol = type("Protocol", (DeadlineProtocol,), own)
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
        **secure,
    )


def _check_exposure(host: str, *, guarded: bool) -> None:
    if is_loopback(host) or guarded:
        return
    raise UsageError(
        f"{host} is open to other machines, which takes keys and TLS",
        "give both, or say that a proxy terminates TLS (--behind-proxy), or listen on 127.0.0.1",
    )


@contextmanager
def _bind(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left open asyncio does not turn Nagle's algorithm off: 40 ms a reply.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"{host}:{port} cannot be listened on: {error.strerror}",
                "choose another port; 0 takes any that is free",
            ) from error
        yield listener


def _url(listener: socket.socket, *, secure: bool) -> str:
    host, port = listener.getsockname()[:2]
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _announce(url: str) -> None:
    print(f"burnish serves on {url}", file=sys.stderr, flush=True)


@contextmanager
def _held_hangup() -> Iterator[threading.Event]:
    """Take SIGHUP before the server follows it, and after it has ended; whether one has come."""
    came = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = signal.signal(signal.SIGHUP, lambda *_: came.set())
    try:
        yield came
    finally:
        signal.signal(signal.SIGHUP, before)


@contextmanager
def _own_signals(server: uvicorn.Server) -> Iterator[None]:
    """Stop signals before uvicorn follows them, and after.

    It raises a caught signal again after its shutdown: ending is then our caller's.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
