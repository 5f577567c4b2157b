"""Greedy and beam search, one decoder step at a time.

The algorithm is that of transformers' ``generate``, token for token, on one text: its beams are the
batch, so that an answer never depends on other texts. Scores are kept in fp32, as there. Where two
continuations have exactly the same score, the lower beam and then the lower token wins; torch's
``argmax`` does so too, and its ``topk`` takes either.

A search holds no thread and no lock: whoever calls `Generation.step` decides when the next step is
computed, and drops the object when nobody waits for the answer any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from burnish.arrays import BoolArray, FloatArray, IntArray
from burnish.errors import ConfigError
from burnish.generation.constraints import constrain
from burnish.generation.settings import GenerationSettings

__all__ = ["Decoder", "Generated", "Generation", "Model"]

_NEVER = np.float32(-1e9)
"""transformers' score of what may not be chosen."""
_BLOCK = 64


class Decoder(Protocol):
    """One text's state in a model: its source, and the cache of what its beams have written."""

    def step(self, tokens: IntArray, beams: IntArray) -> FloatArray:
        """Append a token to each beam.

        Args:
            tokens: (beams,), what each beam continues with.
            beams: (beams,), which beam of the step before each one continues.

        Returns:
            the logits of the next token, (beams, vocabulary), which the caller may change.
        """


class Model(Protocol):
    """What a search needs of a model."""

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""

    @property
    def target_positions(self) -> int | None:
        """How many tokens the decoder can write; None where there is no limit."""

    def begin(self, source: Sequence[int]) -> Decoder:
        """Encode a text."""


@dataclass(frozen=True, slots=True)
class Generated:
    """A text that a search has chosen."""

    ids: tuple[int, ...]
    """Without the start token; the last one is an end, unless ``max_length`` was reached."""
    log_probabilities: tuple[float, ...]
    """Of each token, as the model says: before any constraint."""
    score: float
    """The sum of the scores over the length to the power of ``length_penalty``."""
    ended: bool
    """Whether an end token was written; else the text is cut at ``max_length``."""


class Generation:
    """The search for one text's answer. Not for use by several threads at once."""

    def __init__(self, model: Model, source: Sequence[int], settings: GenerationSettings) -> None:
        """Check the settings and remember the source; the first step encodes it.

        Raises:
            ConfigError: the settings name a token that the model does not have, or allow more
                tokens than it has positions.
        """
        settings.check_vocabulary(model.vocabulary)
        most = model.target_positions
        if most is not None and settings.max_length > most:
            raise ConfigError(
                f"max_length is {settings.max_length}, and the model can write {most} tokens",
                f"set max_length to at most {most}",
            )
        self._model, self._source, self._settings = model, tuple(source), settings
        self._decoder: Decoder | None = None
        kind = _Greedy if settings.beams == 1 else _Beams
        self._search: _Greedy | _Beams = kind(settings)
        self._result: Generated | None = None
        self._steps = 0

    @property
    def steps(self) -> int:
        """Decoder steps computed so far; the encoder's is not counted."""
        return self._steps

    @property
    def done(self) -> bool:
        """Whether `result` is there."""
        return self._result is not None

    @property
    def result(self) -> Generated:
        """The answer.

        Raises:
            RuntimeError: the search has not ended.
        """
        if self._result is None:
            raise RuntimeError("the search has not ended: call step() until it returns False")
        return self._result

    def step(self) -> bool:
        """Compute one step: the encoder's at first, a decoder step each time after.

        Returns:
            Whether there is more to do. The model's memory is released with the last step.
        """
        if self._result is not None:
            return False
        if self._decoder is None:
            self._decoder = self._model.begin(self._source)
            return True
        logits = self._decoder.step(*self._search.next_input())
        self._steps += 1
        if self._search.advance(logits):
            return True
        self._result, self._decoder = self._search.best(), None
        return False

    def run(self) -> Generated:
        """Compute every step that is left and return the answer."""
        while self.step():
            pass
        return self.result


class _Greedy:
    """The likeliest token at each step."""

    def __init__(self, settings: GenerationSettings) -> None:
        self._settings = settings
        self._ends = frozenset(settings.end_ids)
        self._written = np.full((1, settings.max_length + 1), settings.start_id, np.int64)
        self._length = 1
        self._logs: list[float] = []
        self._beam = np.zeros(1, np.int64)

    def next_input(self) -> tuple[IntArray, IntArray]:
        return self._written[:, self._length - 1], self._beam

    def advance(self, logits: FloatArray) -> bool:
        plain = log_softmax(logits)[0]
        constrain(logits, self._written[:, : self._length], self._settings)
        token = int(logits[0].argmax())
        self._written[0, self._length] = token
        self._logs.append(float(plain[token]))
        self._length += 1
        return token not in self._ends and self._length <= self._settings.max_length

    def best(self) -> Generated:
        ids = tuple(self._written[0, 1 : self._length].tolist())
        score = sum(self._logs) / len(ids) ** self._settings.length_penalty
        return Generated(ids, tuple(self._logs), score, ids[-1] in self._ends)


@dataclass(frozen=True, slots=True)
class _Finished:
    """A sequence that ended, or the empty place for one."""

    score: np.float32
    ended: bool
    ids: IntArray
    logs: FloatArray


class _Beams:
    """The likeliest sequences: ``_beam_search`` of transformers 5 for a batch of one."""

    def __init__(self, settings: GenerationSettings) -> None:
        self._settings = settings
        beams, most = settings.beams, settings.max_length
        self._ends = np.array(settings.end_ids)
        self._kept = max(2, 1 + len(settings.end_ids)) * beams
        self._written = np.full((beams, most + 1), settings.start_id, np.int64)
        self._logs = np.zeros((beams, most), np.float32)
        self._scores = np.full(beams, _NEVER)
        self._scores[0] = 0
        self._length = 1
        self._parents = np.zeros(1, np.int64)  # one beam is enough before the first token
        none = _Finished(_NEVER, False, self._written[0, :0], self._logs[0, :0])
        self._finished = [none] * beams

    def next_input(self) -> tuple[IntArray, IntArray]:
        return self._written[: len(self._parents), self._length - 1], self._parents

    def advance(self, logits: FloatArray) -> bool:
        beams = self._settings.beams
        if len(logits) < beams:
            logits = np.repeat(logits, beams, axis=0)
        plain = log_softmax(logits)
        scores = plain.copy()
        constrain(scores, self._written[:, : self._length], self._settings)
        scores += self._scores[:, None]
        chosen = highest(scores.reshape(-1), self._kept)
        parents, tokens = np.divmod(chosen, scores.shape[1])
        totals = scores.reshape(-1)[chosen]
        stopped = np.isin(tokens, self._ends) | (self._length >= self._settings.max_length)
        written, logs = self._written[parents], self._logs[parents]
        written[:, self._length] = tokens
        logs[:, self._length - 1] = plain[parents, tokens]
        self._finish(written, logs, totals, stopped)
        self._go_on(written, logs, totals, stopped, parents)
        return bool(self._may_improve() and self._is_open() and not stopped.all())

    def _finish(
        self, written: IntArray, logs: FloatArray, totals: FloatArray, stopped: BoolArray
    ) -> None:
        """Keep the best sequences among those that ended before and now."""
        settings = self._settings
        full = settings.early_stopping is True and all(each.ended for each in self._finished)
        divided = totals / np.float32(self._length**settings.length_penalty)
        if full:
            divided += _NEVER
        ended = stopped.copy()
        ended[settings.beams :] = False
        divided += np.where(ended, np.float32(0), _NEVER)
        new = [
            _Finished(score, bool(is_end), ids[1 : self._length + 1], each[: self._length])
            for score, is_end, ids, each in zip(divided, ended, written, logs, strict=True)
        ]
        merged = [*self._finished, *new]
        best = highest(np.array([each.score for each in merged], np.float32), settings.beams)
        self._finished = [merged[place] for place in best]

    def _go_on(
        self,
        written: IntArray,
        logs: FloatArray,
        totals: FloatArray,
        stopped: BoolArray,
        parents: IntArray,
    ) -> None:
        """Continue with the best sequences that have not ended."""
        running = totals + np.where(stopped, _NEVER, np.float32(0))
        best = highest(running, self._settings.beams)
        self._written, self._logs = written[best], logs[best]
        self._scores = running[best]
        self._parents = parents[best] if self._length > 1 else np.zeros_like(best)
        self._length += 1

    def _may_improve(self) -> bool:
        """Whether a running sequence may still beat the worst of those that ended."""
        settings = self._settings
        longest = settings.early_stopping == "never" and settings.length_penalty > 0
        length = settings.max_length if longest else self._length - 1
        possible = self._scores[0] / np.float32(length**settings.length_penalty)
        worst = min(each.score for each in self._finished)
        return any(possible > (worst if each.ended else _NEVER) for each in self._finished)

    def _is_open(self) -> bool:
        if self._settings.early_stopping is not True:
            return True
        return not all(each.ended for each in self._finished)

    def best(self) -> Generated:
        best = self._finished[0]
        ids = tuple(best.ids.tolist())
        ended = bool(ids) and ids[-1] in self._settings.end_ids
        return Generated(ids, tuple(best.logs.tolist()), float(best.score), ended)


def log_softmax(logits: FloatArray) -> FloatArray:
    """Log probabilities of each row, in fp32."""
    shifted: FloatArray = logits - logits.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def highest(values: FloatArray, count: int) -> IntArray:
    """Places of the highest values, highest first; of equal ones the lower place first."""
    count = min(count, len(values))
    blocks = len(values) // _BLOCK
    # At least ``count`` values are as high as the lowest of so many blocks' best ones.
    best = (
        values[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1) if blocks >= count else values
    )
    least = np.partition(best, len(best) - count)[len(best) - count]
    places = np.flatnonzero(values >= least)
    return places[np.argsort(-values[places], kind="stable")[:count]]
