"""A job: the inputs of one request on their way through the worker threads, a window at a time.

A window that takes many steps of its model, because a text is written token by token, is computed
in slices: after each the rest waits in the queue again, as a window that has not begun does.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from burnish.arrays import FloatArray
from burnish.errors import DeadlineError, InputError
from burnish.tasks import Prediction
from burnish.tasks.windows import Encoding, Window

__all__ = [
    "DOCUMENT_MS",
    "LONG_MS",
    "Done",
    "Item",
    "Job",
    "Results",
    "Slices",
    "Step",
    "Steps",
]

InputT = TypeVar("InputT")
InputT_contra = TypeVar("InputT_contra", contravariant=True)

Results = list[Prediction | InputError]
Done = Callable[[Results | BaseException], None]
"""Gets a job's outcome, once, in the worker's or the caller's thread that found it."""

LONG_MS = 50.0
"""A job that costs more holds up others, and may not have every worker. Chosen."""

DOCUMENT_MS = 250.0
"""A job that costs more is a document. It is computed between other jobs, which wait for this much
of it at most, not for all that is left of it. Chosen: five times `LONG_MS`."""


class Slices(Protocol):
    """The computation of one window, a slice at a time. One thread at a time uses it."""

    def step(self) -> bool:
        """Compute a slice.

        Returns:
            Whether there is more to do.
        """

    @property
    def result(self) -> FloatArray:
        """The logits of the window, after its last slice."""


class Steps(Protocol[InputT_contra]):
    """The computation for an input's windows."""

    @property
    def slice_ms(self) -> float:
        """About how long a slice takes; infinity where a window has only one."""

    def begin(self, window: Window) -> Slices:
        """The computation of a window; nothing is computed yet."""

    def decode(
        self, given: InputT_contra, encoding: Encoding, logits: Sequence[FloatArray]
    ) -> Prediction:
        """The answer, from the logits of all windows."""


@dataclass(frozen=True, slots=True, eq=False)
class Item(Generic[InputT]):
    """An input with its windows, or with the error instead of them."""

    given: InputT
    encoding: Encoding | InputError
    costs_ms: tuple[float, ...]
    """The cost of each window, in milliseconds of one thread."""


class Step:
    """A window of an input, to be computed, or what is left of it."""

    __slots__ = ("cost_ms", "elapsed_ms", "left_ms", "number", "rest", "window")

    def __init__(self, number: int, window: int, cost_ms: float) -> None:
        self.number = number
        """The input's number."""
        self.window = window
        """The window's number in its input."""
        self.cost_ms = cost_ms
        """The whole window's."""
        self.left_ms = cost_ms
        """The cost of what is left of it."""
        self.elapsed_ms = 0.0
        """How long its slices have taken; the workers change it, under their lock."""
        self.rest: Slices | None = None
        """What is left, between two slices."""


class Job(Generic[InputT]):
    """Inputs being answered; `done` gets one prediction or one error per input, in order.

    The owner of the queue takes steps under its own lock; computing needs no lock. A step that
    fails with an `InputError` fails its input alone.
    """

    def __init__(
        self,
        steps: Steps[InputT],
        items: Sequence[Item[InputT]],
        *,
        done: Done,
        flow: str = "",
        deadline_s: float | None = None,
    ) -> None:
        """Make a job; `Workers.submit` starts it.

        Args:
            steps: the model's computation.
            items: the inputs.
            done: called with the outcome.
            flow: the caller; callers share the processors equally.
            deadline_s: on the monotonic clock; steps and slices that have not begun by then are
                dropped.
        """
        self.flow = flow
        self.deadline_s = deadline_s
        self.cost_ms = sum(sum(item.costs_ms) for item in items)
        self.long = self.cost_ms > LONG_MS
        self.settled = False
        self.left_ms = self.cost_ms
        """The cost of steps that wait or run; the workers change it, under their lock."""
        self.running = 0
        """How many steps run; the workers change it, under their lock."""
        self._steps = steps
        self._sliced = steps.slice_ms < math.inf
        self._items = items
        self._done = done
        self._lock = threading.Lock()
        self._waiting = deque(
            Step(number, window, cost)
            for number, item in enumerate(items)
            for window, cost in enumerate(item.costs_ms)
        )
        self._logits: list[dict[int, FloatArray]] = [{} for _ in items]
        self._results: list[Prediction | InputError | None] = [
            item.encoding if isinstance(item.encoding, InputError) else None for item in items
        ]
        self._unanswered = sum(result is None for result in self._results)

    @property
    def waiting(self) -> bool:
        """Whether steps are left to be taken."""
        return bool(self._waiting) and not self.settled

    @property
    def returning(self) -> bool:
        """Whether a step that runs may come back to wait for its next slice."""
        return self._sliced and self.running > 0 and not self.settled

    @property
    def steps(self) -> int:
        """How many are left to be taken."""
        return len(self._waiting)

    @property
    def next_cost_ms(self) -> float:
        """What the next step costs; of a window in slices, the next one."""
        return min(self._waiting[0].left_ms, self._steps.slice_ms)

    def take(self) -> Step:
        """Take the next step out of those that wait."""
        return self._waiting.popleft()

    def put_back(self, step: Step) -> float:
        """Let what is left of a step wait, before all others; returns what has been computed.

        A window that takes longer than was expected has at least one more slice to go.
        """
        before, slice_ms = step.left_ms, self._steps.slice_ms
        step.left_ms = max(before - slice_ms, slice_ms)
        self._waiting.appendleft(step)
        return before - step.left_ms

    def drop(self) -> float:
        """Forget the steps that wait, and return what they would have cost."""
        cost = sum(step.left_ms for step in self._waiting)
        self._waiting.clear()
        return cost

    def begin(self) -> None:
        """Settle at once where no input has a window."""
        if not self._unanswered:
            self._finish()

    def compute(self, step: Step) -> bool:
        """Compute a step, or a slice of it; never raises.

        Returns:
            False if nobody waits for it any more. Where ``step.rest`` is set, there is more to do.
        """
        if self.settled or self._results[step.number] is not None:  # another window has failed
            return False
        if self.deadline_s is not None and time.monotonic() > self.deadline_s:
            self.settle(DeadlineError("the answer was not ready in time"))
            return False
        try:
            self._compute(step)
        except InputError as error:
            self._put(step.number, error)
        except BaseException as error:  # noqa: BLE001  a worker must not die with its caller waiting
            self.settle(error)
        return True

    def _compute(self, step: Step) -> None:
        item = self._items[step.number]
        encoding = item.encoding
        assert isinstance(encoding, Encoding)  # noqa: S101  for the type checker
        slices, step.rest = step.rest or self._steps.begin(encoding.windows[step.window]), None
        if slices.step():
            step.rest = slices
            return
        logits = slices.result
        count = len(encoding.windows)
        if count == 1:
            self._put(step.number, self._steps.decode(item.given, encoding, [logits]))
            return
        found = self._logits[step.number]
        with self._lock:
            found[step.window] = logits
            last = len(found) == count
        if last:
            ordered = [found[window] for window in range(count)]
            self._put(step.number, self._steps.decode(item.given, encoding, ordered))

    def _put(self, number: int, result: Prediction | InputError) -> None:
        with self._lock:
            if self._results[number] is not None:
                return
            self._results[number] = result
            self._unanswered -= 1
            last = self._unanswered == 0
        if last:
            self._finish()

    def _finish(self) -> None:
        self.settle([result for result in self._results if result is not None])

    def settle(self, outcome: Results | BaseException) -> None:
        """Report the outcome, unless one has been reported."""
        with self._lock:
            first, self.settled = not self.settled, True
        if first:
            self._done(outcome)
