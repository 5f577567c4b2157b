"""Ask a finished graph the self-test's texts, for its manifest to record the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from burnish.errors import BundleError, InputError
from burnish.runtime.session import ModelFaultError, Session
from burnish.self_test.comparison import TOLERANCES, answer_record
from burnish.self_test.record import ProbeAnswer, Probes
from burnish.self_test.texts import PROBE_SET, probes_for
from burnish.tasks import Encoding, Input, Prediction, Task
from burnish.tasks.table import find_task

__all__ = ["record_probes"]

_LOGITS_A_SCORE = 2.0
"""A logit moved by this much of a score, and another against it, move a probability by at most
that score: its slope in the difference of two logits is at most 1/4."""


def record_probes(
    task: Task,
    *,
    graph: Path,
    tokenizer: Path,
    inputs: tuple[str, ...],
    precision: Literal["fp32", "int8"],
) -> Probes:
    """The answers of a graph to the probes of its task.

    Args:
        task: with all that decoding needs.
        graph: the ONNX file that is served.
        tokenizer: its ``tokenizer.json``.
        inputs: the graph's input names.
        precision: sets the tolerance.

    Raises:
        BundleError: the model fails in its self-test, or its numbers for it are not finite.
    """
    tolerance = TOLERANCES[precision]
    asked = _Asked(task, graph, tokenizer, inputs, tolerance)
    answers = tuple(asked.answer(number, probe) for number, probe in _numbered(task))
    return Probes(set=PROBE_SET, tolerance=tolerance, answers=answers)


def _numbered(task: Task) -> list[tuple[int, Input]]:
    return list(enumerate(probes_for(task.task), start=1))


class _Asked:
    """A graph that is asked."""

    def __init__(
        self, task: Task, graph: Path, tokenizer: Path, inputs: tuple[str, ...], tolerance: float
    ) -> None:
        self._task: Task = task
        self._graph = graph
        self._encoder = task.text_encoder(tokenizer)
        self._session = Session(graph, inputs=inputs, outputs=task.output_names)
        self._tolerance = tolerance

    def answer(self, number: int, probe: Input) -> ProbeAnswer:
        try:
            encoding: Encoding = self._task.encode(probe, self._encoder)
        except InputError:
            return self._record(None, close=False)
        try:
            logits = [self._session.run(window) for window in encoding.windows]
        except ModelFaultError as error:
            reason = error.reason or error.message
            raise BundleError(f"{self._graph}: self-test {number}: {reason}") from error
        prediction = self._task.decode(probe, encoding, logits)
        shift = _LOGITS_A_SCORE * self._tolerance
        recorder = find_task(self._task.task).recorder
        close = recorder.is_close(self._task, probe, encoding, logits, shift=shift)
        return self._record(prediction, close=close)

    def _record(self, prediction: Prediction | None, *, close: bool) -> ProbeAnswer:
        return answer_record(self._task, prediction, tolerance=self._tolerance, close=close)
