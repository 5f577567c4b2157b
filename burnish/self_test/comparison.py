"""Answers of a self-test: how they are recorded at export, and compared where they are asked again.

The same text has to get the same answer, with scores within the tolerance. An answer that a
change of that size may turn (two labels nearly as good, a score beside its threshold) is a tie,
and the other answer is no mismatch; its scores have to agree all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from burnish.errors import InputError
from burnish.plural import plural
from burnish.self_test.record import (
    EntitiesProbe,
    LabelsProbe,
    ProbeAnswer,
    Probes,
    StretchProbe,
    Unanswered,
)
from burnish.tasks import (
    Classification,
    ClassificationTask,
    Extraction,
    Prediction,
    QAPrediction,
    Task,
)

__all__ = ["TOLERANCES", "answer_record", "mismatches"]

TOLERANCES: Final[dict[Literal["fp32", "int8"], float]] = {"fp32": 0.001, "int8": 0.05}
"""How far a score may lie from the recorded one, by precision; the reason is in
docs/reference/bundle.md."""

_BEST_LABELS = 5
_DIGITS = 6
_ROUNDING = 1e-6
_Span = tuple[str, int, int]


def answer_record(
    task: Task, prediction: Prediction | None, *, tolerance: float, close: bool
) -> ProbeAnswer:
    """What a manifest records of an answer.

    Args:
        task: the bundle's.
        prediction: the answer; None where the model cannot read the probe.
        tolerance: of the scores.
        close: whether a change of the logits within the tolerance finds other entities.
    """
    if prediction is None:
        return Unanswered()
    seen = {"tokens": prediction.tokens, "windows": prediction.windows}
    if isinstance(prediction, Classification):
        scores = _deciding_scores(task, prediction, tolerance)
        return LabelsProbe(labels=prediction.labels, scores=scores, **seen)
    if isinstance(prediction, Extraction):
        entities = tuple(
            (e.label, e.start, e.end, round(e.score, _DIGITS)) for e in prediction.entities
        )
        return EntitiesProbe(entities=entities, close=close, **seen)
    best = tuple((a.start, a.end, round(a.score, _DIGITS)) for a in prediction.answers[:2])
    return StretchProbe(answers=best, **seen)


def mismatches(
    recorded: Probes, answers: Sequence[Prediction | InputError], task: Task
) -> Iterator[str]:
    """What differs, one sentence each: number of the text, label or place, and both figures.

    Args:
        recorded: the manifest's.
        answers: one a probe, in order.
        task: the bundle's.
    """
    if len(answers) != len(recorded.answers):
        yield (
            plural(len(recorded.answers), "the self-test records # [answer|answers], ")
            + plural(len(answers), "and asks # [text|texts]")
        )
        return
    pairs = zip(recorded.answers, answers, strict=True)
    for number, (before, now) in enumerate(pairs, start=1):
        for difference in _differences(before, now, task, recorded.tolerance):
            yield f"self-test {number}: {difference}"


def _differences(
    before: ProbeAnswer, now: Prediction | InputError, task: Task, tolerance: float
) -> Iterator[str]:
    if isinstance(before, Unanswered) or isinstance(now, InputError):
        if not isinstance(now, InputError):
            yield "the model answers it, and did not at export"
        elif not isinstance(before, Unanswered):
            yield f"the model cannot answer it: {now.message}"
        return
    if (before.tokens, before.windows) != (now.tokens, now.windows):
        size, then = _size(now.tokens, now.windows), _size(before.tokens, before.windows)
        yield f"{size}, recorded {then}"
    elif isinstance(before, LabelsProbe) and isinstance(now, Classification):
        yield from _label_differences(before, now, task, tolerance)
    elif isinstance(before, EntitiesProbe) and isinstance(now, Extraction):
        yield from _entity_differences(before, now, task, tolerance)
    elif isinstance(before, StretchProbe) and isinstance(now, QAPrediction):
        yield from _stretch_differences(before, now, tolerance)
    else:
        yield f"{before.kind} are recorded, of another task"


def _size(tokens: int, windows: int) -> str:
    return plural(tokens, "# [token|tokens] in ") + plural(windows, "# [window|windows]")


def _label_differences(
    before: LabelsProbe, now: Classification, task: Task, tolerance: float
) -> Iterator[str]:
    scores = {each.label: each.score for each in now.scores}
    for label, score in before.scores.items():
        yield from _score_differences(f"label {label!r}", score, scores.get(label), tolerance)
    for label in sorted(set(before.labels) ^ set(now.labels)):
        if not _is_label_tie(label, before, task, tolerance):
            given = "is given" if label in now.labels else "is not given"
            yield f"label {label!r} {given}, the opposite of the answer at export"


def _is_label_tie(label: str, before: LabelsProbe, task: Task, tolerance: float) -> bool:
    score = before.scores.get(label)
    if score is None or not isinstance(task, ClassificationTask):
        return False
    if task.multi_label:
        return abs(score - task.thresholds.get(label, 0.5)) <= tolerance
    # The best may lose the tolerance while the other gains it.
    return max(before.scores.values()) - score <= 2 * tolerance


def _deciding_scores(task: Task, prediction: Classification, tolerance: float) -> dict[str, float]:
    thresholds = task.thresholds if isinstance(task, ClassificationTask) else {}
    multi = isinstance(task, ClassificationTask) and task.multi_label
    return {
        each.label: round(each.score, _DIGITS)
        for rank, each in enumerate(prediction.scores)
        if rank < _BEST_LABELS
        or each.label in prediction.labels
        or (multi and abs(each.score - thresholds.get(each.label, 0.5)) <= 2 * tolerance)
    }


def _entity_differences(
    before: EntitiesProbe, now: Extraction, task: Task, tolerance: float
) -> Iterator[str]:
    threshold = getattr(task, "score_threshold", 0.0)
    least = threshold + tolerance if threshold else -1.0  # one that is hardly given is a tie
    old: dict[_Span, float] = {(label, *span): score for label, *span, score in before.entities}  # type: ignore[misc]
    new: dict[_Span, float] = {(e.label, e.start, e.end): e.score for e in now.entities}
    for span in sorted(old.keys() & new.keys()):
        yield from _score_differences(_named(span), old[span], new[span], tolerance)
    if before.close:
        return
    for span in sorted(span for span in old.keys() - new.keys() if old[span] > least):
        yield f"{_named(span)} is not found, recorded with {old[span]:.4f}"
    for span in sorted(span for span in new.keys() - old.keys() if new[span] > least):
        yield f"{_named(span)} is found with {new[span]:.4f}, recorded as not found"


def _named(span: _Span) -> str:
    label, start, end = span
    return f"entity {label!r} at {start} to {end}"


def _stretch_differences(
    before: StretchProbe, now: QAPrediction, tolerance: float
) -> Iterator[str]:
    scores = {(a.start, a.end): a.score for a in now.answers}
    for start, end, score in before.answers:
        found = scores.get((start, end), 0.0)
        yield from _score_differences(f"the answer at {start} to {end}", score, found, tolerance)
    best, second = before.answers[0], before.answers[-1]
    tie = len(before.answers) > 1 and best[2] - second[2] <= 2 * tolerance
    if (now.best.start, now.best.end) != best[:2] and not tie:
        yield (
            f"the answer is at {now.best.start} to {now.best.end}, recorded {best[0]} to {best[1]}"
        )


def _score_differences(
    what: str, before: float, now: float | None, tolerance: float
) -> Iterator[str]:
    if now is None:
        yield f"{what} has no score, recorded {before:.4f}"
    elif not abs(now - before) <= tolerance + _ROUNDING:
        yield f"{what} has the score {now:.4f}, recorded {before:.4f} (tolerance {tolerance:g})"
