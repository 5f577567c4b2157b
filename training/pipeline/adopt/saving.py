"""Saving an adopted model as a run directory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from burnish import __version__
from burnish.data import Split
from burnish.recipe.recipe import Recipe
from burnish.recipe.sections import ADOPTED
from burnish.run import AdoptionRecord, BaseRecord, RunRecord, TermsRecord, TrainingRecord
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.checkpoint import save_checkpoint

from ...checkpointing.checkpoints import LOG
from ...data.splits import EncodedParts
from ...record.provenance import describe_hardware, package_versions
from ...results.saving import write_documents
from ...results.verification import verify_checkpoint
from .card import adoption_card
from .found import Found
from .gates import UNKNOWN
from .judged import Judged

__all__ = ["save_adopted"]


def save_adopted(
    staging: Path,
    judged: Judged,
    *,
    found: Found,
    built: BuiltModel,
    outputs: tuple[str, ...],
    recipe: Recipe,
    split: Split,
    parts: EncodedParts,
    terms: TermsRecord | None,
    notes: tuple[str, ...],
) -> None:
    """Write the run, and ``record.json`` last.

    Args:
        staging: an empty directory.
        judged: the model with its evidence.
        found: the checkpoint that it comes from.
        built: the model, and how it pools.
        outputs: the outputs' names, in the checkpoint's order.
        recipe: resolved.
        split: the rows.
        parts: encoded rows.
        terms: the user's file of terms of people's groups.
        notes: for the user.

    Raises:
        RunError: the saved model, when loaded again, gives other logits.
    """
    task, base = judged.task, found.base
    save_checkpoint(judged.model, staging / "model", base=base, max_length=task.max_length)
    verify_checkpoint(
        staging / "model",
        judged.model,
        base=base,
        task=task,
        pooling=built.pooling,
        encodings=parts.validation.encodings,
    )
    (staging / LOG).touch()  # nothing was trained
    recipe = recipe.model_copy(update={"pooling": built.pooling})
    record = RunRecord(
        burnish_version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        task=task,
        method=ADOPTED,
        pooling=built.pooling,
        base_model=BaseRecord(
            name=recipe.base_model,
            revision=base.revision,
            digest=base.digest,
            family=base.family,
        ),
        data=split.record(),
        bias_terms=terms,
        training=_training(judged, recipe),
        adopted=_adoption(found, outputs),
        packages=package_versions(),
        hardware=describe_hardware(),
        notes=notes,
        files={},
    )
    card = adoption_card(recipe, record, judged)
    write_documents(staging, recipe, record, judged.to_json(), card=card)


def _training(judged: Judged, recipe: Recipe) -> TrainingRecord:
    """What is known: the seed of the split, and the threads that computed here."""
    return TrainingRecord(
        seed=recipe.train.seed,
        threads=int(recipe.train.threads),
        learning_rate=None,
        head_learning_rate=None,
        batch_size=None,
        gradient_accumulation=None,
        epochs=None,
        epochs_run=None,
        best_epoch=None,
        steps=None,
        parameters=sum(p.numel() for p in judged.model.parameters()),
        parameters_trained=None,
        wall_time_s=None,
    )


def _adoption(found: Found, outputs: tuple[str, ...]) -> AdoptionRecord:
    pairs = zip(found.outputs, outputs, strict=True)
    return AdoptionRecord(
        kind=found.kind,
        source=found.source,
        files=dict(found.files),
        outputs=found.outputs,
        renamed={old: new for old, new in pairs if old != new},
        unknown=UNKNOWN,
    )
