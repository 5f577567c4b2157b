"""What training asks of a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from burnish.tasks.evaluation import Evaluation

from ..data.splits import EncodedParts
from ..diagnostics.frozen import FrozenReader, NoReader
from .practice import Practice

__all__ = ["Baseline", "TrainingTask"]

Baseline = Callable[[Any, EncodedParts], dict[str, Evaluation]]
"""From a task and its rows to an evaluation per part; seconds on a CPU."""


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """A task as training sees it; one file or folder of this folder each."""

    baselines: Mapping[str, Baseline]
    """Cheap methods by their names: the least that a tuned transformer has to be worth."""
    frozen: FrozenReader | NoReader
    """How a frozen encoder looks at its rows before anything is trained."""
    practice: Practice | None = None
    """Made-up rows to warm up on (``train.synthetic_questions``), where it can make some."""
