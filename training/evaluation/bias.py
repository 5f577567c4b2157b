"""Asking a model texts that differ only in a person's group."""

from __future__ import annotations

from collections.abc import Iterator
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
from burnish.digest import file_sha256
from burnish.recipe.sections import BiasSection
from burnish.run import TermsRecord
from burnish.tasks import Prediction, Task, TextEncoder
from burnish.tasks.answered import decode_rows
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.qa.example import QAExample
from burnish.torch_models.logits import predict_logits

__all__ = [
    "Asked",
    "Counterfactuals",
    "check_terms",
    "find_counterfactuals",
    "measure_bias",
    "record_terms",
]

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


@dataclass(frozen=True, slots=True)
class Counterfactuals:
    """What models are asked."""

    language: str
    """Of the terms."""
    asked: tuple[Asked, ...]


def check_terms(section: BiasSection) -> None:
    """Read the terms that a recipe names, before hours go into what they are to judge.

    Raises:
        ConfigError: there are none for the language, or the file is wrong.
    """
    if section.language is not None or section.terms is not None:
        load_terms(section.language or _UNKNOWN, section.terms)


def record_terms(section: BiasSection) -> TermsRecord | None:
    """The user's file with its digest; the recipe passed :func:`check_terms`."""
    if section.terms is None:
        return None
    return TermsRecord(path=str(section.terms), sha256=file_sha256(section.terms))


def find_counterfactuals(rows: EncodedRows, section: BiasSection) -> Counterfactuals | None:
    """Texts that differ from the first rows with a term in a person's group alone.

    Args:
        rows: the validation rows.
        section: the recipe's.

    Returns:
        None where the texts are in no language that there are terms for, or hold none of them.
    """
    language = section.language or guess_language(map(_text, rows.examples[:_ROWS]))
    if language is None and section.terms is None:
        return None
    language = language or _UNKNOWN
    asked = _make(rows, Swapper(load_terms(language, section.terms)))
    return Counterfactuals(language, tuple(asked)) if asked else None


def _make(rows: EncodedRows, swapper: Swapper) -> list[Asked]:
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
    model: nn.Module, task: Task, found: Counterfactuals, *, encoder: TextEncoder
) -> BiasReport:
    """Ask a model both texts of each pair.

    Args:
        model: in any mode.
        task: with its thresholds.
        found: of :func:`find_counterfactuals`.
        encoder: of the base's tokenizer, with the task's window.
    """
    firsts = {each.example.id: each.example for each in found.asked}
    before = dict(zip(firsts, _answers(model, task, list(firsts.values()), encoder), strict=True))
    after = _answers(model, task, [each.changed for each in found.asked], encoder)
    moves = [
        _move(each, before[each.example.id], new)
        for each, new in zip(found.asked, after, strict=True)
    ]
    return compare_answers(moves, language=found.language, rows=len(firsts))


def _answers(
    model: nn.Module, task: Task, examples: list[Example], encoder: TextEncoder
) -> tuple[Prediction, ...]:
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
