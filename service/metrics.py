"""What Prometheus may know: counts and times by route, model and label, never by what was sent.

Every label of a series comes from a closed set: route templates, statuses, names of loaded models
and the labels that they were trained on. No client can add a series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric

from burnish.errors import InputError
from burnish.runtime import ModelFaultError, Prepared, Results, Workers

from .access import AuditLog, Keyring, Strangers
from .api.tasks import SERVICE_TASKS
from .models import Registry, ServedModel
from .scheduling.admission import Rejection

__all__ = ["Metrics"]

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_SERIES = 4096


class Metrics:
    """One server's figures."""

    content_type = CONTENT_TYPE_LATEST.encode("ascii")

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Callable[..., Any]:
            return _children(Counter(f"burnish_{name}", text, labels, registry=registry))

        self._requests = counter("requests", "Replies sent.", "route", "status")
        self._errors = counter("errors", "Errors sent.", "route", "error_type")
        self._seconds = _children(
            Histogram(
                "burnish_request_seconds",
                "From a request's header to the end of its reply.",
                ["route"],
                buckets=_SECONDS,
                registry=registry,
            )
        )
        self._tokens = counter("tokens", "Tokens read.", "model")
        self._windows = counter("windows", "Windows read.", "model")
        self._unknown = counter("unknown_tokens", "Tokens that are not in the vocabulary.", "model")
        self._items = counter("items", "Inputs answered.", "model")
        self._faults = counter("faults", "Inputs that could not be answered.", "model", "kind")
        self._abstained = counter(
            "abstentions",
            "Inputs without a label, an entity or an answer above the abstention score.",
            "model",
        )
        self._labels = counter("labels", "Labels given.", "model", "label")
        self._confidence = _children(
            Histogram(
                "burnish_confidence",
                "Score of an input's best label, of each entity, of the best answer.",
                ["model"],
                buckets=_SHARES,
                registry=registry,
            )
        )
        self.scrapes = Counter(
            "burnish_scrapes",
            "Answers of /metrics, which have no line in the audit log.",
            registry=registry,
        )
        self.in_flight = Gauge(
            "burnish_requests_in_flight", "Requests being answered.", registry=registry
        )

    def watch(
        self,
        registry: Registry,
        rejected: Mapping[Rejection, int],
        *,
        keyring: Keyring,
        audit: AuditLog | None,
        strangers: Strangers,
    ) -> None:
        """Tell, when asked, of the queue, of what was not admitted, and of keys and audit log."""
        self._registry.register(_Queue(registry, rejected))
        self._registry.register(_Access(keyring, audit, strangers))

    def replied(self, route: str, status: int, error_type: str, *, seconds: float) -> None:
        """Count a reply; ``route`` is a template, or "none" for a path that is not served."""
        self._requests(route, str(status)).inc()
        self._seconds(route).observe(seconds)
        if error_type:
            self._errors(route, error_type).inc()

    def answered(self, served: ServedModel, prepared: Prepared, results: Results) -> None:
        """Count what a model has read and said."""
        name, task = served.name, SERVICE_TASKS[served.task]
        self._tokens(name).inc(prepared.tokens)
        self._windows(name).inc(prepared.windows)
        if prepared.unknown:
            self._unknown(name).inc(prepared.unknown)
        for result in results:
            if isinstance(result, InputError):
                kind = "model" if isinstance(result, ModelFaultError) else "input"
                self._faults(name, kind).inc()
            else:
                self._said(name, task.findings(result))
        self._items(name).inc(len(results))

    def _said(self, name: str, findings: list[tuple[str, float]]) -> None:
        for label, score in findings:
            self._labels(name, label).inc()
            self._confidence(name).observe(score)
        if not findings:
            self._abstained(name).inc()

    def page(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)


class _Queue:
    """Read when the figures are, not kept."""

    def __init__(self, registry: Registry, rejected: Mapping[Rejection, int]) -> None:
        self._models = registry
        self._rejected = rejected

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        rejections = CounterMetricFamily(
            "burnish_rejections", "Requests that were not admitted.", labels=["reason"]
        )
        for reason, count in self._rejected.items():
            rejections.add_metric([reason], count)
        yield rejections
        if self._models.ready:
            yield from _queue_figures(self._models.workers)


class _Access:
    """Whether key file and audit log are as they should be, and who came without a key."""

    def __init__(self, keyring: Keyring, audit: AuditLog | None, strangers: Strangers) -> None:
        self._keyring = keyring
        self._audit = audit
        self._strangers = strangers

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        faults = GaugeMetricFamily(
            "burnish_file_fault", "1 if a person should repair a file.", labels=["file"]
        )
        faults.add_metric(["keys"], float(self._keyring.problem is not None))
        if self._audit is not None:
            faults.add_metric(["audit"], float(self._audit.problem is not None))
            yield CounterMetricFamily(
                "burnish_audit_lost", "Decisions not written.", value=self._audit.lost
            )
            changes = CounterMetricFamily(
                "burnish_audit_changes",
                "Times that another program moved, deleted, cut or wrote the audit log.",
                labels=["change"],
            )
            for change, count in self._audit.changes.items():
                changes.add_metric([change], count)
            yield changes
        yield faults
        strangers = self._strangers
        yield CounterMetricFamily(
            "burnish_strangers", "Refusals without a known key.", value=strangers.refused
        )
        yield CounterMetricFamily(
            "burnish_strangers_limited",
            "Those with a wrong key from an address that had sent too many.",
            value=strangers.limited,
        )


def _queue_figures(workers: Workers) -> Iterator[Metric]:
    backlog, totals = workers.backlog(), workers.totals
    gauges = (
        ("queue_seconds", "Estimated time to compute the queue.", backlog.queued_ms / 1e3),
        ("worker_threads", "Worker threads.", workers.threads),
        ("pace", "Time of recent windows relative to the cost table.", workers.pace),
    )
    for name, text, value in gauges:
        yield GaugeMetricFamily(f"burnish_{name}", text, value=value)
    counters = (
        ("computed_windows", "Windows computed.", totals.steps),
        ("dropped_windows", "Windows dropped because no client waited for them.", totals.dropped),
        (
            "estimated_seconds",
            "Time of computed windows by the cost table.",
            totals.estimated_ms / 1e3,
        ),
        ("actual_seconds", "Measured time of computed windows.", totals.actual_ms / 1e3),
    )
    for name, text, value in counters:
        yield CounterMetricFamily(f"burnish_{name}", text, value=value)


def _children(metric: Any) -> Callable[..., Any]:
    """A metric's series by its labels; the library's own look-up takes a lock and a check each."""
    return lru_cache(maxsize=_SERIES)(metric.labels)
