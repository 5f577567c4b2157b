"""The BentoML service: BentoML's application and life cycle, our routes, and the edge around all.

``bentoml serve .`` and ``bentoml build`` find it as ``service.app:service``; ``python -m service``
serves it without BentoML's process manager.
"""

from __future__ import annotations

import logging
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

os.environ["BENTOML_DO_NOT_TRACK"] = "True"  # read when bentoml is imported, the next line

import bentoml
import uvicorn.config
from starlette.types import ASGIApp

from .access import AccessError, AuditLog, InputHmac, Keyring, RateLimiter, Strangers
from .control_socket import close_control_socket
from .http.connection_class import connection_class
from .http.edge import Edge
from .http.handlers import Handlers
from .metrics import Metrics
from .models import Registry
from .scheduling.admission import Admission
from .scheduling.inference import Inference
from .scheduling.memory_budget import MemoryBudget
from .settings import Settings
from .trail import AuditTrail

__all__ = ["Burnish", "EdgeService", "service"]

logger = logging.getLogger("burnish.service")

_BUNDLES = Path(__file__).resolve().parent.parent / "bundles"
_SWITCH_INTERVAL_S = 0.0005
"""How long a thread keeps the interpreter while another waits. A worker that has computed a window
waits for it: with Python's 5 ms, a busy event loop leaves processors idle. Chosen: a tenth."""


class EdgeService(bentoml.Service[Any]):  # type: ignore[misc]
    """A BentoML service whose application answers our routes alone, behind the edge."""

    settings: Settings | None = None
    """Set before `to_asgi`; read from the environment where None."""
    registry: Registry
    keyring: Keyring
    audit: AuditLog | None
    trail: AuditTrail
    inference: Inference
    _turn = threading.Lock()
    _reloading = _again = False

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """The application that a server runs, whoever starts it.

        BentoML's own routes are never reached: its pages load scripts from elsewhere, its
        middlewares cost more than a small model, and its errors have several shapes.
        """
        settings = self.settings or Settings.from_environment(os.environ, default=_BUNDLES)
        _harden()
        metrics, rate_limiter, strangers = Metrics(), RateLimiter(), Strangers()
        admission = Admission(budget_ms=settings.queue_ms)
        self.registry = Registry(settings)
        self.keyring = Keyring(settings.keys, api_key=settings.api_key, basic=settings.label_studio)
        self.audit = _audit_log(settings)
        self.inference = Inference(
            admission=admission,
            memory=MemoryBudget(settings.max_memory_bytes),
            rate_limiter=rate_limiter,
            metrics=metrics,
            timeout_s=settings.request_timeout_s,
        )
        self.trail = AuditTrail(
            self.audit, input_hmac=_input_hmac(settings), strangers=strangers, metrics=metrics
        )
        metrics.watch(
            self.registry,
            admission.rejected,
            keyring=self.keyring,
            audit=self.audit,
            strangers=strangers,
        )
        edge = Edge(
            super().to_asgi(is_main=is_main),
            handlers=Handlers(
                self.registry,
                inference=self.inference,
                metrics=metrics,
                keyed=self.keyring.required,
                label_studio=settings.label_studio,
            ),
            settings=settings,
            admission=admission,
            keyring=self.keyring,
            rate_limiter=rate_limiter,
            metrics=metrics,
            trail=self.trail,
        )
        if self.settings is None:  # BentoML starts uvicorn, which asks this table
            protocols: dict[str, Any] = uvicorn.config.HTTP_PROTOCOLS
            protocols["auto"] = connection_class(edge, settings)
        return edge

    def reload(self) -> None:
        """Look at bundles and keys again, and reopen the audit log; from the event loop.

        What waits for the disk is done aside, and once for all who ask while it is being done.
        """
        self.keyring.reload()
        with self._turn:
            self._again = True
            if self._reloading:
                return
            self._reloading = True
        threading.Thread(target=self._reload_aside, name="burnish-reload", daemon=True).start()

    def _reload_aside(self) -> None:
        while self._is_wanted_again():
            if self.audit is not None:
                try:
                    self.audit.reopen()
                except AccessError as error:
                    logger.warning("%s", error.message)
            self.registry.reload()

    def _is_wanted_again(self) -> bool:
        with self._turn:
            self._reloading, self._again = self._again, False
            return self._reloading


class Burnish:
    """Labelled text in, a verified model behind HTTP out."""

    def __init__(self) -> None:
        service.registry.start()
        if service.settings is None:  # started by BentoML: a damaged bundle must end the start
            service.registry.loaded.result()

    @bentoml.on_deployment  # type: ignore[untyped-decorator]
    @staticmethod
    def protect() -> None:
        """Close the control socket: ``bentoml serve`` calls this before it opens one."""
        close_control_socket()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def close(self) -> None:
        """End the worker threads, and bring the audit log to the disk."""
        service.registry.close()
        service.inference.close()
        service.trail.close()
        if service.audit is not None:
            service.audit.close()


def _harden() -> None:
    """No core dumps: they would hold texts. And workers get the interpreter back soon."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    sys.setswitchinterval(_SWITCH_INTERVAL_S)


def _audit_log(settings: Settings) -> AuditLog | None:
    if settings.audit is None:
        return None
    return AuditLog(settings.audit, on_error=settings.audit_on_error)


def _input_hmac(settings: Settings) -> InputHmac | None:
    if settings.audit_hmac_key is None:
        return None
    return InputHmac.from_file(settings.audit_hmac_key)


service: EdgeService = bentoml.service(
    name="burnish",
    service_class=EdgeService,
    workers=1,
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)(Burnish)
