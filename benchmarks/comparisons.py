"""Comparisons within one run: torch, fp32 and int8; one by one and padded batches."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TypeVar

import numpy as np

from benchmarks.graph import Graph
from benchmarks.plan import Plan
from benchmarks.subjects import Subject
from burnish.bench.texts import encode_input, inputs_of_length
from burnish.bundle import Bundle, read_bundle
from burnish.tasks import Encoding, Window

__all__ = ["BatchRow", "EngineRow", "compare_batches", "compare_engines"]

KeyT = TypeVar("KeyT", bound=int | str)

BATCHES = (1, 8, 32)
LEAST_ROUNDS = 3
MEDIAN_TOKENS, SPREAD = 32, 0.7  # lognormal: a mean of 41 tokens
FEWEST, MOST = 16, 256


@dataclass(frozen=True, slots=True)
class EngineRow:
    """Processor time of a text in each engine: one thread, one text at a time, no padding."""

    task: str
    tokens: int
    cpu_ms: dict[str, float]
    """torch, fp32, int8."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """Processor time of a text of mixed lengths, by size of first-come padded batches."""

    task: str
    precision: str
    cpu_ms: dict[int, float]


def compare_engines(subject: Subject, plan: Plan) -> list[EngineRow]:
    """Time torch and the bundles' graphs on the same windows, in turn."""
    bundles = {precision: read_bundle(path) for precision, path in subject.bundles.items()}
    graphs = {precision: Graph(bundle) for precision, bundle in bundles.items()}
    rows = []
    for tokens in plan.tokens:
        windows = _encoding(bundles["fp32"], tokens).windows
        runs: dict[str, Callable[[], object]] = {"torch": partial(_run, subject.run_torch, windows)}
        for precision, graph in graphs.items():
            runs[precision] = partial(graph.run_batches, windows, size=1)
        medians = _median_cpu_s(runs, seconds=plan.compare_s, least=LEAST_ROUNDS)
        rows.append(EngineRow(subject.task, tokens, {name: 1e3 * s for name, s in medians.items()}))
    return rows


def compare_batches(subject: Subject, plan: Plan) -> list[BatchRow]:
    """Time the same texts one by one and in padded batches, in turn."""
    rows = []
    for precision in plan.precisions:
        bundle = read_bundle(subject.bundles[precision])
        graph, windows = Graph(bundle), _mixed_windows(bundle, plan.mixed_texts)
        runs: dict[int, Callable[[], object]] = {
            size: partial(graph.run_batches, windows, size=size) for size in BATCHES
        }
        medians = _median_cpu_s(runs, seconds=0.0, least=plan.repetitions)
        cpu_ms = {size: 1e3 * s / len(windows) for size, s in medians.items()}
        rows.append(BatchRow(subject.task, precision, cpu_ms))
    return rows


def _run(call: Callable[[Window], object], windows: Sequence[Window]) -> None:
    for window in windows:
        call(window)


def _median_cpu_s(
    runs: dict[KeyT, Callable[[], object]], *, seconds: float, least: int
) -> dict[KeyT, float]:
    """Median processor time of this thread for each run; all in turn, in changing order."""
    for run in runs.values():
        run()
    found: dict[KeyT, list[float]] = {name: [] for name in runs}
    order = list(runs)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(found[order[0]]) < least:
        random.shuffle(order)
        for name in order:
            begin = time.thread_time()
            runs[name]()
            found[name].append(time.thread_time() - begin)
    return {name: median(times) for name, times in found.items()}


def _encoding(bundle: Bundle, tokens: int) -> Encoding:
    task = bundle.manifest.task
    encoder = task.text_encoder(bundle.tokenizer_path)
    return encode_input(task, encoder, inputs_of_length(task, encoder, tokens, count=1)[0])


def _mixed_windows(bundle: Bundle, count: int) -> list[Window]:
    """One window a text: lengths as they come, the same in every run."""
    lengths = np.random.default_rng(13).lognormal(np.log(MEDIAN_TOKENS), SPREAD, count)
    most = min(MOST, bundle.manifest.task.max_length)
    return [_encoding(bundle, round(n)).windows[0] for n in np.clip(lengths, FEWEST, most)]
