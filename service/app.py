"""The BentoML service: BentoML's application and life cycle, our routes, and the edge around all.

``bentoml serve .`` and ``bentoml build`` find it as ``service.app:service``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ["BENTOML_DO_NOT_TRACK"] = "True"  # read when bentoml is imported, the next line

import bentoml
from starlette.applications import Starlette
from starlette.types import ASGIApp

from .edge import Edge
from .handlers import Handlers
from .metrics import Metrics
from .registry import Registry
from .settings import Settings

__all__ = ["Burnish", "EdgeService", "service"]

_BUNDLES = Path(__file__).resolve().parent.parent / "bundles"


class EdgeService(bentoml.Service[Any]):  # type: ignore[misc]
    """A BentoML service whose application answers our routes alone, behind the edge."""

    settings: Settings | None = None
    """Set before `to_asgi`; read from the environment where None."""
    registry: Registry

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """The application that a server runs, whoever starts it."""
        settings = self.settings or Settings.from_environment(os.environ, default=_BUNDLES)
        metrics = Metrics()
        self.registry = Registry(settings)
        handlers = Handlers(self.registry, settings=settings, metrics=metrics)
        app: Starlette = super().to_asgi(is_main=is_main)
        # BentoML's own pages load scripts from elsewhere, its middlewares cost more than a small
        # model and its errors have several shapes: the edge does their work once.
        app.router.routes[:] = handlers.routes()
        app.middleware_stack = app.router
        return Edge(app, settings=settings, metrics=metrics)


class Burnish:
    """Labelled text in, a verified model behind HTTP out."""

    def __init__(self) -> None:
        service.registry.start()
        if service.settings is None:  # started by BentoML: a damaged bundle must end the start
            service.registry.loaded.result()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def close(self) -> None:
        """End the worker threads."""
        service.registry.close()


service: EdgeService = bentoml.service(
    name="burnish",
    service_class=EdgeService,
    workers=1,
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)(Burnish)
