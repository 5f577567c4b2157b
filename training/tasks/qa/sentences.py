"""The sentence that shares most with the question: the score of mere search."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from burnish.tasks import QATask
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation, evaluate
from burnish.tasks.qa.example import QAExample
from burnish.tasks.qa.prediction import Answer, QAPrediction
from burnish.tasks.qa.squad import token_f1

from ...data.splits import EncodedParts
from ...data.wording import sentences, words

__all__ = ["SENTENCES", "score_sentences"]

SENTENCES = "sentence that shares most with the question"
"""The baseline's name in reports."""

_NOTHING = Answer("", 0.0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Found:
    answer: Answer
    """The best sentence, scored by its share of the question's weight."""
    if_given: float
    """F1 of that answer."""
    if_withheld: float
    """F1 of saying that there is no answer."""


def score_sentences(task: QATask, parts: EncodedParts) -> dict[str, Evaluation]:
    """Weigh words by their rarity in train; answer above a score that is tuned on validation."""
    train: Sequence[QAExample] = parts.train.examples
    weights = _Weights([example.context for example in train])
    found = {
        name: [_find(example, weights) for example in _all(rows)]
        for name, rows in parts.evaluated.items()
    }
    least = _least_score(found["validation"])
    return {
        name: evaluate(task, _all(rows), [_predict(each, least) for each in found[name]])
        for name, rows in parts.evaluated.items()
    }


def _all(rows: EncodedRows) -> list[Any]:
    """All rows, including those whose question no model can read."""
    return [*rows.examples, *rows.unreadable]


class _Weights:
    """Inverse document frequency of words (Spärck Jones 1972)."""

    def __init__(self, contexts: Sequence[str]) -> None:
        documents = {frozenset(_words(context)) for context in contexts}
        self._count = len(documents)
        self._seen = Counter(word for document in documents for word in document)

    def of(self, word: str) -> float:
        return math.log((1 + self._count) / (1 + self._seen[word])) + 1e-3


def _find(example: QAExample, weights: _Weights) -> _Found:
    asked = set(_words(example.question))
    whole = sum(map(weights.of, asked)) or 1.0
    found = sentences(example.context)
    shared = [
        sum(map(weights.of, asked.intersection(_words(example.context[start:end])))) / whole
        for start, end in found
    ]
    best = int(np.argmax(shared))
    start, end = found[best]
    text = example.context[start:end]
    accepted = [answer.text for answer in example.answers]
    return _Found(
        Answer(text, shared[best], start, end), token_f1(text, accepted), token_f1("", accepted)
    )


def _least_score(found: Sequence[_Found]) -> float:
    """The score from which answering gains more F1 over all rows than withholding."""
    scores = np.array([each.answer.score for each in found])
    gains = np.array([each.if_given - each.if_withheld for each in found])
    order = np.argsort(-scores, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(gains[order])])
    best = int(np.argmax(total))
    return math.inf if best == 0 else float(scores[order[best - 1]])


def _predict(found: _Found, least: float) -> QAPrediction:
    answers = [found.answer, _NOTHING]
    if found.answer.score < least:
        answers.reverse()
    return QAPrediction(answers=tuple(answers), tokens=0, windows=1)


def _words(text: str) -> list[str]:
    return words(text.casefold())
