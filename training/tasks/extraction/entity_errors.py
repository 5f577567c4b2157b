"""Likely errors of entities: confident learning on tokens, as on labels.

A linear classifier on the frozen encoder's tokens predicts each token's entity, on rows that it was
not fitted on. Where it is sure of another type than the given one, or of an entity where none is
labelled, it doubts the label. Doubts come first where the same words have the predicted type
elsewhere. Words beside an entity are not doubted: its end is disputed more often than it is wrong.
Superfluous entities are not doubted either: the classifier misses more than it invents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from burnish.arrays import FloatArray, IntArray
from burnish.data.content import folded
from burnish.tasks.extraction.example import ExtractionExample

from ...diagnostics.learning_curve import row_folds
from ...diagnostics.linear import fit_linear
from .token_vectors import TokenVectors

__all__ = ["DoubtedEntity", "doubted_entities", "held_out_types"]

_FOLDS = 3
_STRENGTH = 0.01
"""Inverse regularization strength."""
_SURELY = {True: 0.8, False: 1.2}
"""Factors of the classifier's average confidence in entities of that type, by whether the words
are labelled so elsewhere. With 1.0 for both, 13 % of the doubts were planted errors; now 25 % are
(ncbi_disease, ``benchmarks/entity_errors.py``)."""
_LIKELIER_THAN_NOT = 0.5


@dataclass(frozen=True, slots=True)
class DoubtedEntity:
    """A stretch of a text, its given type, and the type that the other rows suggest."""

    row: int
    start: int
    """In code points."""
    end: int
    given: str
    """Empty where nothing is labelled."""
    likely: str
    margin: float
    """Probability of the likely type minus that of the given one."""
    seen: bool
    """Whether these words have the likely type elsewhere."""


def held_out_types(
    tokens: TokenVectors, types: IntArray, *, labels: int, groups: Sequence[str]
) -> FloatArray:
    """(tokens, labels) probabilities by classifiers that had not seen the row.

    Args:
        tokens: the rows' tokens, from several depths of the encoder.
        types: (tokens,) type of each; 0 outside entities.
        labels: number of types, including that of no entity.
        groups: one per row; rows of a group are held out together.
    """
    targets = types[:, None] == np.arange(labels)
    found = np.zeros(targets.shape, dtype=np.float32)
    fold_of = row_folds(groups, _FOLDS, seed=13)[tokens.rows]
    for fold in range(_FOLDS):
        held = fold_of == fold
        model = fit_linear(
            tokens.vectors[~held], targets[~held], multi_label=False, strength=_STRENGTH
        )
        found[held] = model.probabilities(tokens.vectors[held])
    return found


def doubted_entities(
    probabilities: FloatArray,
    tokens: TokenVectors,
    types: IntArray,
    *,
    examples: Sequence[ExtractionExample],
    labels: Sequence[str],
) -> list[DoubtedEntity]:
    """Doubted entities, first those whose words have the likely type elsewhere, then the surest.

    Args:
        probabilities: (tokens, labels) of classifiers that had not seen the row.
        tokens: the tokens' places.
        types: (tokens,) given type of each; 0 outside entities.
        examples: the rows.
        labels: names of the types; the first, that of no entity, is empty.
    """
    stretches = [*_stretches(probabilities, tokens, types, examples, labels)]
    usual = _usual(stretches, labels)
    mentions = _mentions(examples)
    doubts = []
    for each in stretches:
        likely = 1 + int(each.probabilities[1:].argmax())
        score, label = float(each.probabilities[likely]), labels[likely]
        words = folded(examples[each.row].text[each.start : each.end])
        seen = mentions[words, label] > 0
        sure = score >= max(_LIKELIER_THAN_NOT, _SURELY[seen] * usual[likely])
        if sure and label != each.label:
            margin = score - float(each.probabilities[labels.index(each.label)])
            place = (each.row, each.start, each.end)
            doubts.append(DoubtedEntity(*place, each.label, label, margin, seen))
    return sorted(doubts, key=lambda doubt: (not doubt.seen, -doubt.margin, doubt.row, doubt.start))


def _usual(stretches: Sequence[_Stretch], labels: Sequence[str]) -> list[float]:
    """By label, the mean probability of the stretches that have it; infinite where none has."""
    known: dict[str, list[float]] = {label: [] for label in labels}
    for each in stretches:
        known[each.label].append(float(each.probabilities[labels.index(each.label)]))
    return [float(np.mean(scores)) if scores else np.inf for scores in known.values()]


def _mentions(examples: Sequence[ExtractionExample]) -> Counter[tuple[str, str]]:
    """How often words have each label."""
    return Counter(
        (folded(each.text[entity.start : entity.end]), entity.label)
        for each in examples
        for entity in each.entities
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    row: int
    start: int
    end: int
    label: str
    probabilities: FloatArray
    """(labels,) mean of its tokens."""


def _stretches(
    probabilities: FloatArray,
    tokens: TokenVectors,
    types: IntArray,
    examples: Sequence[ExtractionExample],
    labels: Sequence[str],
) -> Iterator[_Stretch]:
    """Entities, and unlabelled words that look like one."""
    ends = np.searchsorted(tokens.rows, np.arange(len(examples) + 1)).tolist()
    for row, example in enumerate(examples):
        places = np.arange(ends[row], ends[row + 1])
        spans, scores = tokens.spans[places], probabilities[places]
        for entity in example.entities:
            inside = (spans[:, 0] < entity.end) & (spans[:, 1] > entity.start)
            if inside.any():  # else it lies behind the window that was read
                mean = scores[inside].mean(0)
                yield _Stretch(row, entity.start, entity.end, entity.label, mean)
        for run in _free_runs(scores, tokens.units[places], types[places]):
            start, end = int(spans[run[0], 0]), int(spans[run[-1], 1])
            yield _Stretch(row, start, end, labels[0], scores[run].mean(0))


def _free_runs(scores: FloatArray, units: IntArray, types: IntArray) -> Iterator[IntArray]:
    """Places of unlabelled words in a row that look like one type, apart from any entity."""
    words = [np.flatnonzero(units == unit) for unit in np.unique(units)]
    taken = [bool(types[word].any()) for word in words]
    best = [
        0 if used else int(scores[w].mean(0).argmax()) for w, used in zip(words, taken, strict=True)
    ]
    for kind, members in groupby(range(len(words)), key=lambda index: best[index]):
        run = list(members)
        beside = taken[max(0, run[0] - 1)] or taken[min(len(words) - 1, run[-1] + 1)]
        if kind and not beside:
            yield np.concatenate([words[index] for index in run])
