"""A job: the inputs of one caller on their way through the worker threads.

The workers take one step of a job at a time (encode a text and, if it is short, answer it; or
compute one window of a long one) and then queue up again, so a book of a text does not keep
others waiting, and still spreads over every worker that is free.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from burnish.errors import BurnishError, InputError
from burnish.runtime.session import FloatArray
from burnish.runtime.workers import Workers
from burnish.tasks import Prediction
from burnish.tasks.windows import Encoding, Window

__all__ = ["Job", "Results", "Steps"]

InputT = TypeVar("InputT")
InputT_contra = TypeVar("InputT_contra", contravariant=True)

Results = list[Prediction | InputError]


class Steps(Protocol[InputT_contra]):
    """The three steps of an answer."""

    def encode(self, given: InputT_contra) -> Encoding:
        """Text to windows."""

    def compute(self, window: Window) -> FloatArray:
        """A window to its logits."""

    def decode(
        self, given: InputT_contra, encoding: Encoding, logits: Sequence[FloatArray]
    ) -> Prediction:
        """All windows' logits to the answer."""


class _Progress(Generic[InputT]):
    """How far one input has come."""

    __slots__ = ("encoding", "given", "logits", "result")

    def __init__(self, given: InputT) -> None:
        self.given = given
        self.encoding: Encoding
        self.logits: dict[int, FloatArray] = {}
        self.result: Prediction | InputError | None = None


class Job(Generic[InputT]):
    """Inputs being answered; ``future`` gets one prediction or one error an input, in order.

    Cancelling ``future`` drops every step that has not begun. Closing the workers does so too, and
    ``future`` gets a `BurnishError`.
    """

    def __init__(self, steps: Steps[InputT], inputs: Sequence[InputT], workers: Workers) -> None:
        self.future: Future[Results] = Future()
        self._steps = steps
        self._workers = workers
        self._inputs = [_Progress(given) for given in inputs]
        self._unanswered = len(inputs)
        self._settled = False
        self._lock = threading.Lock()
        self._lanes = 0  # workers at this job, or queued up for it
        # A step is an input and a window's number, None where it is still to be encoded.
        self._waiting: deque[tuple[_Progress[InputT], int | None]] = deque(
            (progress, None) for progress in self._inputs
        )

    def start(self) -> Future[Results]:
        """Queue the job's first steps."""
        if not self._inputs:
            self._settle([])
        self._open_lanes()
        return self.future

    def _open_lanes(self) -> None:
        """Have as many workers at this job as it has steps, at most all."""
        with self._lock:
            new = min(self._workers.threads - self._lanes, len(self._waiting))
            self._lanes += max(0, new)
        for _ in range(new):
            self._queue_up()

    def _queue_up(self) -> None:
        try:
            self._workers.submit(self._step, dropped=self._drop)
        except RuntimeError:  # the pool has closed
            self._drop()

    def _drop(self) -> None:
        self._settle(BurnishError("the model was closed", "load it again: burnish.load(path)"))

    def _step(self) -> None:
        with self._lock:
            step = self._waiting.popleft() if self._waiting else None
        if step is not None and not self.future.done():
            try:
                self._take(*step)
            except InputError as error:
                self._put(step[0], error)
            except BaseException as error:  # noqa: BLE001  a worker must not die with its caller waiting
                self._settle(error)
        with self._lock:
            more = bool(self._waiting) and not self.future.done()
            self._lanes -= not more
        if more:
            self._queue_up()

    def _take(self, progress: _Progress[InputT], number: int | None) -> None:
        if number is not None:
            self._compute(progress, number)
            return
        progress.encoding = self._steps.encode(progress.given)
        count = len(progress.encoding.windows)
        if count == 1:
            self._compute(progress, 0)
            return
        with self._lock:
            self._waiting.extendleft((progress, number) for number in reversed(range(count)))
        self._open_lanes()

    def _compute(self, progress: _Progress[InputT], number: int) -> None:
        if progress.result is not None:  # another window has failed
            return
        windows = progress.encoding.windows
        logits = self._steps.compute(windows[number])
        with self._lock:
            progress.logits[number] = logits
            last = len(progress.logits) == len(windows)
        if last:
            ordered = [progress.logits[n] for n in range(len(windows))]
            self._put(progress, self._steps.decode(progress.given, progress.encoding, ordered))

    def _put(self, progress: _Progress[InputT], result: Prediction | InputError) -> None:
        with self._lock:
            if progress.result is not None:
                return
            progress.result = result
            self._unanswered -= 1
            last = self._unanswered == 0
        if last:
            self._settle([p.result for p in self._inputs if p.result is not None])

    def _settle(self, outcome: Results | BaseException) -> None:
        with self._lock:
            first, self._settled = not self._settled, True
        if not first or not self.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)
