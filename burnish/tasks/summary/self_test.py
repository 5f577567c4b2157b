"""The self-test's summaries: which sentences are given, and their scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from typing_extensions import override

from burnish.arrays import FloatArray
from burnish.self_test.record import EntitiesProbe
from burnish.self_test.recorder import DIGITS, Recorder, score_differences, seen
from burnish.tasks.summary.prediction import Summary
from burnish.tasks.summary.settings import KEY, SummaryTask
from burnish.tasks.windows import Encoding

__all__ = ["RECORDER"]


class _SummaryRecorder(Recorder[SummaryTask, Summary, EntitiesProbe]):
    record_type = EntitiesProbe

    @override
    def record(
        self, task: SummaryTask, prediction: Summary, *, tolerance: float, close: bool
    ) -> EntitiesProbe:
        given = tuple((KEY, e.start, e.end, round(e.score, DIGITS)) for e in prediction.sentences)
        return EntitiesProbe(entities=given, close=close, **seen(prediction))

    @override
    def differences(
        self, before: EntitiesProbe, now: Summary, task: SummaryTask, *, tolerance: float
    ) -> Iterator[str]:
        old = {(start, end): score for _, start, end, score in before.entities}
        for each in now.sentences:
            if (recorded := old.get((each.start, each.end))) is not None:
                name = f"the sentence at {each.start} to {each.end}"
                yield from score_differences(name, recorded, each.score, tolerance=tolerance)
        if not before.close:
            for start, end in sorted(old.keys() ^ now.spans):
                found = "not given, and was" if (start, end) in old else "given, and was not"
                yield f"the sentence at {start} to {end} is {found} where it was recorded"

    @override
    def is_close(
        self,
        task: SummaryTask,
        given: str,
        encoding: Encoding,
        logits: Sequence[FloatArray],
        *,
        shift: float,
    ) -> bool:
        """Whether other sentences are given where one of them gains and the others lose."""
        found = task.decode(given, encoding, logits)
        starts = encoding.offsets[:, 0]
        for sentence in found.candidates:
            inside = (starts >= sentence.start) & (starts < sentence.end)
            moved = []
            for window, array in zip(encoding.windows, logits, strict=True):
                favoured = array - np.float32(shift)
                stop = window.prefix + window.stop - window.start
                gained = np.float32(2 * shift) * inside[window.start : window.stop, None]
                favoured[window.prefix : stop] += gained.astype(np.float32)
                moved.append(favoured)
            if not task.same_answer(found, task.decode(given, encoding, moved)):
                return True
        return False


RECORDER = _SummaryRecorder()
