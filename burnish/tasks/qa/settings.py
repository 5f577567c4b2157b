"""Question answering: the stretch of a context that answers a question, or that there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field
from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.tasks.aims import cut_for, read_aim
from burnish.tasks.base import LabelCounts, StatisticsArray, TaskSettings
from burnish.tasks.heads import Head
from burnish.tasks.predictions import Claim
from burnish.tasks.qa.example import QAExample, Question
from burnish.tasks.qa.prediction import Answer, QAPrediction
from burnish.tasks.qa.squad import exact_match, token_f1
from burnish.tasks.qa.stretches import answer_tokens, best_stretches, characters
from burnish.tasks.readable import require_tokens, validate_text
from burnish.tasks.scaling import Places, Temperature, improves, lowest, soft_targets
from burnish.tasks.scores import ratio, softmax
from burnish.tasks.units import unit_starts
from burnish.tasks.windows import Encoding, TextEncoder

__all__ = ["SHORTEST_LIMIT", "QATask"]

SHORTEST_LIMIT = 30
"""Tokens that an answer may have in any case, as in the BERT paper's run_squad."""
_KINDS = ("answerable", "unanswerable")
_ENOUGH = 20
"""Rows from which a temperature is fitted."""


class QATask(TaskSettings[Question, QAExample, QAPrediction]):
    """Extractive question answering after BERT (Devlin et al. 2019) and SQuAD 2.0.

    The score of a passage is its start logit plus its end logit. The score of "no answer" is that
    of the first special token, the lowest over all windows. The context holds an answer if the
    best passage beats "no answer" by more than ``no_answer_threshold``.
    """

    head: ClassVar[Head] = Head.SPAN
    label_noun: ClassVar[tuple[str, str]] = ("kind of question", "kinds of questions")
    whole_noun: ClassVar[tuple[str, str]] = ("question", "questions")
    support_noun: ClassVar[tuple[str, str]] = ("question", "questions")
    output_names: ClassVar[tuple[str, ...]] = ("start_logits", "end_logits")
    numbers_per_token: ClassVar[int] = 2
    usual_metric: ClassVar[str] = "f1"
    metric_choices: ClassVar[tuple[str, ...]] = ("f1", "exact_match")
    answers: ClassVar[str] = "question answering"
    output_labels: ClassVar[tuple[str, ...]] = ()
    answer_labels: ClassVar[tuple[str, ...]] = ()
    unanswered: ClassVar[QAPrediction] = QAPrediction(
        answers=(Answer("", 0.0, 0, 0),), tokens=0, windows=0
    )
    proportions: ClassVar[frozenset[str]] = frozenset({"exact_match"})

    task: Literal["qa"] = "qa"
    max_length: int = Field(default=384, ge=16, le=8192)
    stride: int = Field(default=128, ge=0)
    no_answer_threshold: float = 0.0
    temperature: Temperature = 1.0
    """Scores are divided by it, so that an answer's share is the probability that it is right."""
    max_answer_tokens: int = Field(default=SHORTEST_LIMIT, ge=1)
    """The longest answer that can be given."""

    @classmethod
    def for_examples(cls, examples: Sequence[QAExample], **settings: Any) -> Self:
        """The task; its examples decide nothing."""
        del examples
        return cls(**settings)

    @property
    @override
    def fitted_scaling(self) -> dict[str, Any]:
        return {"temperature": self.temperature}

    @override
    def example_input(self, example: QAExample) -> Question:
        return Question(question=example.question, context=example.context)

    @override
    def encode(self, given: Question, encoder: TextEncoder) -> Encoding:
        validate_text(given.question, what="question")
        validate_text(given.context, what="context")
        encoding = encoder.encode_pair(given.question, given.context)
        require_tokens(encoding, what="context")
        return encoding

    @override
    def targets(self, example: QAExample, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """(2,) int64 first and last token of the first answer; 0, 0 where it is not in full."""
        tokens = answer_tokens(example.answers[0], encoding.offsets) if example.answers else None
        first, last = tokens or (-1, -1)
        targets = []
        for window in encoding.windows:
            shift = window.prefix - window.start
            holds = window.start <= first and last < window.stop and first >= 0
            target = (first + shift, last + shift) if holds else (0, 0)
            targets.append(np.array(target, dtype=np.int64))
        return targets

    @override
    def sized_for(self, examples: Sequence[QAExample], encodings: Sequence[Encoding]) -> Self:
        """Allow answers as long as the longest one of the rows that fits into a window."""
        lengths = [
            tokens[1] - tokens[0] + 1
            for example, encoding in zip(examples, encodings, strict=True)
            for answer in example.answers
            if (tokens := answer_tokens(answer, encoding.offsets))
        ]
        longest = min(max(lengths, default=0), self.max_length)
        return self.model_copy(update={"max_answer_tokens": max(SHORTEST_LIMIT, longest)})

    @override
    def decode(
        self, given: Question, encoding: Encoding, logits: Sequence[FloatArray]
    ) -> QAPrediction:
        found, none_score = best_stretches(encoding, logits, longest=self.max_answer_tokens)
        scores = np.array([c.score for c in found] + [none_score + self.no_answer_threshold])
        shares = softmax(scores / self.temperature).tolist()
        units = unit_starts(given.context, encoding)
        answers = [Answer("", shares[-1], 0, 0, shares[-1] < self.abstain_below)]
        seen = set()
        for candidate, share in zip(found, shares, strict=False):
            start, end = characters(given.context, encoding, units, candidate)
            if start < end and (start, end) not in seen:
                seen.add((start, end))
                text, unsure = given.context[start:end], share < self.abstain_below
                answers.append(Answer(text, share, start, end, unsure))
        # "No answer" stands first among equals: the threshold has to be beaten.
        answers.sort(key=lambda answer: -answer.score)
        return QAPrediction(
            answers=tuple(answers), tokens=encoding.tokens, windows=len(encoding.windows)
        )

    @override
    def tune(
        self,
        examples: Sequence[QAExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """The "no answer" threshold with the best main metric (Rajpurkar et al. 2018, appendix).

        For a precision or a recall: of the answers that are given, those that match exactly.
        """
        aim = read_aim(self.aim)
        score = exact_match if self.main_metric == "exact_match" else token_f1
        margins, gains, right = [], [], []
        for example, encoding, windows in zip(examples, encodings, logits, strict=True):
            found, none_score = best_stretches(encoding, windows, longest=self.max_answer_tokens)
            accepted = [answer.text for answer in example.answers]
            if not found:
                continue
            units = unit_starts(example.context, encoding)
            start, end = characters(example.context, encoding, units, found[0])
            margins.append(found[0].score - none_score)
            gains.append(score(example.context[start:end], accepted) - float(not accepted))
            right.append(bool(accepted and exact_match(example.context[start:end], accepted)))
        if aim.kind != "f1":
            answerable = sum(bool(example.answers) for example in examples)
            cut = cut_for(aim, np.array(margins), np.array(right, dtype=bool), total=answerable)
            return self.model_copy(update={"no_answer_threshold": cut.threshold})
        return self.model_copy(update={"no_answer_threshold": _best_threshold(margins, gains)})

    @override
    def calibrate(
        self,
        examples: Sequence[QAExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit the temperature: the best answer's share becomes the probability that it is right."""
        plain = self.uncalibrated()
        ranked, right = [], []
        for example, encoding, windows in zip(examples, encodings, logits, strict=True):
            found, none_score = best_stretches(encoding, windows, longest=self.max_answer_tokens)
            scores = [c.score for c in found] + [none_score + self.no_answer_threshold]
            ranked.append(np.array(scores) - max(scores))
            prediction = plain.decode(self.example_input(example), encoding, windows)
            right.append(self.correct(example, prediction))
        if len(ranked) < _ENOUGH:
            return plain
        width = max(map(len, ranked))
        gaps = np.full((len(ranked), width), -np.inf)
        for row, each in enumerate(ranked):
            gaps[row, : len(each)] = each
        hits = np.array(right)

        def loss(temperature: float, rows: Places, target: npt.NDArray[Any]) -> float:
            share = np.clip(1 / np.exp(gaps[rows] / temperature).sum(1), 1e-12, 1 - 1e-12)
            return -float((target * np.log(share) + (1 - target) * np.log1p(-share)).sum())

        def fit(rows: Places) -> float:
            return lowest(lambda each: loss(each, rows, soft_targets(hits[rows])))

        if not improves(len(hits), fit, lambda each, rows: loss(each or 1.0, rows, hits[rows])):
            return plain
        return self.model_copy(update={"temperature": fit(np.arange(len(hits)))})

    @override
    def uncalibrated(self) -> Self:
        return self.model_copy(update={"temperature": 1.0})

    @override
    def fit(
        self,
        examples: Sequence[QAExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Tune, then calibrate: how sure an answer is depends on the "no answer" threshold."""
        return self.tune(examples, encodings, logits).calibrate(examples, encodings, logits)

    @override
    def most_right(self, example: QAExample) -> int:
        return 1

    @override
    def claims(self, example: QAExample, prediction: QAPrediction) -> list[Claim]:
        return [Claim(prediction.best.score, self.correct(example, prediction))]

    @override
    def doubt(self, prediction: QAPrediction) -> float:
        """One minus the margin of the two best answers, "there is none" among them."""
        best = [answer.score for answer in prediction.answers[:2]]
        return 1 - (best[0] - best[1]) if len(best) > 1 else 1.0

    @override
    def same_answer(self, one: QAPrediction, other: QAPrediction) -> bool:
        return (one.best.start, one.best.end) == (other.best.start, other.best.end)

    @override
    def correct(self, example: QAExample, prediction: QAPrediction) -> bool:
        return bool(exact_match(prediction.best.text, [a.text for a in example.answers]))

    @override
    def row_statistics(self, example: QAExample, prediction: QAPrediction) -> StatisticsArray:
        """(9,): row, exact match, F1, then right, predicted, true of each kind of question."""
        accepted = [answer.text for answer in example.answers]
        said = bool(prediction.best.text)
        true = np.array([bool(accepted), not accepted])
        predicted = np.array([said, not said])
        scores = [
            exact_match(prediction.best.text, accepted),
            token_f1(prediction.best.text, accepted),
        ]
        return np.concatenate([[1.0], scores, true & predicted, predicted, true]).astype(np.float64)

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """Exact match and F1 of SQuAD 2.0, as shares of 1."""
        return {
            "exact_match": ratio(totals[..., 1], totals[..., 0]),
            "f1": ratio(totals[..., 2], totals[..., 0]),
        }

    @override
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        return {"exact_match": len(rows), "f1": len(rows)}

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        columns = zip(*np.split(totals[3:], 3), strict=True)
        return {
            kind: LabelCounts(right=right, predicted=predicted, true=true)
            for kind, (right, predicted, true) in zip(_KINDS, columns, strict=True)
        }


def _best_threshold(margins: Sequence[float], gains: Sequence[float]) -> float:
    """The threshold between two margins at which the sum of gains above it is largest."""
    if not margins:
        return 0.0
    order = np.argsort(np.array(margins))[::-1]
    sorted_margins = np.array(margins)[order]
    totals = np.concatenate([[0.0], np.cumsum(np.array(gains)[order])])
    edges = np.concatenate([[sorted_margins[0] + 1], sorted_margins, [sorted_margins[-1] - 1]])
    best = np.flatnonzero(totals >= totals.max() - 1e-12)
    thresholds = (edges[best] + edges[best + 1]) / 2
    # Among equals the one nearest to the untuned rule.
    return float(thresholds[np.argmin(np.abs(thresholds))])
