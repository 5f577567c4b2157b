"""Ask a finished graph the self-test's texts, for its manifest to record the answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from burnish.errors import BundleError, InputError
from burnish.generation.answering import Writer, writing_task
from burnish.generation.layout import GenerationLayout
from burnish.generation.session import Seq2SeqSession
from burnish.runtime.session import ModelFaultError, Session
from burnish.self_test.comparison import TOLERANCES, answer_record
from burnish.self_test.record import EitherProbe, ProbeAnswer, Probes, Unanswered
from burnish.self_test.recorder import seen
from burnish.self_test.texts import PROBE_SET, probes_for
from burnish.tasks import Encoding, Input, Task, TextEncoder
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
    generation: GenerationLayout | None = None,
    is_either: Callable[[Encoding], bool] | None = None,
) -> Probes:
    """Ask a graph the probes of its task.

    Args:
        task: must have all that decoding needs.
        graph: the ONNX file that is served; of two graphs, the one that reads.
        tokenizer: the bundle's ``tokenizer.json``.
        inputs: the graph's input names.
        precision: decides the tolerance.
        generation: the shapes of two graphs; None: there is one.
        is_either: whether rounding decides which of a graph's two models answers a probe; None: the
            graph has one model.

    Raises:
        BundleError: the model fails in its self-test, or its numbers for it are not finite.
    """
    tolerance = TOLERANCES[precision]
    encoder = task.text_encoder(tokenizer)
    session: Session | Writer
    if generation is None:
        session = Session(graph, inputs=inputs, outputs=task.output_names)
    else:
        session = Writer(Seq2SeqSession(graph.parent, generation), writing_task(task))
    answers = []
    for number, probe in enumerate(probes_for(task.task), start=1):
        try:
            answers.append(
                _answer(task, probe, encoder, session, tolerance=tolerance, is_either=is_either)
            )
        except ModelFaultError as error:
            reason = error.reason or error.message
            raise BundleError(f"{graph}: self-test {number}: {reason}") from error
    return Probes(set=PROBE_SET, tolerance=tolerance, answers=tuple(answers))


def _answer(
    task: Task,
    probe: Input,
    encoder: TextEncoder,
    session: Session | Writer,
    *,
    tolerance: float,
    is_either: Callable[[Encoding], bool] | None,
) -> ProbeAnswer:
    """The record of one answer."""
    try:
        encoding: Encoding = task.encode(probe, encoder)
    except InputError:
        return Unanswered()
    logits = [session.run(window) for window in encoding.windows]
    found = task.decode(probe, encoding, logits)
    if is_either is not None and is_either(encoding):
        return EitherProbe(**seen(found))
    shift = _LOGITS_A_SCORE * tolerance
    close = find_task(task.task).recorder.is_close(task, probe, encoding, logits, shift=shift)
    return answer_record(task, found, tolerance=tolerance, close=close)
