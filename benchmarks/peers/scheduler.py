"""In one process, without HTTP: burnish's runtime, one by one, and padded first-come batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.graph import Graph
from benchmarks.peers.model import PeerModel
from benchmarks.peers.plan import THREADS, WORKLOADS, Plan
from benchmarks.peers.texts import workload_texts
from benchmarks.plan import PRECISIONS, Precision
from burnish.bundle import read_bundle
from burnish.runtime import Model, load_model
from burnish.tasks import ClassificationTask, TextEncoder

__all__ = ["SchedulerRow", "compare_schedulers"]

CALLERS = 16
BATCHES = (8, 32)


@dataclass(frozen=True, slots=True)
class SchedulerRow:
    """Processor time of a text, from text to scores."""

    precision: Precision
    workload: str
    cpu_ms: dict[str, float]
    """one by one, padded 8, padded 32, burnish."""


def compare_schedulers(
    model: PeerModel, plan: Plan, notify: Callable[[str], None]
) -> list[SchedulerRow]:
    """Time the designs on the same texts, in turn."""
    rows = []
    for precision in PRECISIONS:
        notify(f"schedulers in one process: {precision}")
        with load_model(model.bundles[precision], threads=THREADS) as loaded:
            rows += [_row(model, loaded, precision, name, plan) for name in WORKLOADS]
    return rows


def _row(
    model: PeerModel, loaded: Model, precision: Precision, workload: str, plan: Plan
) -> SchedulerRow:
    count, encoder = plan.scheduler_texts, model.encoder()
    count = count // 2 if workload == "long" else count
    texts = workload_texts(model.task, encoder, workload, count=count, longest=model.longest)
    graph = Graph(read_bundle(model.bundles[precision]))
    runs: dict[str, Callable[[], None]] = {
        "one by one": lambda: _batches(graph, model.task, encoder, texts, size=1)
    }
    for size in BATCHES:
        runs[f"padded {size}"] = lambda size=size: _batches(  # type: ignore[misc]
            graph, model.task, encoder, texts, size=size
        )
    runs["burnish"] = lambda: _burnish(loaded, texts)
    medians = _median_cpu_s(runs, rounds=plan.scheduler_rounds)
    return SchedulerRow(precision, workload, {n: 1e3 * s / count for n, s in medians.items()})


def _batches(
    graph: Graph,
    task: ClassificationTask,
    encoder: TextEncoder,
    texts: Sequence[str],
    *,
    size: int,
) -> None:
    """First come, first served, each batch padded to its longest text."""
    for begin in range(0, len(texts), size):
        batch = texts[begin : begin + size]
        encodings = [task.encode(text, encoder) for text in batch]
        (logits,) = graph.run([encoding.windows[0] for encoding in encodings])
        for text, encoding, row in zip(batch, encodings, logits, strict=True):
            task.decode(text, encoding, [row])


def _burnish(loaded: Model, texts: Sequence[str]) -> None:
    """Callers that each wait for their answer."""
    waiting, lock = iter(texts), threading.Lock()

    def call() -> None:
        while True:
            with lock:
                text = next(waiting, None)
            if text is None:
                return
            loaded.predict_one(text)

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _median_cpu_s(runs: dict[str, Callable[[], None]], *, rounds: int) -> dict[str, float]:
    """Median processor time of this process for each run; all in turn, back and forth."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for number in range(rounds):
        for name in sorted(runs, reverse=bool(number % 2)):
            begin = time.process_time()
            runs[name]()
            found[name].append(time.process_time() - begin)
    return {name: median(times) for name, times in found.items()}
