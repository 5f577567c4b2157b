"""Whether texts of one length could share a batch: cheaper by how much, and bit-equal or not.

.venv/bin/python -m benchmarks.grouping
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.graph import Graph
from burnish.bench.texts import encode_input, inputs_of_length
from burnish.bundle import read_bundle
from burnish.tasks import Window

__all__ = ["Grouping", "measure_grouping"]

LENGTHS = (8, 16, 32, 64, 128)
SIZES = (2, 4, 8)


@dataclass(frozen=True, slots=True)
class Grouping:
    """A batch of texts of one length, by the same texts one by one."""

    tokens: int
    size: int
    saved: float
    """Share of the processor time that the batch saves."""
    equal: bool
    """Whether every answer is bit-equal to the answer alone."""
    largest_difference: float
    """Of a number of the output."""


def measure_grouping(
    bundle: Path, *, lengths: Sequence[int] = LENGTHS, repetitions: int = 15
) -> Iterator[Grouping]:
    """Measure a bundle's graph, each length and size in turn."""
    read = read_bundle(bundle)
    task, graph = read.manifest.task, Graph(read)
    encoder = task.text_encoder(read.tokenizer_path)
    for tokens in lengths:
        inputs = inputs_of_length(task, encoder, tokens, count=max(SIZES))
        windows = [encode_input(task, encoder, given).windows[0] for given in inputs]
        alone = [graph.run([window]) for window in windows]
        for size in (n for n in SIZES if n <= len(windows)):
            together = graph.run(windows[:size])
            differences = [
                float(np.abs(batch[row] - one[0]).max())
                for row in range(size)
                for batch, one in zip(together, alone[row], strict=True)
            ]
            one_s, batch_s = _times(graph, windows[:size], repetitions)
            yield Grouping(
                tokens=tokens,
                size=size,
                saved=1 - batch_s / one_s,
                equal=max(differences) == 0,
                largest_difference=max(differences),
            )


def _times(graph: Graph, windows: Sequence[Window], repetitions: int) -> tuple[float, float]:
    """Median processor time one by one and as a batch, in turn."""

    def one_by_one() -> None:
        graph.run_batches(windows, size=1)

    def batch() -> None:
        graph.run(windows)

    rounds = [(_time(one_by_one), _time(batch)) for _ in range(repetitions)]
    return median(r[0] for r in rounds), median(r[1] for r in rounds)


def _time(run: Callable[[], None]) -> float:
    begin = time.thread_time()
    run()
    return time.thread_time() - begin


def main() -> None:
    """Print a table for MiniLM in both precisions."""
    from benchmarks.minilm_subjects import minilm_subject

    bundles = minilm_subject("classification", Path(".cache/bench")).bundles
    print("precision  tokens  batch  saved  bit-equal  largest difference")
    for precision, bundle in bundles.items():
        for found in measure_grouping(bundle):
            print(
                f"{precision:>9}  {found.tokens:6}  {found.size:5}  {found.saved:5.0%}  "
                f"{'yes' if found.equal else 'no':>9}  {found.largest_difference:.1e}"
            )


if __name__ == "__main__":
    main()
