"""What is measured: for each task a torch model and the bundles made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.plan import Plan, Precision, TaskName
from burnish.tasks import Window

__all__ = ["Subject", "subjects"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One task's model, in every form that is compared."""

    task: TaskName
    bundles: dict[Precision, Path]
    run_torch: Callable[[Window], object]
    """The torch model on one window, without gradients."""


def subjects(plan: Plan, directory: Path) -> list[Subject]:
    """Make the models, or take them from where an earlier run left them.

    Args:
        plan: which tasks, and of what size.
        directory: where bundles are kept.
    """
    # Imported here: the tiny ones need nothing of the exporter.
    if plan.tiny:
        from benchmarks.tiny_subjects import tiny_subject

        return [tiny_subject(task, directory) for task in plan.tasks]
    from benchmarks.minilm_subjects import minilm_subject

    return [minilm_subject(task, directory) for task in plan.tasks]
