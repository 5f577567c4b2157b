"""This task's part of training: what the first sentences and two older methods reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from burnish.arrays import DoubleArray, FloatArray
from burnish.plural import plural
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.sentences import split_sentences
from burnish.tasks.summary.example import SummaryExample
from burnish.tasks.summary.settings import SummaryTask
from burnish.tasks.windows import Encoding, by_window

from ...data.splits import EncodedParts
from ...diagnostics.frozen import NoReader
from ...evaluation.scoring import score_logits
from ..kind import TrainingTask
from .baselines import Centroid, lead, textrank

__all__ = ["CENTROID", "LEAD", "TASK", "TEXTRANK", "score_ranking"]

LEAD = "the first sentences"
TEXTRANK = "TextRank"
CENTROID = "the sentences nearest to the document's TF-IDF centroid"
"""The baselines' names in reports."""

Ranking = Callable[[Sequence[str]], DoubleArray]
"""From a document's sentences to (sentences,) scores, the higher the sooner."""


def score_ranking(
    ranking: Callable[[Sequence[str]], Ranking], task: SummaryTask, parts: EncodedParts
) -> dict[str, Evaluation]:
    """Choose by a ranking as many sentences as score best on validation, and score every part.

    Args:
        ranking: from the training documents to a ranking.
        task: the model's.
        parts: encoded rows.
    """
    ranked = ranking([example.text for example in parts.train.examples])

    def logits(rows: EncodedRows) -> list[list[FloatArray]]:
        return [
            _as_logits(example, encoding, ranked)
            for example, encoding in zip(rows.examples, rows.encodings, strict=True)
        ]

    known = parts.validation
    task = task.tune_length(known.examples, known.encodings, logits(known))
    return {name: score_logits(task, rows, logits(rows)) for name, rows in parts.evaluated.items()}


def _sentences(example: SummaryExample) -> list[str]:
    return [example.text[start:end] for start, end in split_sentences(example.text)]


def _as_logits(example: SummaryExample, encoding: Encoding, ranked: Ranking) -> list[FloatArray]:
    """The scores of sentences as a model's logits: each token has that of its sentence."""
    starts = [start for start, _ in split_sentences(example.text)]
    places = np.searchsorted(starts, encoding.offsets[:, 0], side="right") - 1
    of_token = ranked(_sentences(example))[np.maximum(places, 0)].astype(np.float32)
    return [part[:, None] for part in by_window(of_token, encoding, fill=0.0)]


def _no_curve(examples: Sequence[SummaryExample]) -> str:
    return (
        plural(len(examples), "# [document|documents]")
        + ". burnish has no cheap learning curve for summaries: train on half of the rows and on "
        "all, and compare"
    )


TASK = TrainingTask(
    baselines={
        LEAD: partial(score_ranking, lambda _: lead),
        TEXTRANK: partial(score_ranking, lambda _: textrank),
        CENTROID: partial(score_ranking, Centroid),
    },
    gates={LEAD: "beats_lead"},
    frozen=NoReader(_no_curve, "summaries have no cheap classifier for this"),
)
