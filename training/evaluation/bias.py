"""Asking a model texts that differ only in a person's group."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from burnish.digest import file_sha256
from burnish.evidence.bias import (
    BiasReport,
    Counterfactual,
    Swapper,
    compare_answers,
    guess_language,
    load_terms,
)
from burnish.evidence.bias.comparison import Move
from burnish.evidence.bias.terms import UNKNOWN_LANGUAGE
from burnish.recipe.sections import BiasSection
from burnish.run import TermsRecord
from burnish.tasks import Prediction, Task, TextEncoder
from burnish.tasks.answered import decode_rows
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.tasks.examples import Example
from burnish.torch_models.logits import predict_logits

__all__ = [
    "Asked",
    "Counterfactuals",
    "find_counterfactuals",
    "measure_bias",
    "record_terms",
]

_ROWS = 400
"""The most rows with a term that are used, which bounds the time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row and one counterfactual of it."""

    example: Example
    counterfactual: Counterfactual
    changed: Example


@dataclass(frozen=True, slots=True)
class Counterfactuals:
    """The pairs of texts that models are asked."""

    language: str
    """The language of the terms."""
    asked: tuple[Asked, ...]


def record_terms(section: BiasSection) -> TermsRecord | None:
    """Record the user's file of terms with its digest; the recipe was validated."""
    if section.terms is None:
        return None
    return TermsRecord(path=str(section.terms), sha256=file_sha256(section.terms))


def find_counterfactuals(rows: EncodedRows, section: BiasSection) -> Counterfactuals | None:
    """Make texts that differ from the first validation rows with a term only in a person's group.

    Returns:
        None where there are no terms for the texts' language, or no text has one.
    """
    language = section.language or guess_language(each.body for each in rows.examples[:_ROWS])
    if language is None and section.terms is None:
        return None
    language = language or UNKNOWN_LANGUAGE
    asked = _make(rows, Swapper(load_terms(language, section.terms)))
    return Counterfactuals(language, tuple(asked)) if asked else None


def _make(rows: EncodedRows, swapper: Swapper) -> list[Asked]:
    """Make the counterfactuals of the first rows that have a term."""
    asked: list[Asked] = []
    found = 0
    for example in rows.examples:
        swaps = swapper.counterfactuals(example.body)
        made = [Asked(example, each, example.with_body(each.text)) for each in swaps]
        found += bool(made)
        asked += made
        if found == _ROWS:
            break
    return asked


def measure_bias(
    model: nn.Module, task: Task, found: Counterfactuals, *, encoder: TextEncoder
) -> BiasReport:
    """Ask a model both texts of each pair.

    Args:
        model: in any mode.
        task: with its thresholds.
        found: what :func:`find_counterfactuals` returned.
        encoder: the base's tokenizer, with the task's window.
    """
    firsts = {each.example.id: each.example for each in found.asked}
    before = dict(zip(firsts, _answers(model, task, list(firsts.values()), encoder), strict=True))
    after = _answers(model, task, [each.changed for each in found.asked], encoder)
    moves = [
        _move(task, each, before[each.example.id], new)
        for each, new in zip(found.asked, after, strict=True)
    ]
    return compare_answers(moves, language=found.language, rows=len(firsts))


def _answers(
    model: nn.Module, task: Task, examples: list[Example], encoder: TextEncoder
) -> tuple[Prediction, ...]:
    rows = encode_rows(task, examples, encoder)
    return decode_rows(task, rows, predict_logits(model, task, rows.encodings))


def _move(task: Task, asked: Asked, before: Prediction, after: Prediction) -> Move:
    """Compare two answers, with the first one's offsets moved to the changed text."""
    made = asked.counterfactual
    expected = before.relocated(made.moved)
    return Move(
        axis=made.axis,
        row=asked.example.id,
        flipped=not task.same_answer(expected, after),
        shift=expected.distance(after),
    )
