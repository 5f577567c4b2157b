"""Summaries: a document's own sentences, chosen by what a model says of their tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator
from typing_extensions import override

from burnish.arrays import DoubleArray, FloatArray
from burnish.tasks.base import LabelCounts, StatisticsArray, TaskSettings
from burnish.tasks.heads import Head
from burnish.tasks.predictions import Claim
from burnish.tasks.readable import require_tokens, validate_text
from burnish.tasks.regimes import IGNORED
from burnish.tasks.rouge import scores as rouge_scores
from burnish.tasks.scaling import Scaling, fit_scaling
from burnish.tasks.scores import ratio, sigmoid
from burnish.tasks.sentences import split_sentences
from burnish.tasks.summary.choosing import Length, choose
from burnish.tasks.summary.example import SummaryExample
from burnish.tasks.summary.prediction import Sentence, Summary
from burnish.tasks.windows import Encoding, TextEncoder, by_window, merge_windows

__all__ = ["KEY", "SummaryTask"]

KEY = "key sentence"
_METRICS = ("rouge1", "rouge2", "rouge_l")
_COUNTS = (1, 2, 3, 4, 5, 6, 8, 10)
_LEADS = (0.0, 0.5, 1.0, 2.0, 4.0)
_DIVERSITIES = (0.0, 0.3, 0.5)
"""Of which the best on validation are taken, one after the other."""
_FITTED = ("count", "lead", "penalty", "scaling")
_MOST_TUNED = 300
"""Validation rows that choose them; each is summarized a dozen times."""

_Row = tuple[SummaryExample, Encoding, Sequence[FloatArray]]
"""A document, its encoding, and one array of logits a window."""


class SummaryTask(TaskSettings[str, SummaryExample, Summary]):
    """Extractive summaries (as BERTSum's, Liu & Lapata 2019): sentences of the document itself.

    The model reads the document as it is written, in windows of many sentences, and gives each
    token a number. A sentence's is the mean over its tokens, each from the window that shows most
    of the text around it. What stands early counts more where validation says so (``lead``): a
    window does not show where in a long document it lies.
    """

    head: ClassVar[Head] = Head.MARKS
    label_noun: ClassVar[tuple[str, str]] = ("kind of sentence", "kinds of sentences")
    support_noun: ClassVar[tuple[str, str]] = ("sentence", "sentences")
    usual_metric: ClassVar[str] = "rouge_l"
    metric_choices: ClassVar[tuple[str, ...]] = ("rouge_l", "rouge2", "rouge1")
    answers: ClassVar[str] = "summaries"
    output_labels: ClassVar[tuple[str, ...]] = (KEY,)
    answer_labels: ClassVar[tuple[str, ...]] = ()
    numbers_per_token: ClassVar[int] = 1
    unanswered: ClassVar[Summary] = Summary(sentences=(), tokens=0, windows=0)
    proportions: ClassVar[frozenset[str]] = frozenset()

    task: Literal["summary"] = "summary"
    max_length: int = Field(default=384, ge=16, le=8192)
    stride: int = Field(default=96, ge=0)
    sentences: int | None = Field(default=None, ge=1)
    words: int | None = Field(default=None, ge=1)
    ratio: float | None = Field(default=None, gt=0, le=1)
    """The length that the recipe asks for, in one of three ways; else validation chooses it."""
    diversity: float | None = Field(default=None, ge=0, le=1)
    """How much a sentence loses that says again what another said; None: validation chooses."""
    count: int = Field(default=3, ge=1)
    """How many sentences a summary has, where the recipe asks for no length."""
    penalty: float = Field(default=0.0, ge=0, le=1)
    """The diversity, where the recipe asks for none."""
    lead: float = Field(default=0.0, ge=0)
    """What the first sentence's logit gains; the second's half of it, the third's a third."""
    scaling: Scaling = Scaling()
    """Makes a sentence's score the probability that it is a key sentence."""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        given = [each for each in (self.sentences, self.words, self.ratio) if each is not None]
        if len(given) > 1:
            raise ValueError("give one of sentences, words and ratio")
        return self

    @classmethod
    def for_examples(cls, examples: Sequence[SummaryExample], **settings: Any) -> Self:
        """The task; its examples decide nothing."""
        del examples
        return cls(**settings)

    @property
    def length(self) -> Length:
        """How long a summary is."""
        if self._length_is_open:
            return Length(sentences=self.count)
        return Length(sentences=self.sentences, words=self.words, ratio=self.ratio)

    @property
    @override
    def summary_metrics(self) -> tuple[str, ...]:
        others = (name for name in self.metric_choices if name != self.main_metric)
        return (self.main_metric, *others, "ceiling")

    @property
    @override
    def fitted_scaling(self) -> dict[str, Any]:
        return self.scaling.model_dump()

    @override
    def example_input(self, example: SummaryExample) -> str:
        return example.text

    @override
    def encode(self, given: str, encoder: TextEncoder) -> Encoding:
        validate_text(given)
        encoding = encoder.encode(given)
        require_tokens(encoding)
        return encoding

    @override
    def targets(self, example: SummaryExample, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """(length,) float32: 1 in a key sentence, 0 in another; special tokens are ignored."""
        of_token = np.zeros(encoding.tokens, dtype=np.float32)
        starts = encoding.offsets[:, 0]
        for begin, end in example.key:
            of_token[(starts >= begin) & (starts < end)] = 1.0
        return by_window(of_token, encoding, fill=IGNORED)

    @override
    def decode(self, given: str, encoding: Encoding, logits: Sequence[FloatArray]) -> Summary:
        read = self._read(given, encoding, logits)
        whole = Summary(
            sentences=(),
            candidates=tuple(read),
            tokens=encoding.tokens,
            windows=len(encoding.windows),
        )
        return self.chosen(whole, self.length)

    def chosen(self, summary: Summary, length: Length) -> Summary:
        """The summary of a document at another length."""
        if not summary.candidates:
            return summary
        ranks = np.array([each.rank for each in summary.candidates])
        texts = [each.text for each in summary.candidates]
        penalty = self.penalty if self.diversity is None else self.diversity
        return summary.of(choose(sigmoid(ranks), texts, length=length, diversity=penalty))

    def _read(self, text: str, encoding: Encoding, logits: Sequence[FloatArray]) -> list[Sentence]:
        """The sentences of which the model has seen a token."""
        places = split_sentences(text)
        if not encoding.tokens or not places:
            return []
        of_token = merge_windows(encoding, logits)[:, 0].astype(np.float64)
        means = _means(of_token, encoding.offsets[:, 0], [start for start, _ in places])
        found = []
        for number, ((start, end), mean) in enumerate(zip(places, means, strict=True), start=1):
            if np.isfinite(mean):
                rank = float(mean) + self.lead / number
                score = self.scaling.score(float(sigmoid(np.array(rank))))
                unsure = score < self.abstain_below
                found.append(Sentence(text[start:end], score, rank, start, end, unsure))
        return found

    @override
    def tune(
        self,
        examples: Sequence[SummaryExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """The length, the lead and the diversity with the best main metric, one after another."""
        rows = list(zip(examples, encodings, logits, strict=True))[:_MOST_TUNED]
        longer = self._plain._best_of_lengths(rows)
        early = longer._best_of(rows, "lead", _LEADS)
        return early._best_of(rows, "penalty", _DIVERSITIES) if self.diversity is None else early

    def tune_length(
        self,
        examples: Sequence[SummaryExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """The length alone, for sentences that are ranked by something simpler than a model."""
        rows = list(zip(examples, encodings, logits, strict=True))[:_MOST_TUNED]
        return self._plain.model_copy(update={"diversity": None})._best_of_lengths(rows)

    @property
    def _plain(self) -> Self:
        """Without what validation has chosen, so that rows which choose again choose the same."""
        fitted = {name: type(self).model_fields[name].default for name in _FITTED}
        return self.model_copy(update=fitted)

    def _best_of_lengths(self, rows: Sequence[_Row]) -> Self:
        return self._best_of(rows, "count", _COUNTS) if self._length_is_open else self

    @property
    def _length_is_open(self) -> bool:
        return (self.sentences, self.words, self.ratio) == (None, None, None)

    def _best_of(self, rows: Sequence[_Row], field: str, choices: Sequence[float]) -> Self:
        """The copy that reaches the best main metric; the first of equals, this one before all."""
        return max(
            (self, *(self.model_copy(update={field: value}) for value in choices)),
            key=lambda each: each._reached(rows),
        )

    def _reached(self, rows: Sequence[_Row]) -> float:
        if not rows:
            return 0.0
        statistics = [
            self.row_statistics(example, self.decode(example.text, encoding, windows))
            for example, encoding, windows in rows
        ]
        return float(self.score_of(np.stack(statistics))[self.main_metric])

    @override
    def calibrate(
        self,
        examples: Sequence[SummaryExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit temperature and shift to all sentences; which of them are chosen stays."""
        ranks: list[float] = []
        right: list[bool] = []
        for example, encoding, windows in zip(examples, encodings, logits, strict=True):
            for each in self._read(example.text, encoding, windows):
                ranks.append(each.rank)
                right.append((each.start, each.end) in example.key)
        found = fit_scaling(np.array(ranks), np.array(right, dtype=bool))
        return self.model_copy(update={"scaling": found or Scaling()})

    @override
    def uncalibrated(self) -> Self:
        return self.model_copy(update={"scaling": Scaling()})

    @override
    def fit(
        self,
        examples: Sequence[SummaryExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Tune, then calibrate: a score counts what the lead adds."""
        return self.tune(examples, encodings, logits).calibrate(examples, encodings, logits)

    @override
    def most_right(self, example: SummaryExample) -> int:
        return len(example.key)

    @override
    def claims(self, example: SummaryExample, prediction: Summary) -> list[Claim]:
        return [Claim(e.score, (e.start, e.end) in example.key) for e in prediction.sentences]

    @override
    def doubt(self, prediction: Summary) -> float:
        """One minus the weakest sentence's score."""
        return 1 - min((each.score for each in prediction.sentences), default=0.5)

    @override
    def same_answer(self, one: Summary, other: Summary) -> bool:
        return one.spans == other.spans

    @override
    def shared_answers(self, one: Summary, other: Summary) -> tuple[float, float]:
        """Sentences."""
        given = (len(one.spans) + len(other.spans)) / 2
        return (float(len(one.spans & other.spans)), given) if given else (1.0, 1.0)

    @override
    def correct(self, example: SummaryExample, prediction: Summary) -> bool:
        return set(example.key) == prediction.spans

    @override
    def row_statistics(self, example: SummaryExample, prediction: Summary) -> StatisticsArray:
        """(8,): row, ROUGE-1, -2, -L, the ceiling, then right, given and true key sentences."""
        found = rouge_scores(prediction.text, example.summary)
        ceiling = getattr(rouge_scores(example.key_text, example.summary), self.main_metric)
        true, said = set(example.key), prediction.spans
        rouge = [getattr(found, name) for name in _METRICS]
        return np.array([1.0, *rouge, ceiling, len(true & said), len(said), len(true)])

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """ROUGE's F-measures (Lin 2004), and the main one of the best greedy choice."""
        names = (*_METRICS, "ceiling")
        return {
            name: ratio(totals[..., place], totals[..., 0])
            for place, name in enumerate(names, start=1)
        }

    @override
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        return dict.fromkeys((*_METRICS, "ceiling"), float(len(rows)))

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        right, predicted, true = totals[5:]
        return {KEY: LabelCounts(right=right, predicted=predicted, true=true)}


def _means(of_token: DoubleArray, begins: npt.NDArray[Any], starts: Sequence[int]) -> DoubleArray:
    """(sentences,) the mean over the tokens that begin in each; not a number where none does."""
    places = np.searchsorted(np.array(starts), begins, side="right") - 1
    known = places >= 0
    counts = np.bincount(places[known], minlength=len(starts)).astype(np.float64)
    sums = np.bincount(places[known], weights=of_token[known], minlength=len(starts))
    found: DoubleArray = np.divide(sums, counts, out=np.full(len(starts), np.nan), where=counts > 0)
    return found
