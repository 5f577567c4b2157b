"""The worker threads that compute windows, shared by every model of a process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from burnish.errors import BurnishError
from burnish.runtime.cpus import usable_cpus
from burnish.runtime.fairness import FairQueue
from burnish.runtime.job import Job, Step

__all__ = ["Backlog", "Totals", "Workers"]

AnyJob = Job[Any]

_RECENT_S = 1.0
"""After a short job, long work leaves it a worker for this long."""
_PACE_SHARE = 0.05
"""Of a step's time in the moving average of what steps take, by what the table says."""
_STEADY_PACES = (0.2, 5.0)
"""A step outside was held up by something else."""


@dataclass(slots=True)
class Totals:
    """What the workers have done so far."""

    steps: int = 0
    dropped: int = 0
    """Steps that were never computed: nobody waited for them any more."""
    estimated_ms: float = 0.0
    actual_ms: float = 0.0
    """Wall-clock time of the computed steps."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Estimates in wall-clock milliseconds, with every worker at work."""

    own_ms: float
    """Until the caller's own work is done."""
    total_ms: float
    """Until everybody's is."""
    callers: int
    """How many share the workers, this one counted."""
    cost_ms: float
    """What the new job costs."""
    delay_ms: float
    """Until the new job would be answered."""


class _Load:
    """What one caller has queued and running."""

    __slots__ = ("jobs", "ms")

    def __init__(self) -> None:
        self.jobs = 0
        self.ms = 0.0


class Workers:
    """``threads`` threads and the work that waits for them.

    One thread a processor: tokenizers and ONNX Runtime let go of the interpreter lock while they
    compute, and one thread a run with several runs at once is faster than the reverse. Nobody
    lingers: a free worker takes what there is. While short jobs come, long ones leave them one
    worker, so that a short text never waits for a window of a book.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or usable_cpus()
        self.totals = Totals()
        self.pace = 1.0
        """What steps take at present, by what the cost table says."""
        self._queue = FairQueue()
        self._loads: dict[str, _Load] = {}
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._idle = 0
        self._long_running = 0
        self._last_short_s = float("-inf")
        self._closed = False
        self._pool = [
            threading.Thread(target=self._work, name=f"burnish-worker-{n}", daemon=True)
            for n in range(self.threads)
        ]
        for thread in self._pool:
            thread.start()

    def submit(self, job: AnyJob) -> None:
        """Queue a job; where the workers are closed it fails at once."""
        with self._lock:
            closed = self._closed
            if not closed and job.waiting:
                self._add(job)
        if closed:
            job.drop()  # it stands in no account: nothing of it may be forgotten later
            job.settle(_closed_error())
        else:
            job.begin()

    def _add(self, job: AnyJob) -> None:
        load = self._loads.setdefault(job.flow, _Load())
        load.jobs += 1
        load.ms += job.cost_ms
        if not job.long:
            self._last_short_s = time.monotonic()
        self._queue.put(job)
        if self._idle:
            self._wake.notify(min(job.steps, self._idle))

    def drop(self, job: AnyJob, error: BaseException) -> None:
        """Forget what has not begun of a job that nobody waits for; ``error`` is its outcome."""
        job.settle(error)
        with self._lock:
            if job.steps:
                self._forget(job)
                self._end(job)

    def _forget(self, job: AnyJob) -> None:
        """Under the lock: a settled job's waiting steps will never be computed."""
        self.totals.dropped += job.steps
        self._loads[job.flow].ms -= job.drop()

    def _end(self, job: AnyJob) -> None:
        """Under the lock: forget a job of which nothing waits or runs."""
        if job.running or job.steps:
            return
        load = self._loads[job.flow]
        load.jobs -= 1
        if not load.jobs:
            del self._loads[job.flow]

    def backlog(self, flow: str = "", cost_ms: float = 0.0) -> Backlog:
        """What is queued and running, and what a new job of this caller and cost would meet."""
        with self._lock:
            loads = self._loads
            own = loads[flow].ms if flow in loads else 0.0
            total = sum(load.ms for load in loads.values())
            # Callers share the processors equally: of another's work only as much comes before
            # as this caller has queued himself.
            mine = own + cost_ms
            others = sum(min(load.ms, mine) for name, load in loads.items() if name != flow)
            callers = len(loads) + (flow not in loads)
        scale = self.pace / self.threads
        return Backlog(
            own_ms=scale * own,
            total_ms=scale * total,
            callers=callers,
            cost_ms=scale * cost_ms,
            delay_ms=scale * (mine + others),
        )

    def _work(self) -> None:
        job: AnyJob | None = None
        step: Step | None = None
        elapsed_ms: float | None = None
        while True:
            with self._lock:
                if job is not None and step is not None:
                    self._account(job, step, elapsed_ms)
                job = self._next()
                if job is None:
                    return
                step = job.take()
                job.running += 1
                self._long_running += job.long
            begin = time.perf_counter()
            computed = job.compute(step)
            elapsed_ms = 1e3 * (time.perf_counter() - begin) if computed else None

    def _next(self) -> AnyJob | None:
        """Under the lock: wait for a job; None when the workers are closed."""
        while not self._closed:
            reserved_s = self._reserved_s()
            work = self._queue.take(long=reserved_s <= 0)
            if work is not None:
                assert isinstance(work, Job)  # noqa: S101  for the type checker
                return work
            self._idle += 1
            self._wake.wait(reserved_s if reserved_s > 0 else None)
            self._idle -= 1
        return None

    def _reserved_s(self) -> float:
        """For how long this worker is kept for short jobs; 0 or less: it may take long ones."""
        if self._long_running < max(1, self.threads - 1):
            return 0.0
        return self._last_short_s + _RECENT_S - time.monotonic()

    def _account(self, job: AnyJob, step: Step, elapsed_ms: float | None) -> None:
        """Under the lock: a step has been computed, or, without a time, dropped."""
        self._long_running -= job.long
        job.running -= 1
        self._loads[job.flow].ms -= step.cost_ms
        if job.settled and job.steps:
            self._forget(job)
        self._end(job)
        if elapsed_ms is None:
            self.totals.dropped += 1
            return
        self.totals.steps += 1
        self.totals.estimated_ms += step.cost_ms
        self.totals.actual_ms += elapsed_ms
        pace = elapsed_ms / step.cost_ms if step.cost_ms else 1.0
        if _STEADY_PACES[0] < pace < _STEADY_PACES[1]:
            self.pace += _PACE_SHARE * (pace - self.pace)

    def close(self) -> None:
        """Finish what runs, drop what waits, end the threads."""
        with self._lock:
            self._closed = True
            left = self._queue.clear()
            self._wake.notify_all()
        for work in left:
            if isinstance(work, Job):
                work.settle(_closed_error())
        for thread in self._pool:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _closed_error() -> BurnishError:
    return BurnishError("the model was closed", "load it again: burnish.load(path)")
