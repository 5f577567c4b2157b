"""The routes: one table that the edge, the handlers and the OpenAPI document share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "KEYLESS_ROUTES",
    "LABEL_STUDIO_ROUTES",
    "MODEL_ROUTE",
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
    computes: bool = True
    """What is posted asks a model, and is refused while the queue is full."""


TASK_PATHS: Final = {
    "classification": "/classify",
    "extraction": "/extract",
    "qa": "/answer",
    "pairs": "/classify",
    "regression": "/score",
    "taxonomy": "/classify",
    "summary": "/summarize",
    "translation": "/translate",
}
"""By task. Several may have one path: a request then belongs to the first that takes it."""

_READ = ("GET", "HEAD")
MODEL_ROUTE: Final = Route("/models/{name}", ("GET", "HEAD", "POST"))

ROUTES: Final = (
    Route("/", _READ),
    *(Route(path, ("POST",)) for path in dict.fromkeys(TASK_PATHS.values())),
    Route("/models", _READ),
    MODEL_ROUTE,
    Route("/livez", _READ),
    Route("/readyz", _READ),
    Route("/metrics", _READ, key_scope="metrics"),
    Route("/openapi.json", _READ),
)
"""Everything that is served; any other path is 404."""

LABEL_STUDIO_ROUTES: Final = (
    Route("/health", _READ),
    Route("/setup", ("POST",), computes=False),
    Route("/predict", ("POST",)),
    Route("/versions", ("GET", "HEAD", "POST"), computes=False),
    Route("/webhook", ("POST",), computes=False),
    Route("/train", ("POST",), computes=False),
)
"""What Label Studio asks of a machine learning backend; served on request alone."""

PROBES: Final = frozenset({"/livez", "/readyz"})
"""Routes that may be asked over any network."""
KEYLESS_ROUTES: Final = PROBES | {"/"}
"""Routes that ask for no key, since the page holds nothing, and are not written into the audit log:
anybody could fill its disk."""

_LABEL_STUDIO = {route.template: route for route in LABEL_STUDIO_ROUTES}
_FIXED = {route.template: route for route in ROUTES}
_FIXED |= {f"{path}/": route for path, route in _FIXED.items() if path not in ("/", "/metrics")}
"""A slash behind a path changes nothing; only what a proxy may close by its exact path has none."""
NAME_PATTERN: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""What a model may be called in a path."""
_NAME = re.compile(f"/models/({NAME_PATTERN})/?")


def find_route(path: str, *, label_studio: bool = False) -> Route | None:
    """The route of a path, None where nothing is served.

    Args:
        path: of the request.
        label_studio: whether Label Studio's routes are served too.
    """
    found = _FIXED.get(path) or (_LABEL_STUDIO.get(path) if label_studio else None)
    return found or (MODEL_ROUTE if _NAME.fullmatch(path) else None)


def model_name(path: str) -> str:
    """The name in a model's path."""
    found = _NAME.fullmatch(path)
    assert found is not None  # noqa: S101  the path of `MODEL_ROUTE`
    return found[1]
