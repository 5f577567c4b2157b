"""A run of the benchmarks from begin to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from benchmarks.cells import BundleFigures, measure_bundle
from benchmarks.comparisons import compare_batches, compare_engines
from benchmarks.plan import Plan
from benchmarks.results import Results
from benchmarks.serving import serving
from benchmarks.subjects import Subject, subjects
from burnish.bench import describe_machine

__all__ = ["run_benchmarks"]


def run_benchmarks(plan: Plan, directory: Path, notify: Callable[[str], None]) -> Results:
    """Measure everything of a plan.

    Args:
        plan: what, and for how long.
        directory: where bundles are kept.
        notify: told what is measured next.
    """
    torch.set_num_threads(1)
    machine = describe_machine("torch", "bentoml")
    notify("bundles")
    chosen = subjects(plan, directory)
    engines, batches = [], []
    for subject in chosen:
        notify(f"{subject.task}: torch, fp32 and int8")
        engines += compare_engines(subject, plan)
        notify(f"{subject.task}: one by one and batches")
        batches += compare_batches(subject, plan)
    return Results(
        tiny=plan.tiny,
        machine=machine,
        bundles=tuple(_measure_bundles(chosen, plan, notify)),
        engines=tuple(engines),
        batches=tuple(batches),
    )


def _measure_bundles(
    chosen: Sequence[Subject], plan: Plan, notify: Callable[[str], None]
) -> list[BundleFigures]:
    paths = [subject.bundles[name] for subject in chosen for name in plan.precisions]
    # A server of its own shows what a bundle costs; one for all is enough to see that it works.
    groups = [paths] if plan.tiny else [[path] for path in paths]
    figures = []
    for group in groups:
        notify(f"burnish serve {' '.join(path.name for path in group)}")
        with serving(group) as server:
            figures += [measure_bundle(path, server, plan, notify) for path in group]
    return figures
