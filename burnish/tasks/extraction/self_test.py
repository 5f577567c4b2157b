"""The self-test's answers: entities, their places and scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.self_test.record import EntitiesProbe
from burnish.self_test.recorder import DIGITS, Recorder, score_differences, seen
from burnish.tasks.extraction.prediction import Extraction
from burnish.tasks.extraction.settings import ExtractionTask
from burnish.tasks.windows import Encoding

__all__ = ["RECORDER"]

_Place = tuple[str, int, int]


class _EntitiesRecorder(Recorder[ExtractionTask, Extraction, EntitiesProbe]):
    record_type = EntitiesProbe

    @override
    def record(
        self, task: ExtractionTask, prediction: Extraction, *, tolerance: float, close: bool
    ) -> EntitiesProbe:
        entities = tuple(
            (e.label, e.start, e.end, round(e.score, DIGITS)) for e in prediction.entities
        )
        return EntitiesProbe(entities=entities, close=close, **seen(prediction))

    @override
    def differences(
        self, before: EntitiesProbe, now: Extraction, task: ExtractionTask, *, tolerance: float
    ) -> Iterator[str]:
        threshold = task.score_threshold
        least = threshold + tolerance if threshold else -1.0  # one that is hardly given is a tie
        old: dict[_Place, float] = {(e[0], e[1], e[2]): e[3] for e in before.entities}
        new: dict[_Place, float] = {(e.label, e.start, e.end): e.score for e in now.entities}
        for place in sorted(old.keys() & new.keys()):
            yield from score_differences(_named(place), old[place], new[place], tolerance=tolerance)
        if before.close:
            return
        for place in sorted(place for place in old.keys() - new.keys() if old[place] > least):
            yield f"{_named(place)} is not found, recorded with {old[place]:.4f}"
        for place in sorted(place for place in new.keys() - old.keys() if new[place] > least):
            yield f"{_named(place)} is found with {new[place]:.4f}, recorded as not found"

    @override
    def is_close(
        self,
        task: ExtractionTask,
        given: str,
        encoding: Encoding,
        logits: Sequence[FloatArray],
        *,
        shift: float,
    ) -> bool:
        """Whether other entities are found where one tag is favoured, for any tag."""
        found = task.decode(given, encoding, logits)
        for tag in range(len(task.output_labels)):
            favoured = [array - np.float32(shift) for array in logits]
            for array in favoured:
                array[:, tag] += np.float32(2 * shift)
            if not task.same_answer(found, task.decode(given, encoding, favoured)):
                return True
        return False


RECORDER = _EntitiesRecorder()


def _named(place: _Place) -> str:
    label, start, end = place
    return f"entity {label!r} at {start} to {end}"
