"""The model card of an adopted model: what was measured here, and what nobody here knows."""

from __future__ import annotations

from burnish.recipe.recipe import Recipe
from burnish.run import AdoptionRecord, RunRecord

from ...results.card import CardContents, render_card
from ...results.card_loading import loading_lines
from .found import KINDS
from .judged import Judged

__all__ = ["adoption_card"]


def adoption_card(recipe: Recipe, record: RunRecord, judged: Judged) -> str:
    """Markdown, as for a model that burnish trained.

    Args:
        recipe: that of the run.
        record: the run's.
        judged: the model with its scores and its gates.
    """
    adopted, base = record.adopted, record.base_model
    assert adopted is not None  # noqa: S101  whoever calls this adopted it
    contents = CardContents(
        lead=f"A model for {recipe.task}: {KINDS[adopted.kind]} that was trained elsewhere. "
        f"burnish {record.burnish_version} judged and calibrated it; it trained nothing.",
        evaluations=judged.scored.evaluations,
        rivals={},
        gates=judged.gates,
        trust=judged.trust.documents,
        subgroups=judged.subgroups.get("tuned", ()),
        loading=loading_lines(judged.model, task=record.task, pooling=record.pooling),
        made=[
            f"- Source: {adopted.source} ({KINDS[adopted.kind]})",
            *_base(adopted, record),
            f"- SHA-256 of its files: {_digests(adopted)}",
            f"- Family: {base.family}",
            *_names(adopted),
            f"- Rows, none of them trained on by burnish: {_parts(record)}",
            f"- Seed of the split: {record.training.seed}",
            f"- Window: {record.task.max_length} tokens, overlap {record.task.stride}",
            f"- Parameters: {record.training.parameters:,}",
            f"- Processor that judged it: {record.hardware.processor}",
            *(f"- Unknown: {fact}" for fact in adopted.unknown),
        ],
    )
    return render_card(recipe, record, contents)


def _base(adopted: AdoptionRecord, record: RunRecord) -> list[str]:
    base = record.base_model
    if adopted.kind != "adapter":
        return []
    return [
        f"- Base model: {base.name}, revision {base.revision or 'none (a directory)'}",
        f"- SHA-256 of the base model's weights: `{base.digest}`",
    ]


def _names(adopted: AdoptionRecord) -> list[str]:
    """How the outputs were renamed."""
    if not adopted.renamed:
        return []
    pairs = ", ".join(f"{old} is {new}" for old, new in adopted.renamed.items())
    return [f"- Outputs, as the user named them: {pairs}"]


def _parts(record: RunRecord) -> str:
    return ", ".join(f"{name} {part.rows}" for name, part in record.data.parts.items())


def _digests(adopted: AdoptionRecord) -> str:
    """Of the weights; the record has those of every file."""
    found = [f"{n} `{sha}`" for n, sha in adopted.files.items() if n.endswith(".safetensors")]
    return ", ".join(found)
