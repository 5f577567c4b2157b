"""The routes: one table that the edge, the handlers and the OpenAPI document share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "KEYLESS_ROUTES",
    "NAME_PATTERN",
    "PROBES",
    "ROUTES",
    "TASK_PATHS",
    "Route",
    "find_route",
    "model_name",
]


@dataclass(frozen=True, slots=True)
class Route:
    """A path and the methods that it takes."""

    template: str
    methods: tuple[str, ...]
    key_scope: Literal["infer", "metrics"] = "infer"
    """What a key must be for."""


TASK_PATHS: Final = {
    "classification": "/classify",
    "extraction": "/extract",
    "qa": "/answer",
    "pairs": "/classify",
    "regression": "/score",
}
"""By task. Several may have one path: a request then belongs to the first that takes it."""

_READ = ("GET", "HEAD")
_MODEL: Final = Route("/models/{name}", ("GET", "HEAD", "POST"))

ROUTES: Final = (
    Route("/", _READ),
    *(Route(path, ("POST",)) for path in dict.fromkeys(TASK_PATHS.values())),
    Route("/models", _READ),
    _MODEL,
    Route("/livez", _READ),
    Route("/readyz", _READ),
    Route("/metrics", _READ, key_scope="metrics"),
    Route("/openapi.json", _READ),
)
"""Everything that is served; any other path is 404."""

PROBES: Final = frozenset({"/livez", "/readyz"})
"""Routes that may be asked over any network."""
KEYLESS_ROUTES: Final = PROBES | {"/"}
"""Routes that ask for no key, since the page holds nothing, and are not written into the audit log:
anybody could fill its disk."""

_FIXED = {route.template: route for route in ROUTES}
_FIXED |= {f"{path}/": route for path, route in _FIXED.items() if path not in ("/", "/metrics")}
"""A slash behind a path changes nothing; only what a proxy may close by its exact path has none."""
NAME_PATTERN: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""What a model may be called in a path."""
_NAME = re.compile(f"/models/({NAME_PATTERN})/?")


def find_route(path: str) -> Route | None:
    """The route of a path, None where nothing is served."""
    return _FIXED.get(path) or (_MODEL if _NAME.fullmatch(path) else None)


def model_name(path: str) -> str:
    """The name in a model's path."""
    found = _NAME.fullmatch(path)
    assert found is not None  # noqa: S101  the path of `_MODEL`
    return found[1]
