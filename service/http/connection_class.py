"""The class of a server's connections, with what the application decides before a body is read."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp

from ..settings import Settings
from .edge import Edge
from .protocol import Connection

__all__ = ["connection_class"]


def connection_class(app: ASGIApp, settings: Settings) -> type[Connection]:
    """What speaks HTTP with an application's clients, for uvicorn's ``http``."""
    own: dict[str, Any] = {"header_timeout_s": settings.header_timeout_s}
    if isinstance(app, Edge):
        own["reject_early"] = staticmethod(app.reject_early)
        own["refused"] = staticmethod(app.refuse)
    return type("Protocol", (Connection,), own)
