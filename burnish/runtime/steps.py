"""Encode, compute and decode of one bundle: its task, its tokenizer and its graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from burnish.arrays import FloatArray
from burnish.bundle import Bundle
from burnish.runtime.costs import CostTable, measure_costs
from burnish.runtime.job import Slices
from burnish.runtime.session import Session
from burnish.runtime.sharing import Shared
from burnish.tasks import Encoding, Input, Prediction, TaskSettings, TextEncoder, Window
from burnish.tasks.table import find_task

__all__ = ["TaskSteps"]

_SESSIONS: Shared[Any] = Shared()
_ENCODERS: Shared[TextEncoder] = Shared()

_TOKEN_BYTES = 96
"""Per token: ids, offsets, the windows' own copies with their overlap, and places in the queue."""
_NUMBER_BYTES = 28
"""Per number: a logit in its window and merged, its log probability, and that of its unit."""
_ANSWER_BYTES = 150
"""Per token: its part of entities and of the response that names them. All three were chosen by
counting arrays; none is measured."""


class _Whole:
    """A window that is computed in one slice."""

    __slots__ = ("_compute", "_window", "result")

    def __init__(self, compute: Callable[[Window], FloatArray], window: Window) -> None:
        self._compute, self._window = compute, window
        self.result: FloatArray

    def step(self) -> bool:
        self.result = self._compute(self._window)
        return False


class TaskSteps:
    """Encode, compute and decode of one task with one graph."""

    slice_ms: float = math.inf
    """As `burnish.runtime.job.Steps`: a window is one slice."""

    def __init__(self, task: TaskSettings[Any, Any, Any], bundle: Bundle) -> None:
        self.task = task
        tokenizer = bundle.manifest.files[bundle.tokenizer_path.name]
        self._encoder = _ENCODERS.get(
            (tokenizer.sha256, task.max_length, task.stride),
            lambda: TextEncoder.from_bytes(
                bundle.content(bundle.tokenizer_path),
                max_length=task.max_length,
                stride=task.stride,
            ),
        )
        manifest = bundle.manifest
        self._session = _SESSIONS.get(
            (bundle.graph_digests, manifest.inputs, task.output_names, manifest.generation),
            lambda: self._load(bundle),
        )

    def _load(self, bundle: Bundle) -> Any:
        """Load the model's files."""
        return Session(
            bundle.model_path,
            inputs=bundle.manifest.inputs,
            outputs=self.task.output_names,
            content=bundle.content(bundle.model_path),
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

    def answering_bytes(self, encodings: Sequence[Encoding], *, threads: int) -> int:
        """The memory of texts until their answer is written: windows, logits, answer.

        Args:
            encodings: the texts'.
            threads: how many windows are computed at once.
        """
        del threads  # what a window takes while it is computed is counted with the model
        tokens, numbers = sum(each.tokens for each in encodings), self.task.numbers_per_token
        return tokens * (_TOKEN_BYTES + (_ANSWER_BYTES if numbers else 0) + _NUMBER_BYTES * numbers)

    def measure(self) -> CostTable:
        """Compute windows of several lengths, and measure what they cost on this machine."""
        return measure_costs(self.compute, longest=self.task.max_length)

    def cost_ms(self, window: Window, costs: CostTable) -> float:
        """What a window costs, in milliseconds of one thread."""
        return costs.window_ms(len(window))

    def begin(self, window: Window) -> Slices:
        """The computation of a window; nothing is computed yet."""
        return _Whole(self.compute, window)

    def compute(self, window: Window) -> FloatArray:
        """The logits of a window; as `Session.run`."""
        logits: FloatArray = self._session.run(window)
        return logits

    def ended(self) -> AbstractContextManager[None]:
        """As `Runs.ended` of the model's graphs."""
        ended: AbstractContextManager[None] = self._session.ended()
        return ended

    def decode(self, given: Input, encoding: Encoding, logits: Sequence[FloatArray]) -> Prediction:
        """The answer, from the logits of all windows."""
        prediction: Prediction = self.task.decode(given, encoding, logits)
        return prediction
