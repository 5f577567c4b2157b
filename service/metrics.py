"""What Prometheus may know: counts and times by route, never by what a caller wrote."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from .replies import Seen

__all__ = ["Metrics"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """One server's figures. Labels are route templates, statuses and names of loaded models."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._requests = Counter(
            "burnish_requests", "Replies sent.", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "burnish_request_seconds",
            "From a request's header to the end of its reply.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._tokens = Counter("burnish_tokens", "Tokens read.", ["model"], registry=registry)
        self._windows = Counter("burnish_windows", "Windows read.", ["model"], registry=registry)
        self.in_flight = Gauge(
            "burnish_requests_in_flight", "Requests being answered.", registry=registry
        )

    def replied(self, route: str, status: int, *, seconds: float) -> None:
        """Count a reply; ``route`` is a template, or "none" for a path that is not served."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def read(self, model: str, amount: Seen) -> None:
        """Count what a model has read."""
        self._tokens.labels(model).inc(amount.tokens)
        self._windows.labels(model).inc(amount.windows)

    def page(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)
