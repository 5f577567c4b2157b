"""Saving a tuned model in a run directory."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from burnish import __version__
from burnish.data import Split
from burnish.evidence.report.facts import Facts, read_log
from burnish.evidence.report.page import render_report
from burnish.recipe.recipe import Recipe, write_recipe
from burnish.run import (
    BaseRecord,
    RunRecord,
    TeacherRecord,
    TermsRecord,
    TrainingRecord,
    file_digests,
    write_record,
)
from burnish.tasks.evaluation import Evaluation
from burnish.torch_models.base import BaseModel
from burnish.torch_models.checkpoint import save_checkpoint

from ..data.splits import EncodedParts
from ..distributed.processes import process_count
from ..record.provenance import describe_hardware, package_versions
from .card import write_card
from .evidence import Evidence
from .seeds import Seeds
from .tuned import Tuned
from .verification import verify_checkpoint

__all__ = ["save_run", "write_documents"]


def save_run(
    staging: Path,
    tuned: Tuned,
    evidence: Evidence,
    *,
    base: BaseModel,
    recipe: Recipe,
    split: Split,
    parts: EncodedParts,
    seeds: Seeds,
    terms: TermsRecord | None,
    teacher: TeacherRecord | None,
    wall_time_s: float,
    resumed: int = 0,
) -> None:
    """Write everything but the log, which the loop wrote, and ``record.json`` last.

    Raises:
        RunError: the saved model, when loaded again, gives other logits.
    """
    save_checkpoint(tuned.model, staging / "model", base=base, max_length=tuned.task.max_length)
    verify_checkpoint(
        staging / "model",
        tuned.model,
        base=base,
        task=tuned.task,
        pooling=tuned.built.pooling,
        encodings=parts.validation.encodings,
    )
    head = "keep" if tuned.head_kept else "new"
    recipe = recipe.model_copy(update={"pooling": tuned.built.pooling, "head": head})
    documents = {**_metrics(tuned, seeds), **evidence.to_json()}
    record = RunRecord(
        burnish_version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        task=tuned.task,
        method=recipe.method,
        pooling=tuned.built.pooling,
        base_model=BaseRecord(
            name=recipe.base_model,
            revision=base.revision,
            digest=base.digest,
            family=base.family,
        ),
        data=split.record(),
        bias_terms=terms,
        taught_by=teacher,
        training=_training_record(
            tuned, recipe, seeds=seeds, wall_time_s=wall_time_s, resumed=resumed
        ),
        packages=package_versions(),
        hardware=describe_hardware(device=recipe.train.device),
        notes=(*parts.notes, *tuned.notes, *seeds.notes, *evidence.notes),
        files={},
    )
    card = write_card(recipe, record, tuned, evidence, seeds=seeds)
    write_documents(staging, recipe, record, documents, card=card)


def write_documents(
    staging: Path,
    recipe: Recipe,
    record: RunRecord,
    documents: dict[str, Any],
    *,
    card: str,
) -> None:
    """Write recipe, metrics, card and report beside a saved model, and ``record.json`` last.

    Args:
        staging: has ``model/`` and ``log.jsonl``.
        recipe: resolved.
        record: without the digests of the files.
        documents: ``metrics.json``.
        card: Markdown.
    """
    write_recipe(recipe, staging / "recipe.yaml")
    metrics = json.dumps(documents, indent=1, ensure_ascii=False)
    (staging / "metrics.json").write_text(metrics + "\n", encoding="utf-8")
    (staging / "README.md").write_text(card, encoding="utf-8")
    facts = Facts(recipe.output.name, recipe, record, documents, read_log(staging))
    (staging / "report.html").write_text(render_report(facts), encoding="utf-8")
    write_record(staging, record.model_copy(update={"files": file_digests(staging)}))


def _metrics(tuned: Tuned, seeds: Seeds) -> dict[str, Any]:
    return {
        **_documents(tuned.evaluations),
        "baseline": {"name": "linear probe", **_documents(tuned.baseline)}
        if tuned.baseline
        else None,
        "seeds": seeds.to_json(),
        **tuned.trust.documents,
        "history": [_without_time(asdict(epoch)) for epoch in tuned.history.epochs],
    }


def _without_time(epoch: dict[str, Any]) -> dict[str, Any]:
    """Leave times to the log, so that two equal trainings have bit-equal metrics."""
    return {key: value for key, value in epoch.items() if key != "seconds"}


def _documents(evaluations: dict[str, Evaluation]) -> dict[str, Any]:
    return {part: evaluation.to_json() for part, evaluation in evaluations.items()}


def _training_record(
    tuned: Tuned, recipe: Recipe, *, seeds: Seeds, wall_time_s: float, resumed: int
) -> TrainingRecord:
    parameters = list(tuned.model.parameters())
    settings = recipe.train.model_dump(
        include={
            "seed",
            "threads",
            "precision",
            "learning_rate",
            "head_learning_rate",
            "batch_size",
            "gradient_accumulation",
            "epochs",
        }
    )
    return TrainingRecord(
        **settings,
        processes=process_count(),
        epochs_run=tuned.history.epochs[-1].epoch,
        best_epoch=tuned.history.best.epoch,
        steps=tuned.history.steps,
        resumed=resumed,
        seeds=tuple(run.seed for run in seeds.runs),
        seed_kept=seeds.kept,
        seeds_averaged=seeds.averaged,
        parameters=sum(p.numel() for p in parameters),
        parameters_trained=sum(p.numel() for p in parameters if p.requires_grad),
        wall_time_s=round(wall_time_s, 1),
    )
