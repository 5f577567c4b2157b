"""What a report is made from: the run's own files, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.evidence.bias import BiasReport, SubgroupReport
from burnish.evidence.error_analysis import ErrorAnalysis
from burnish.gates import Gate
from burnish.recipe.recipe import Recipe
from burnish.run import Run, RunRecord
from burnish.tasks.evaluation import Evaluation, distinct

__all__ = ["Facts", "read_facts", "read_log"]

_PARTS = ("validation", "test")


@dataclass(frozen=True, slots=True)
class Facts:
    """The contents of one run's files."""

    name: str
    recipe: Recipe
    record: RunRecord
    metrics: dict[str, Any]
    """``metrics.json``."""
    log: tuple[dict[str, Any], ...]
    """``log.jsonl``."""

    @property
    def scores(self) -> dict[str, Evaluation]:
        """The model's scores, by part of the data; the last part judges."""
        return _evaluations(self.metrics)

    @property
    def rivals(self) -> dict[str, dict[str, Evaluation]]:
        """Scores of the linear probe and of the cheap methods, by name and part.

        The probe is left out where the model gives the same answers.
        """
        probe = _evaluations(self.metrics.get("baseline") or {})
        cheap = {
            n: _evaluations(parts) for n, parts in (self.metrics.get("baselines") or {}).items()
        }
        own = {"linear probe on the frozen encoder": probe}
        return {**distinct(own, self.scores), **cheap}

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates, as the training judged them."""
        return tuple(Gate.model_validate(entry) for entry in self.metrics.get("gates", ()))

    @property
    def bias(self) -> dict[str, BiasReport]:
        """The bias of the tuned model, and of the frozen one where it was measured."""
        found = self.metrics.get("bias") or {}
        return {name: BiasReport.from_json(report) for name, report in found.items()}

    @property
    def subgroups(self) -> dict[str, tuple[SubgroupReport, ...]]:
        """The subgroups of the same two models; empty where the recipe names no column."""
        found = self.metrics.get("subgroups") or {}
        return {
            name: tuple(SubgroupReport.from_json(report) for report in reports)
            for name, reports in found.items()
        }

    @property
    def errors(self) -> ErrorAnalysis | None:
        """The errors on the last part."""
        document = self.metrics.get("errors")
        return None if document is None else ErrorAnalysis.from_json(document)


def _evaluations(parts: dict[str, Any]) -> dict[str, Evaluation]:
    return {part: Evaluation.from_json(parts[part]) for part in _PARTS if part in parts}


def read_facts(run: Run) -> Facts:
    """The facts of a run directory."""
    return Facts(run.path.name, run.recipe, run.record, run.metrics, read_log(run.path))


def read_log(path: Path) -> tuple[dict[str, Any], ...]:
    """The lines of a run's ``log.jsonl``."""
    lines = (path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line)
