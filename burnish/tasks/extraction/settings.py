"""Extraction: entities with character offsets, from one BIO tag per token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field
from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.errors import ConfigError
from burnish.plural import plural
from burnish.tasks.aims import cut_for, read_aim
from burnish.tasks.base import LabelCounts, StatisticsArray, TaskSettings
from burnish.tasks.extraction.bio import best_tags
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.extraction.foreign_tags import (
    TagScheme,
    fold_tags,
    read_scheme,
    renamed_tag,
    tag_types,
)
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.heads import Head
from burnish.tasks.predictions import Claim
from burnish.tasks.readable import require_tokens, validate_text
from burnish.tasks.regimes import IGNORED
from burnish.tasks.scaling import Scaling, fit_scaling
from burnish.tasks.scores import f1, log_softmax, logit, ratio
from burnish.tasks.units import snap_to_graphemes, unit_starts
from burnish.tasks.windows import Encoding, TextEncoder, by_window, merge_windows

__all__ = ["ExtractionTask"]

_PART = 16_384


class ExtractionTask(TaskSettings[str, ExtractionExample, Extraction]):
    """Entities of a text. Each token counts in the window that shows most of the text around it."""

    head: ClassVar[Head] = Head.TOKENS
    support_noun: ClassVar[tuple[str, str]] = ("entity", "entities")
    usual_metric: ClassVar[str] = "f1"
    metric_choices: ClassVar[tuple[str, ...]] = ("f1", "precision", "recall")
    answers: ClassVar[str] = "extraction"
    unanswered: ClassVar[Extraction] = Extraction(entities=(), tokens=0, windows=0)
    proportions: ClassVar[frozenset[str]] = frozenset()

    task: Literal["extraction"] = "extraction"
    labels: tuple[str, ...]
    scaling: Scaling = Scaling()
    """Makes an entity's score the probability that it is right."""
    score_threshold: float = Field(default=0.0, ge=0, le=1)
    """The least score of an entity that is given."""
    outputs: tuple[str, ...] = ()
    """The tags of an adopted model, where they are not :attr:`tags`."""
    scheme: TagScheme = "BIO"
    """That of ``outputs``."""

    @classmethod
    def for_examples(cls, examples: Sequence[ExtractionExample], **settings: Any) -> Self:
        """The task for the entity types that occur, sorted."""
        labels = sorted({entity.label for example in examples for entity in example.entities})
        return cls(labels=tuple(labels), **settings)

    @classmethod
    @override
    def for_outputs(cls, outputs: Sequence[str], **settings: Any) -> Self:
        """The task of a tagger; its tags may be of another scheme and in another order.

        Raises:
            ConfigError: they are not tags.
        """
        try:
            scheme = read_scheme(outputs)
        except ValueError as error:
            raise ConfigError(
                f"the model's outputs are not the tags of a tagger ({', '.join(outputs)}): {error}",
                "name the tags in the order of the outputs, for example --label-names "
                "O,B-person,I-person",
            ) from error
        task = cls(labels=tag_types(outputs), **settings)
        if tuple(outputs) == task.tags:
            return task
        return task.model_copy(update={"outputs": tuple(outputs), "scheme": scheme})

    @classmethod
    @override
    def renamed_outputs(cls, outputs: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
        """Tags under other names; a name of an entity type renames each of its tags."""
        return tuple(renamed_tag(output, names) for output in outputs)

    @property
    def tags(self) -> tuple[str, ...]:
        """``O``, then ``B-`` and ``I-`` of each entity type."""
        return ("O", *(f"{side}-{label}" for label in self.labels for side in "BI"))

    @property
    @override
    def output_labels(self) -> tuple[str, ...]:
        return self.outputs or self.tags

    @property
    @override
    def answer_labels(self) -> tuple[str, ...]:
        return self.labels

    @property
    @override
    def fitted_scaling(self) -> dict[str, Any]:
        return {"scaling": self.scaling.model_dump()}

    @override
    def unknown_labels(self, example: ExtractionExample) -> set[str]:
        return set(example.class_names).difference(self.labels)

    @property
    @override
    def numbers_per_token(self) -> int:
        return len(self.output_labels)

    @override
    def example_input(self, example: ExtractionExample) -> str:
        return example.text

    @override
    def encode(self, given: str, encoder: TextEncoder) -> Encoding:
        validate_text(given)
        encoding = encoder.encode(given)
        require_tokens(encoding)
        return encoding

    @override
    def targets(self, example: ExtractionExample, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """(length,) int64 tag of each token; special tokens are ignored."""
        tags = np.zeros(encoding.tokens, dtype=np.int64)
        starts, ends = encoding.offsets[:, 0], encoding.offsets[:, 1]
        for entity in example.entities:
            inside = np.flatnonzero((starts < entity.end) & (ends > entity.start))
            begin = 1 + 2 * self.labels.index(entity.label)
            tags[inside] = begin + 1
            tags[inside[:1]] = begin
        return by_window(tags, encoding, fill=IGNORED)

    def representable(self, example: ExtractionExample, encoding: Encoding) -> int:
        """How many of the entities the tokenizer can show exactly; the rest can never be found."""
        first_tokens = unit_starts(example.text, encoding)
        if not len(first_tokens):
            return 0
        last_tokens = np.append(first_tokens[1:], encoding.tokens) - 1
        starts = encoding.offsets[first_tokens, 0]
        ends = encoding.offsets[last_tokens, 1]
        exact = 0
        for entity in example.entities:
            inside = np.flatnonzero((starts < entity.end) & (ends > entity.start))
            if len(inside):
                found = (int(starts[inside[0]]), int(ends[inside[-1]]))
                shown = snap_to_graphemes(example.text, *found)
                exact += shown == (entity.start, entity.end)
        return exact

    @override
    def hidden_note(
        self, examples: Sequence[ExtractionExample], encodings: Sequence[Encoding]
    ) -> str:
        """The entities that begin or end inside a token."""
        total = sum(len(example.entities) for example in examples)
        hidden = total - sum(map(self.representable, examples, encodings))
        if not hidden:
            return ""
        return (
            f"{hidden} of {plural(total, '# [entity|entities]')} begin or end inside a "
            "word, where the tokenizer cannot show them; no model can find them"
        )

    @override
    def decode(self, given: str, encoding: Encoding, logits: Sequence[FloatArray]) -> Extraction:
        entities: tuple[Entity, ...] = ()
        if encoding.tokens:
            log_p = _log_p(merge_windows(encoding, logits))
            if self.outputs:
                log_p = fold_tags(log_p, self.outputs, self.labels, scheme=self.scheme)
            tags = best_tags(log_p, unit_starts(given, encoding))
            entities = tuple(self._entities(given, encoding, log_p, tags))
        return Extraction(entities=entities, tokens=encoding.tokens, windows=len(encoding.windows))

    def _entities(
        self,
        text: str,
        encoding: Encoding,
        log_p: npt.NDArray[np.float64],
        tags: npt.NDArray[np.int64],
    ) -> list[Entity]:
        found = []
        begins = np.flatnonzero(tags % 2 == 1)
        for begin in begins.tolist():
            end = begin + 1
            while end < len(tags) and tags[end] == tags[begin] + 1:
                end += 1
            mean = float(np.exp(log_p[np.arange(begin, end), tags[begin:end]]).mean())
            score = self.scaling.score(mean)
            start_char, end_char = snap_to_graphemes(
                text, int(encoding.offsets[begin, 0]), int(encoding.offsets[end - 1, 1])
            )
            if start_char < end_char and score >= self.score_threshold:
                label, words = self.labels[int(tags[begin]) // 2], text[start_char:end_char]
                unsure = score < self.abstain_below
                found.append(Entity(label, score, words, start_char, end_char, unsure))
        return found

    @override
    def tune(
        self,
        examples: Sequence[ExtractionExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Set the least score of an entity; for the F1, every entity that is found is given."""
        aim = read_aim(self.aim)
        if aim.kind == "f1":
            return self
        everything = self.model_copy(update={"score_threshold": 0.0})
        scores, right = everything._said(examples, encodings, logits)
        cut = cut_for(aim, scores, right, total=sum(len(e.entities) for e in examples))
        return self.model_copy(update={"score_threshold": cut.threshold})

    @override
    def calibrate(
        self,
        examples: Sequence[ExtractionExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit temperature and shift of the entities' scores; the tags stay as they are."""
        plain = self.model_copy(update={"scaling": Scaling(), "score_threshold": 0.0})
        scores, right = plain._said(examples, encodings, logits)
        return self.model_copy(update={"scaling": fit_scaling(logit(scores), right) or Scaling()})

    @override
    def uncalibrated(self) -> Self:
        threshold = self.scaling.unscaled(self.score_threshold) if self.score_threshold else 0.0
        return self.model_copy(update={"scaling": Scaling(), "score_threshold": threshold})

    @override
    def most_right(self, example: ExtractionExample) -> int:
        return len(example.entities)

    @override
    def claims(self, example: ExtractionExample, prediction: Extraction) -> list[Claim]:
        gold = _gold(example)
        return [Claim(e.score, (e.start, e.end, e.label) in gold) for e in prediction.entities]

    def _said(
        self,
        examples: Sequence[ExtractionExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """(entities,) scores of everything that is found, and whether each is right."""
        claims = [
            claim
            for example, encoding, windows in zip(examples, encodings, logits, strict=True)
            for claim in self.claims(example, self.decode(example.text, encoding, windows))
        ]
        scores = np.array([claim.score for claim in claims])
        return scores, np.array([claim.right for claim in claims], dtype=bool)

    @override
    def doubt(self, prediction: Extraction) -> float:
        """One minus the weakest entity's score.

        A half where there is none, since a missed entity shows nowhere.
        """
        return 1 - min((entity.score for entity in prediction.entities), default=0.5)

    @override
    def same_answer(self, one: Extraction, other: Extraction) -> bool:
        return one.spans == other.spans

    @override
    def correct(self, example: ExtractionExample, prediction: Extraction) -> bool:
        return _gold(example) == prediction.spans

    @override
    def row_statistics(self, example: ExtractionExample, prediction: Extraction) -> StatisticsArray:
        """(3 labels,): right, predicted and true entities of each type, strict spans."""
        predicted, true = prediction.spans, _gold(example)
        groups = (predicted & true, predicted, true)
        return np.array(
            [sum(s[2] == label for s in spans) for spans in groups for label in self.labels],
            dtype=np.float64,
        )

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        """Micro precision, recall and F1 of strict spans, as CoNLL 2003 and seqeval count them."""
        right, predicted, true = (part.sum(-1) for part in np.split(totals, 3, axis=-1))
        return {
            "precision": ratio(right, predicted),
            "recall": ratio(right, true),
            "f1": f1(right, predicted, true),
        }

    @override
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        _, predicted, true = (part.sum(-1) > 0 for part in np.split(rows, 3, axis=-1))
        found = {"precision": predicted, "recall": true, "f1": predicted | true}
        return {name: float(each.sum()) for name, each in found.items()}

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        columns = zip(*np.split(totals, 3), strict=True)
        return {
            label: LabelCounts(right=right, predicted=predicted, true=true)
            for label, (right, predicted, true) in zip(self.labels, columns, strict=True)
        }


def _log_p(logits: FloatArray) -> npt.NDArray[np.float64]:
    """(tokens, tags) log probabilities, a part of the tokens at a time."""
    found = np.empty(logits.shape)
    for begin in range(0, len(logits), _PART):
        found[begin : begin + _PART] = log_softmax(logits[begin : begin + _PART])
    return found


def _gold(example: ExtractionExample) -> set[tuple[int, int, str]]:
    return {(e.start, e.end, e.label) for e in example.entities}
