"""Encode, compute and decode of a bundle whose model writes: two graphs, and a search step by step.

A window's answer takes as many steps of the decoder as it has tokens. They are computed in slices,
between those of other jobs, so that a long answer holds up nobody and ends with its request.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.bundle import Bundle
from burnish.errors import BundleError
from burnish.generation.answering import WritingTask, within_positions, written_array
from burnish.generation.search import Generation
from burnish.generation.session import Seq2SeqSession
from burnish.generation.settings import GenerationSettings
from burnish.runtime.costs import CostTable, measure_costs, plain_window
from burnish.runtime.job import Slices
from burnish.runtime.steps import TaskSteps
from burnish.tasks import Encoding, TaskSettings, Window

__all__ = ["WritingSteps"]

_SLICE_MS = 25.0
"""After so long, what is left of an answer waits for its turn. Chosen: half of what a job may cost
without being a long one, and ten times what a step of a small model takes."""
_MEASURED_STEPS = 12
_MEASURED_BEAMS = (1, 4)
_NUMBER_BYTES = 5 * 4
"""A logit, its log probability, both of them constrained, and what the search makes of them."""
_TOKEN_BYTES = 250
"""A token that is read, and what is written for it."""


class WritingSteps(TaskSteps):
    """Encode, compute and decode of one task with a model that writes."""

    slice_ms = _SLICE_MS
    _session: Seq2SeqSession

    def __init__(self, task: TaskSettings[Any, Any, Any], bundle: Bundle) -> None:
        layout = bundle.manifest.generation
        if layout is None or not isinstance(task, WritingTask):
            raise BundleError(
                f"{bundle.path}: its task is {task.task}, and its files are of a model that writes",
                "export the run again: burnish export RUN -o BUNDLE",
            )
        self._writer, self._layout = task, layout
        super().__init__(task, bundle)
        most = self._layout.source_positions
        if most is not None and task.max_length > most:
            raise BundleError(
                f"{bundle.path}: the task's window has {task.max_length} tokens, and the model can "
                f"read {most}",
                "train with a smaller max_length, and export again",
            )

    @override
    def _load(self, bundle: Bundle) -> Seq2SeqSession:
        # By their paths, so that the weights stay mapped. What is loaded is what was verified
        # before, if the files are still the same afterwards.
        session = Seq2SeqSession(bundle.path, self._layout)
        bundle.check_files(bundle.manifest.graph_names)
        return session

    def search(self, window: Window) -> GenerationSettings:
        """How the answer to a window is searched for, within the model's positions."""
        return within_positions(self._writer.search(window), self._layout.target_positions)

    @override
    def begin(self, window: Window) -> Slices:
        return _Writing(self._generation(window, self.search(window)))

    def _generation(self, window: Window, settings: GenerationSettings) -> Generation:
        return Generation(self._session, window.input_ids.tolist(), settings)

    @override
    def compute(self, window: Window) -> FloatArray:
        """All that is written for a window, as `written_array` has it."""
        return written_array(self._generation(window, self.search(window)).run())

    @override
    def cost_ms(self, window: Window, costs: CostTable) -> float:
        steps, beams = self._writer.expected_tokens(window), self._writer.search(window).beams
        return costs.window_ms(len(window)) + costs.steps_ms(steps, beams=beams)

    @override
    def measure(self) -> CostTable:
        """Measure the encoder with windows of several lengths, and the decoder's steps."""
        costs = measure_costs(
            lambda window: self._session.begin(window.input_ids.tolist()),
            longest=self.task.max_length,
        )
        return costs.with_steps({beams: self._measure_steps(beams) for beams in _MEASURED_BEAMS})

    def _measure_steps(self, beams: int) -> float:
        """Milliseconds of a step with so many beams, beside a source of half a window."""
        window = plain_window(self.task.max_length // 2)
        most = min(_MEASURED_STEPS, self._layout.target_positions or _MEASURED_STEPS)
        values = {"beams": beams, "max_length": most, "min_length": most}
        generation = self._generation(window, self.search(window).model_copy(update=values))
        times: list[float] = []
        more = generation.step()  # the encoder's
        while more:
            begin = time.perf_counter()
            more = generation.step()
            times.append(1e3 * (time.perf_counter() - begin))
        return median(times)

    @override
    def answering_bytes(self, encodings: Sequence[Encoding], *, threads: int) -> int:
        """The memory of texts until their answer is written: the caches above all."""
        windows = [window for each in encodings for window in each.windows]
        largest = max(map(self._writing_bytes, windows), default=0)
        tokens = sum(each.tokens for each in encodings)
        return _TOKEN_BYTES * tokens + min(len(windows), threads) * largest

    def _writing_bytes(self, window: Window) -> int:
        """What one answer takes while it is written.

        That is keys and values of the source, those of what is written, before a step and after
        it, and the numbers of the next token.
        """
        settings = self.search(window)
        positions = len(window) + 2 * settings.beams * settings.max_length
        logits = _NUMBER_BYTES * settings.beams * self._layout.vocabulary
        return self._layout.position_bytes * positions + logits


class _Writing:
    """The search for one window's answer, a slice at a time."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    @property
    def result(self) -> FloatArray:
        return written_array(self._generation.result)

    def step(self) -> bool:
        end = time.perf_counter() + _SLICE_MS / 1e3
        while self._generation.step():
            if time.perf_counter() >= end:
                return True
        return False
