"""Measuring one bundle: latency and rate of the runtime by length, load time, memory, size."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from burnish.bench.loading import measure_loading
from burnish.bench.machine import describe_machine
from burnish.bench.report import BenchReport, LengthFigures
from burnish.bench.texts import inputs_of_length
from burnish.bench.timing import calls_per_second, time_calls
from burnish.errors import UsageError
from burnish.notify import Notify, ignore
from burnish.runtime import Model, load_model
from burnish.signing.trust import Trust
from burnish.tasks import Input

__all__ = ["DEFAULT_LENGTHS", "bench_bundle", "directory_bytes"]

DEFAULT_LENGTHS = (16, 64, 128, 256, 512)
_CALLERS = (1, 4, 16)


def bench_bundle(
    path: str | os.PathLike[str],
    *,
    lengths: Sequence[int] = DEFAULT_LENGTHS,
    seconds: float = 2.0,
    threads: int | None = None,
    notify: Notify | None = None,
    trust: Trust | None = None,
) -> BenchReport:
    """Measure a bundle on this machine: some ten seconds a length.

    Args:
        path: a bundle directory.
        lengths: in tokens, special tokens included; above the bundle's window a text is read in
            several, as it is in the service.
        seconds: for how long each figure is measured.
        threads: of the runtime; one a processor where None.
        notify: told what is measured next.
        trust: whose signature the bundle must have.

    Raises:
        SignatureError: the bundle is not signed by a trusted key.
        BundleError: the bundle is damaged, or its tokenizer cannot be brought to a length.
        UsageError: no lengths, or one that is too short for the task; no seconds.
    """
    if not lengths or seconds <= 0:
        raise UsageError("a bench needs one length or more and some time", "see --help")
    notify = notify or ignore
    machine = describe_machine()
    with load_model(path, threads=threads, trust=trust) as model:
        inputs = {tokens: _inputs(model, tokens) for tokens in lengths}
        notify("loading, in processes of its own")
        loading = measure_loading(model.bundle.path, lengths, digest=model.bundle.digest)
        figures = []
        for tokens in lengths:
            notify(f"{tokens} tokens")
            figures.append(_measure_length(model, tokens, inputs[tokens], seconds=seconds))
        manifest = model.bundle.manifest
        return BenchReport(
            name=manifest.name,
            task=manifest.task.task,
            precision=manifest.precision,
            digest=model.bundle.digest,
            max_length=manifest.task.max_length,
            threads=model.threads,
            size_bytes=directory_bytes(model.bundle.path),
            loading=loading,
            machine=machine,
            lengths=tuple(figures),
        )


def directory_bytes(path: Path) -> int:
    """Size of the files of a bundle or a run's model, those in its folders too."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _inputs(model: Model, tokens: int) -> tuple[Input, ...]:
    task = model.bundle.manifest.task
    return inputs_of_length(task, task.text_encoder(model.bundle.tokenizer_path), tokens)


def _measure_length(
    model: Model, tokens: int, inputs: Sequence[Input], *, seconds: float
) -> LengthFigures:
    return LengthFigures(
        tokens=tokens,
        windows=model.predict_one(inputs[0]).windows,
        latency=time_calls(model.predict_one, inputs, seconds=seconds),
        texts_per_s={
            callers: calls_per_second([model.predict_one] * callers, inputs, seconds=seconds)
            for callers in _CALLERS
        },
    )
