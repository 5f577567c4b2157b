"""One bundle, length by length: runtime, service and bare session, called in turn."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.graph import Graph
from benchmarks.plan import CALLERS, Plan
from benchmarks.serving import Caller, Server
from burnish.bench.loading import Loading, measure_loading
from burnish.bench.measure import directory_bytes
from burnish.bench.texts import encode_input, inputs_of_length
from burnish.bench.timing import Latency, calls_per_second
from burnish.runtime import Model, load_model
from burnish.tasks import Encoding, Input

__all__ = ["BundleFigures", "Cell", "measure_bundle"]

LEAST_ROUNDS = 3
SETTLE_S = 0.002


@dataclass(frozen=True, slots=True)
class Cell:
    """Figures of one bundle at one length."""

    task: str
    precision: str
    tokens: int
    windows: int
    runtime: Latency
    http: Latency
    bare_cpu_ms: float
    """Processor time of the session alone on the request's windows."""
    server_cpu_ms: float
    """Processor time of the server for a request, all in."""
    above_bare_cpu_ms: float
    """The median over rounds of the difference between the two."""
    requests_per_s: dict[int, float]
    """Over HTTP, by number of callers."""


@dataclass(frozen=True, slots=True)
class BundleFigures:
    """Figures of one bundle as a whole."""

    task: str
    precision: str
    size_bytes: int
    loading: Loading
    ready_s: float
    server_bytes: int
    """Held by the server after all requests; of all bundles that it serves."""
    cells: tuple[Cell, ...]


def measure_bundle(
    path: Path, server: Server, plan: Plan, notify: Callable[[str], None]
) -> BundleFigures:
    """Measure a bundle that ``server`` serves."""
    loading = measure_loading(path, plan.tokens, processes=plan.repetitions)
    with load_model(path) as model:
        graph, cells = Graph(model.bundle), []
        for tokens in plan.tokens:
            notify(f"{model.name}: {tokens} tokens")
            cells.append(_measure_cell(model, graph, server, tokens=tokens, plan=plan))
        return BundleFigures(
            task=model.task,
            precision=model.bundle.manifest.precision,
            size_bytes=directory_bytes(path),
            loading=loading,
            ready_s=server.ready_s,
            server_bytes=server.memory_bytes(),
            cells=tuple(cells),
        )


def _measure_cell(model: Model, graph: Graph, server: Server, *, tokens: int, plan: Plan) -> Cell:
    task = model.bundle.manifest.task
    encoder = task.text_encoder(model.bundle.tokenizer_path)
    inputs = inputs_of_length(task, encoder, tokens)
    encodings = [encode_input(task, encoder, given) for given in inputs]
    with _callers(model, server, max(CALLERS)) as callers:
        turns = _Turns(model, graph, callers[0], server)
        turns.take(inputs, encodings, seconds=plan.latency_s)
        return Cell(
            task=task.task,
            precision=model.bundle.manifest.precision,
            tokens=tokens,
            windows=len(encodings[0].windows),
            runtime=Latency.of(turns.runtime_s),
            http=Latency.of(turns.http_s),
            bare_cpu_ms=1e3 * median(bare for bare, _ in turns.rounds),
            server_cpu_ms=1e3 * median(served for _, served in turns.rounds),
            above_bare_cpu_ms=1e3 * median(served - bare for bare, served in turns.rounds),
            requests_per_s={
                count: calls_per_second(callers[:count], inputs, seconds=plan.rate_s)
                for count in CALLERS
            },
        )


@contextmanager
def _callers(model: Model, server: Server, count: int) -> Iterator[list[Caller]]:
    callers = [Caller(server, model.task, model=model.name) for _ in range(count)]
    try:
        yield callers
    finally:
        for caller in callers:
            caller.close()


class _Turns:
    """The three in turn, a few calls each, so that whatever disturbs the machine disturbs all."""

    def __init__(self, model: Model, graph: Graph, caller: Caller, server: Server) -> None:
        self._model, self._graph, self._caller, self._server = model, graph, caller, server
        self.runtime_s: list[float] = []
        self.http_s: list[float] = []
        self.rounds: list[tuple[float, float]] = []
        """Seconds of processor time an input: of the bare session, of the server."""

    def take(
        self, inputs: Sequence[Input], encodings: Sequence[Encoding], *, seconds: float
    ) -> None:
        """One round over the inputs to warm up, then rounds that count."""
        self._round(inputs, encodings)
        self.runtime_s, self.http_s, self.rounds = [], [], []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(self.rounds) < LEAST_ROUNDS:
            self._round(inputs, encodings)

    def _round(self, inputs: Sequence[Input], encodings: Sequence[Encoding]) -> None:
        bare_s = served_s = 0.0

        def bare() -> None:
            nonlocal bare_s
            bare_s = self._bare_s(encodings)

        def served() -> None:
            nonlocal served_s
            served_s = self._served_s(inputs)

        def runtime() -> None:
            self.runtime_s += [_wall_s(self._model.predict_one, given) for given in inputs]

        turns = [bare, served, runtime]
        random.shuffle(turns)
        for turn in turns:
            turn()
        self.rounds.append((bare_s / len(inputs), served_s / len(inputs)))

    def _served_s(self, inputs: Sequence[Input]) -> float:
        """Processor time of the server, with what it does after its last answer has left."""
        before = self._server.cpu_s()
        self.http_s += [_wall_s(self._caller, given) for given in inputs]
        time.sleep(SETTLE_S)
        return self._server.cpu_s() - before

    def _bare_s(self, encodings: Sequence[Encoding]) -> float:
        begin = time.thread_time()
        for encoding in encodings:
            for window in encoding.windows:
                self._graph.run([window])
        return time.thread_time() - begin


def _wall_s(call: Callable[[Input], object], given: Input) -> float:
    begin = time.perf_counter()
    call(given)
    return time.perf_counter() - begin
