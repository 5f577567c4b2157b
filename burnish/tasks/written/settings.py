"""Written answers: a text of the model's own for each text, by an encoder-decoder."""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field
from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.generation.settings import GenerationSettings
from burnish.tasks.base import TaskSettings
from burnish.tasks.heads import Head
from burnish.tasks.predictions import Claim
from burnish.tasks.readable import require_tokens, validate_text
from burnish.tasks.scaling import Scaling, fit_scaling
from burnish.tasks.scores import logit
from burnish.tasks.sentences import split_sentences
from burnish.tasks.windows import Encoding, TextEncoder, Window
from burnish.tasks.written.encoding import (
    SourceEncoder,
    SourceEncoding,
    join_pieces,
    language_id,
)
from burnish.tasks.written.example import WrittenExample
from burnish.tasks.written.prediction import Writing, Written
from burnish.tasks.written.scores import WrittenScores

__all__ = ["WrittenTask"]

_LONGEST = 128
"""Tokens that are written at most where no row says more."""
_MOST = 512
"""The same where rows have longer targets."""
_ROOM = 1.25
"""So much longer than any training row's may an answer be."""
_SLACK = 10
_SINGLE = 0.9
"""The share of the rows from which a model counts as one for single sentences."""


class WrittenTask(WrittenScores, TaskSettings[str, WrittenExample, Written], ABC):
    """A text that the model writes, token by token.

    A task of this kind adds its name, its answer's class, and its metrics.
    """

    head: ClassVar[Head] = Head.WRITTEN
    output_labels: ClassVar[tuple[str, ...]] = ()
    answer_labels: ClassVar[tuple[str, ...]] = ()
    good: ClassVar[float]
    """The quality from which an answer counts as right, where one must be right or wrong: in
    calibration, and in counts of answers lost."""

    epoch_rows: ClassVar[int | None] = 64
    """An answer takes as many steps as it has tokens."""

    stride: int = Field(default=1, ge=0)
    """Unused: pieces do not overlap."""
    generation: GenerationSettings | None = None
    """The model's own tokens: what starts and ends a text, the language to write. None: it is not
    known yet."""
    source_language: str | None = None
    target_language: str | None = None
    """Tokens of the tokenizer, where the model knows several languages."""
    beams: int = Field(default=1, ge=1, le=32)
    length_penalty: float = Field(default=1.0, ge=-10, le=10)
    no_repeat_ngram_size: int = Field(default=0, ge=0, le=100)
    longest: int | None = Field(default=None, ge=1, le=4096)
    """The most tokens that are written for a piece, the one that ends it among them."""
    most_per_token: float = Field(default=2.0, gt=0, le=1000)
    """The most tokens that are written for each token of a piece, beyond the first ten."""
    per_token: float = Field(default=1.0, gt=0, le=1000)
    """Tokens that are written for a token, on average: what an answer's cost is foreseen by."""
    by_sentence: bool = False
    """Whether a text is written sentence by sentence: the training rows are single ones."""
    scaling: Scaling = Scaling()
    """Makes an answer's score the probability that it is a good one."""

    @classmethod
    def for_examples(cls, examples: Sequence[WrittenExample], **settings: Any) -> Self:
        """The task for these rows; they decide whether texts are divided into sentences.

        Args:
            examples: the rows.
            **settings: of the task, by name.
        """
        single = sum(len(split_sentences(each.source)) <= 1 for each in examples)
        return cls(by_sentence=single >= _SINGLE * max(len(examples), 1), **settings)

    @property
    @override
    def fitted_scaling(self) -> dict[str, Any]:
        return self.scaling.model_dump()

    @override
    def example_input(self, example: WrittenExample) -> str:
        return example.source

    @override
    def encode(self, given: str, encoder: TextEncoder) -> SourceEncoding:
        """The pieces of a text.

        Raises:
            InputError: it is empty, is not valid Unicode or makes no token.
            ConfigError: the tokenizer has no token for the source's language.
        """
        validate_text(given)
        encoding = self._sources(encoder).encode(given)
        require_tokens(encoding)
        return encoding

    def _sources(self, encoder: TextEncoder) -> SourceEncoder:
        return SourceEncoder(encoder, language=self.source_language, by_sentence=self.by_sentence)

    @override
    def lessons(
        self, example: WrittenExample, encoding: Encoding
    ) -> list[tuple[Window, npt.NDArray[Any]]]:
        """The whole source with the whole target; nothing where either is too long."""
        target = self.target_ids(example, encoding)
        window = self._sources(_encoder(encoding)).whole(example.source)
        if window is None or (self.longest is not None and len(target) > self.longest):
            return []
        return [(window, np.array(target, dtype=np.int64))]

    @override
    def targets(self, example: WrittenExample, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """(m,) int64, the tokens to write: one array, or none as for `lessons`."""
        return [target for _, target in self.lessons(example, encoding)]

    def target_ids(self, example: WrittenExample, encoding: Encoding) -> list[int]:
        """The ids of a row's target, with the forced first token and the end."""
        settings = self._settled
        forced = settings.forced_start_id
        first = [] if forced is None else [forced]
        return [*first, *_encoder(encoding).ids(example.target), settings.end_ids[0]]

    @property
    def _settled(self) -> GenerationSettings:
        if self.generation is None:
            raise ValueError("the task has no generation settings: its base is not known")
        return self.generation

    def settled(self, own: GenerationSettings, encoder: TextEncoder) -> Self:
        """A copy with a model's own tokens, and with the language that it is to write.

        Args:
            own: what the model's files say.
            encoder: the tokenizer.

        Raises:
            ConfigError: the tokenizer has no token for a language.
        """
        if self.source_language is not None:
            language_id(encoder, self.source_language)
        if self.target_language is not None:
            target = language_id(encoder, self.target_language)
            own = own.model_copy(update={"forced_start_id": target})
        return self.model_copy(update={"generation": own})

    @property
    @override
    def for_epochs(self) -> Self:
        """One beam."""
        return self.model_copy(update={"beams": 1})

    def search(self, window: Window) -> GenerationSettings:
        """How the answer to a piece is searched for."""
        values = {
            "beams": self.beams,
            "length_penalty": self.length_penalty,
            "no_repeat_ngram_size": self.no_repeat_ngram_size,
            "max_length": self.most_tokens(window),
            "min_length": 0,
        }
        return self._settled.model_copy(update=values)

    def searching(self, *, beams: int | None = None, most: int | None = None) -> Self:
        """The same task with another search, where one is asked for.

        Args:
            beams: 1 to 32.
            most: the most tokens to write for a piece; the task's own limits hold too.
        """
        values: dict[str, Any] = {} if beams is None else {"beams": beams}
        if most is not None:
            values["longest"] = min(most, self.longest or _LONGEST)
        return self.model_copy(update=values) if values else self

    def most_tokens(self, window: Window) -> int:
        """How many tokens are written for a piece at most."""
        most = _SLACK + math.ceil(self.most_per_token * (window.stop - window.start))
        return min(self.longest or _LONGEST, most)

    def expected_tokens(self, window: Window) -> float:
        """How many are likely to be written."""
        return min(1 + self.per_token * (window.stop - window.start), self.most_tokens(window))

    @override
    def sized_for(self, examples: Sequence[WrittenExample], encodings: Sequence[Encoding]) -> Self:
        """Take the lengths of answers from these rows."""
        pairs = list(zip(examples, encodings, strict=True))
        if not pairs:
            return self
        written = np.array([len(self.target_ids(*each)) for each in pairs])
        read = np.array([max(1, encoding.tokens) for encoding in encodings])
        longest = min(_MOST, max(16, math.ceil(_ROOM * written.max())))
        values = {
            "per_token": float(written.sum() / read.sum()),
            "most_per_token": max(0.1, _ROOM * float(((written - _SLACK) / read).max())),
            "longest": self.longest or longest,
        }
        return self.model_copy(update=values)

    @override
    def hidden_note(self, examples: Sequence[WrittenExample], encodings: Sequence[Encoding]) -> str:
        """That some rows are too long to learn from."""
        if self.generation is None:
            return ""
        pairs = zip(examples, encodings, strict=True)
        short = sum(bool(self.lessons(*each)) for each in pairs)
        if short == len(examples):
            return ""
        return (
            f"{len(examples) - short} of {len(examples)} rows are longer than the window of "
            f"{self.max_length} tokens, or than the most that are written: nothing is learned from "
            "them, and they are answered in parts"
        )

    @override
    def decode(self, given: str, encoding: Encoding, logits: Sequence[FloatArray]) -> Written:
        """The answer, of what was written for each piece.

        Args:
            given: the text.
            encoding: its pieces.
            logits: for each (m, 2), the ids and the logarithms of their probabilities.
        """
        assert isinstance(encoding, SourceEncoding)  # noqa: S101  for the type checker
        ends = set(self._settled.end_ids)
        texts: list[str] = []
        ended = True
        for array in logits:
            ids = [int(each) for each in array[:, 0]]
            ended &= bool(ids) and ids[-1] in ends
            texts.append(encoding.encoder.text_of([each for each in ids if each not in ends]))
        logs = np.concatenate([array[:, 1] for array in logits]).astype(np.float64)
        raw = float(np.exp(np.minimum(logs, 0)).mean()) if len(logs) else 0.0
        score = self.scaling.score(raw)
        writing = Writing(
            text=join_pieces(given, encoding.pieces, texts).strip(),
            score=score,
            steps=len(logs),
            ended=ended,
            abstained=score < self.abstain_below,
        )
        seen = {"tokens": encoding.tokens, "windows": len(encoding.windows)}
        return replace(self.unanswered, writing=writing, **seen)

    @override
    def calibrate(
        self,
        examples: Sequence[WrittenExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit temperature and shift, so that a score is the probability of a good answer."""
        plain = self.uncalibrated()
        pairs = list(zip(examples, encodings, logits, strict=True))
        answers = [plain.decode(each.source, encoding, own) for each, encoding, own in pairs]
        right = [self.correct(each, answer) for each, answer in zip(examples, answers, strict=True)]
        scores = logit(np.array([answer.writing.score for answer in answers], dtype=np.float64))
        found = fit_scaling(scores, np.array(right, dtype=bool)) if answers else None
        return plain.model_copy(update={"scaling": found or Scaling()})

    @override
    def uncalibrated(self) -> Self:
        return self.model_copy(update={"scaling": Scaling()})

    @override
    def most_right(self, example: WrittenExample) -> int:
        return 1

    @override
    def claims(self, example: WrittenExample, prediction: Written) -> list[Claim]:
        return [Claim(prediction.writing.score, self.correct(example, prediction))]

    @override
    def doubt(self, prediction: Written) -> float:
        return 1 - prediction.writing.score

    @override
    def correct(self, example: WrittenExample, prediction: Written) -> bool:
        """Whether the answer is a good one; two good ones seldom have the same words."""
        return self.quality(example, prediction) >= self.good


def _encoder(encoding: Encoding) -> TextEncoder:
    assert isinstance(encoding, SourceEncoding)  # noqa: S101  for the type checker
    return encoding.encoder
