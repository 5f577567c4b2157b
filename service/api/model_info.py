"""The service's information on a loaded model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from burnish.bundle import Limits
from burnish.gates import Gate
from burnish.tasks.table import TaskName

from ..models import ServedModel

__all__ = ["ModelDetails", "ModelSummary", "ModelsReply", "model_details", "model_summary"]


_DIAGRAMS = ("calibration", "out_of_scope")


class ModelSummary(BaseModel):
    """A loaded model."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    name: str
    version: str
    """The version's name in a directory of versions; empty for a single bundle."""
    task: TaskName
    labels: list[str]
    multi_label: bool
    """Whether a text may have several labels, or none."""
    at_least_one: bool
    """With several labels per text, whether the best is given where none reaches its threshold."""
    thresholds: dict[str, float]
    """With several labels per text, the least score of each label; 0.5 for labels not named."""
    abstain_below: float
    """Answers with a lower score are marked as abstained; 0 marks none."""
    precision: str
    digest: str
    """SHA-256 of the bundle's manifest; every reply carries it as X-Burnish-Model."""
    limits: Limits
    max_length: int
    """The window, in tokens."""
    stride: int
    metrics: dict[str, Any]


class ModelDetails(ModelSummary):
    """A loaded model with its card and the figures of its export."""

    created: str
    base_model: dict[str, Any]
    quantization: dict[str, Any] | None
    gates: list[Gate]
    card: str


class ModelsReply(BaseModel):
    """Every loaded model."""

    models: list[ModelSummary]


def model_summary(served: ServedModel) -> dict[str, Any]:
    """A model's entry in ``GET /models``."""
    summary = _summary(served)
    return summary.model_copy(update={"metrics": _brief(summary.metrics)}).model_dump(mode="json")


def model_details(served: ServedModel) -> dict[str, Any]:
    """A model's ``GET /models/{name}``."""
    manifest = served.model.bundle.manifest
    details = ModelDetails(
        **dict(_summary(served)),
        created=manifest.created,
        base_model=manifest.base_model,
        quantization=manifest.quantization,
        gates=list(manifest.gates),
        card=served.card,
    )
    return details.model_dump(mode="json")


def _brief(metrics: dict[str, Any]) -> dict[str, Any]:
    """The metrics without the figures of diagrams, because lists of models are requested often."""
    kept = {name: each for name, each in metrics.items() if name not in _DIAGRAMS}
    abstention = {k: v for k, v in metrics.get("abstention", {}).items() if k != "parts"}
    return {**kept, "abstention": abstention} if abstention else kept


def _summary(served: ServedModel) -> ModelSummary:
    manifest = served.model.bundle.manifest
    return ModelSummary(
        name=served.name,
        version=served.version,
        task=served.task,
        labels=list(manifest.task.answer_labels),
        multi_label=manifest.task.several_labels,
        at_least_one=manifest.task.gives_best,
        thresholds=dict(manifest.task.label_thresholds),
        abstain_below=manifest.task.abstain_below,
        precision=manifest.precision,
        digest=served.digest,
        limits=manifest.limits,
        max_length=manifest.task.max_length,
        stride=manifest.task.stride,
        metrics=manifest.metrics,
    )
