"""``burnish serve``: the service under uvicorn, with the deadlines that only a server can set."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from burnish.errors import UsageError

from .http.connection_class import connection_class
from .http.listener import Limits, Listener, limits_here
from .http.origins import is_loopback
from .logs import configure_logs
from .models.served import ServedModel
from .native_output import withheld_native_output
from .settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["Tls", "serve"]

_KEEP_ALIVE_S = 30
"""How long a connection without a request stays open. Chosen."""
_DRAIN_S = 10
"""How long requests may still be answered after SIGTERM. Chosen: within the 30 s that
Kubernetes waits before it kills."""
_LOADED_S = 60.0
"""How long a stop waits for bundles that are being loaded. Chosen."""
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
        KeyboardInterrupt: SIGINT ended it, after what was being answered.
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
            listening=listener,
            limits=limits_here(behind_proxy=settings.behind_proxy),
            loaded=loaded,
            ready=lambda: _announce(url, service.registry.models),
            reload=service.reload,
            hangup=hangup,
        )
        with _own_signals(server) as caught:
            server.run(sockets=[])
            # A process that ends while a graph is being read is aborted.
            concurrent.futures.wait([loaded], timeout=_LOADED_S)
    if signal.SIGINT in caught:
        raise KeyboardInterrupt
    if server.failed and (error := loaded.exception()) is not None:
        raise error


class _Server(uvicorn.Server):
    """Says when the models are loaded, ends when one of them cannot be, and follows SIGHUP."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        listening: socket.socket,
        limits: Limits,
        loaded: Future[None],
        ready: Callable[[], None],
        reload: Callable[[], None],
        hangup: threading.Event,
    ) -> None:
        super().__init__(config)
        self._listening = listening
        self._limits = limits
        self._loaded = loaded
        self._ready = ready
        self._reload = reload
        self._hangup = hangup
        self.failed = False
        """Whether a bundle could not be loaded; one that a signal interrupts has not failed."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen before the models are loaded: probes are answered meanwhile."""
        await super().startup(sockets)
        self._listen()
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

    def _listen(self) -> None:
        """With a listener of our own: uvicorn's takes any number, and has no handshake deadline."""
        make: Any = self.config.http_protocol_class
        listener = Listener(
            self._listening,
            lambda: make(self.config, self.server_state, self.lifespan.state),
            limits=self._limits,
            tls=self.config.ssl,
            handshake_timeout_s=make.header_timeout_s,
        )
        listener.start()
        servers: list[Any] = self.servers
        servers.append(listener)

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
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=connection_class(app, settings),
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
        f"{host} can be reached from other machines, which needs keys and TLS",
        "give both, or use --behind-proxy if a proxy terminates TLS, or listen on 127.0.0.1",
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
                "choose another port; 0 is any free one",
            ) from error
        yield listener


def _url(listener: socket.socket, *, secure: bool) -> str:
    host, port = listener.getsockname()[:2]
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _announce(url: str, models: Iterable[ServedModel]) -> None:
    """Print the address, on the first line alone, then every model and where the page is."""
    lines = [f"burnish serves on {url}"]
    for served in models:
        version = f", version {served.version}" if served.version else ""
        lines.append(f"  {served.name}: {served.task}{version}")
    lines.append(f"  a page to try them on: {url}/")
    print("\n".join(lines), file=sys.stderr, flush=True)


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
def _own_signals(server: uvicorn.Server) -> Iterator[list[int]]:
    """Stop signals before uvicorn follows them, and after; those that came.

    It raises a caught signal again after its shutdown: ending is then our caller's.
    """
    caught: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield caught
        return

    def stop(number: int, _: object) -> None:
        caught.append(number)
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
