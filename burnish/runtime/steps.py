"""Encode, compute and decode of one bundle: its task, its tokenizer and its graph."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from burnish.arrays import FloatArray
from burnish.bundle import Bundle
from burnish.runtime.session import Session
from burnish.runtime.sharing import Shared
from burnish.tasks import Encoding, Input, Prediction, TaskSettings, TextEncoder, Window
from burnish.tasks.table import find_task

__all__ = ["TaskSteps"]

_SESSIONS: Shared[Session] = Shared()
_ENCODERS: Shared[TextEncoder] = Shared()

_TOKEN_BYTES = 96
"""Per token: ids, offsets, the windows' own copies with their overlap, and places in the queue."""
_NUMBER_BYTES = 28
"""Per number: a logit in its window and merged, its log probability, and that of its unit."""
_ANSWER_BYTES = 150
"""Per token: its part of entities and of the response that names them. All three were chosen by
counting arrays; none is measured."""


class TaskSteps:
    """Encode, compute and decode of one task with one graph."""

    def __init__(self, task: TaskSettings[Any, Any, Any], bundle: Bundle) -> None:
        self.task = task
        inputs, outputs = bundle.manifest.inputs, task.output_names
        files = bundle.manifest.files
        self._encoder = _ENCODERS.get(
            (files[bundle.tokenizer_path.name].sha256, task.max_length, task.stride),
            lambda: TextEncoder.from_bytes(
                bundle.content(bundle.tokenizer_path),
                max_length=task.max_length,
                stride=task.stride,
            ),
        )
        self._session = _SESSIONS.get(
            (files[bundle.model_path.name].sha256, inputs, outputs),
            lambda: Session(
                bundle.model_path,
                inputs=inputs,
                outputs=outputs,
                content=bundle.content(bundle.model_path),
            ),
        )

    def encode(self, given: Input) -> Encoding:
        """The windows of an input.

        Raises:
            InputError: it cannot be answered.
        """
        return self.task.encode(given, self._encoder)

    def tokenizing_bytes(self, inputs: Sequence[Input]) -> int:
        """The memory that tokenizing these inputs may take at once, without doing it."""
        texts_of = find_task(self.task.task).inputs.texts
        return self._encoder.memory_bytes([text for given in inputs for text in texts_of(given)])

    def answering_bytes(self, tokens: int) -> int:
        """The memory of so many tokens until their answer is written: windows, logits, answer."""
        numbers = self.task.numbers_per_token
        return tokens * (_TOKEN_BYTES + (_ANSWER_BYTES if numbers else 0) + _NUMBER_BYTES * numbers)

    def compute(self, window: Window) -> FloatArray:
        """The logits of a window; as `Session.run`."""
        return self._session.run(window)

    def ended(self) -> AbstractContextManager[None]:
        """As `Session.ended`."""
        return self._session.ended()

    def decode(self, given: Input, encoding: Encoding, logits: Sequence[FloatArray]) -> Prediction:
        """The answer, from the logits of all windows."""
        prediction: Prediction = self.task.decode(given, encoding, logits)
        return prediction
