"""Asking a model texts that differ only in a person's group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from burnish.bias import (
    BiasReport,
    Counterfactual,
    Swapper,
    compare_answers,
    guess_language,
    load_terms,
)
from burnish.bias.comparison import Move
from burnish.data.examples import ClassificationExample, Example, ExtractionExample, QAExample
from burnish.recipe.sections import BiasSection
from burnish.tasks import Prediction, Task, TextEncoder
from burnish.torch_models.logits import predict_logits

from .evaluation import decode_rows
from .features import EncodedRows, encode_rows

__all__ = ["Asked", "look_for_bias", "make_counterfactuals", "measure_bias"]

_UNKNOWN = "und"
"""The code of ISO 639 for a language that nobody told."""
_ROWS = 400
"""Rows with a term that are asked: what bounds the time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row and what was made of it."""

    example: Example
    counterfactual: Counterfactual
    changed: Example


def look_for_bias(
    models: Mapping[str, tuple[nn.Module, Task]],
    rows: EncodedRows,
    *,
    encoder: TextEncoder,
    section: BiasSection,
) -> dict[str, BiasReport]:
    """Ask every model the same counterfactuals of some rows.

    Args:
        models: with their tasks, by name.
        rows: the validation rows.
        encoder: of the base's tokenizer, with the task's window.
        section: the recipe's.

    Returns:
        A report a model; empty where the texts are in no language that there are terms for, or
        hold none of them.

    Raises:
        ConfigError: the user's file of terms is wrong.
    """
    language = section.language or guess_language(map(_text, rows.examples[:_ROWS]))
    if language is None and section.terms is None:
        return {}
    language = language or _UNKNOWN
    asked = make_counterfactuals(rows, Swapper(load_terms(language, section.terms)))
    if not asked:
        return {}
    return {
        name: measure_bias(model, task, asked, encoder=encoder, language=language)
        for name, (model, task) in models.items()
    }


def make_counterfactuals(rows: EncodedRows, swapper: Swapper) -> list[Asked]:
    """Of the first rows that hold a term; an extraction's or a context's offsets go along."""
    asked: list[Asked] = []
    found = 0
    for example in rows.examples:
        made = [Asked(example, each, _change(example, each)) for each in _swaps(example, swapper)]
        found += bool(made)
        asked += made
        if found == _ROWS:
            break
    return asked


def measure_bias(
    model: nn.Module, task: Task, asked: list[Asked], *, encoder: TextEncoder, language: str
) -> BiasReport:
    """Ask a model both texts of each pair.

    Args:
        model: in any mode.
        task: with its thresholds.
        asked: of :func:`make_counterfactuals`.
        encoder: the task's.
        language: of the terms.
    """
    firsts = {each.example.id: each.example for each in asked}
    before = dict(zip(firsts, _answers(model, task, list(firsts.values()), encoder), strict=True))
    after = _answers(model, task, [each.changed for each in asked], encoder)
    moves = [
        _move(each, before[each.example.id], new) for each, new in zip(asked, after, strict=True)
    ]
    return compare_answers(moves, language=language, rows=len(firsts))


def _answers(
    model: nn.Module, task: Task, examples: list[Example], encoder: TextEncoder
) -> list[Prediction]:
    rows = encode_rows(task, examples, encoder)
    return decode_rows(task, rows, predict_logits(model, task, rows.encodings))


def _swaps(example: Example, swapper: Swapper) -> Iterator[Counterfactual]:
    return swapper.counterfactuals(_text(example))


def _text(example: Example) -> str:
    return example.context if isinstance(example, QAExample) else example.text


def _change(example: Example, made: Counterfactual) -> Example:
    """The example with the other text; what is true of it is not asked, only the answer."""
    if isinstance(example, QAExample):
        return replace(example, context=made.text, answers=())
    if isinstance(example, ExtractionExample):
        return replace(example, text=made.text, entities=())
    return replace(example, text=made.text)


def _move(asked: Asked, before: Any, after: Any) -> Move:
    made, row = asked.counterfactual, asked.example.id
    if isinstance(asked.example, ClassificationExample):
        score = {each.label: each.score for each in after.scores}
        first = before.scores[0]
        flipped = set(before.labels) != set(after.labels)
        return Move(made.axis, row, flipped, abs(first.score - score[first.label]))
    if isinstance(asked.example, ExtractionExample):
        expected = {(*made.moved(e.start, e.end), e.label) for e in before.entities}
        found = {(e.start, e.end, e.label) for e in after.entities}
        union = expected | found
        shift = 1 - len(expected & found) / len(union) if union else 0.0
        return Move(made.axis, row, expected != found, shift)
    old, new = before.best, after.best
    place = made.moved(old.start, old.end) if old.text else (0, 0)
    return Move(made.axis, row, place != (new.start, new.end), abs(old.score - new.score))
