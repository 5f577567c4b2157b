"""Kinds of errors: of entities by what is wrong with them, of answers by what was done instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.qa.example import QAExample
from burnish.tasks.qa.prediction import QAPrediction
from burnish.tasks.qa.squad import exact_match, token_f1

__all__ = ["count_kinds"]


def count_kinds(examples: Sequence[Any], predictions: Sequence[Any]) -> dict[str, int]:
    """Errors by kind, most frequent first; empty for classification, where confusions say more.

    Of entities (after Nejadgholi et al. 2020): ``boundary``: right label, overlapping place;
    ``type``: right place, wrong label; ``boundary and type``; ``missed``; ``invented``. Of answers:
    ``invented``: the context holds none; ``missed``: it holds one; ``partial``: they overlap;
    ``elsewhere``: they do not.
    """
    counts: Counter[str] = Counter()
    for example, prediction in zip(examples, predictions, strict=True):
        if isinstance(example, ExtractionExample):
            counts.update(_entity_errors(example, prediction))
        elif isinstance(example, QAExample):
            counts.update(_answer_errors(example, prediction))
    return dict(counts.most_common())


def _entity_errors(example: ExtractionExample, prediction: Extraction) -> Iterable[str]:
    right = {(e.start, e.end, e.label) for e in example.entities}
    found = {(e.start, e.end, e.label) for e in prediction.entities}
    touched = set()
    for entity in prediction.entities:
        if (entity.start, entity.end, entity.label) in right:
            continue
        rivals = [e for e in right - found if e[0] < entity.end and entity.start < e[1]]
        if not rivals:
            yield "invented"
            continue
        rival = max(rivals, key=lambda e: min(e[1], entity.end) - max(e[0], entity.start))
        touched.add(rival)
        yield _difference(entity, rival)
    for entity_left in right - found - touched:
        del entity_left
        yield "missed"


def _difference(entity: Entity, true: tuple[int, int, str]) -> str:
    if (entity.start, entity.end) == true[:2]:
        return "type"
    return "boundary" if entity.label == true[2] else "boundary and type"


def _answer_errors(example: QAExample, prediction: QAPrediction) -> Iterable[str]:
    answer, accepted = prediction.best.text, [a.text for a in example.answers]
    if exact_match(answer, accepted):
        return
    if not accepted:
        yield "invented"
    elif not answer:
        yield "missed"
    else:
        yield "partial" if token_f1(answer, accepted) else "elsewhere"
