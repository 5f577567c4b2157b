"""The worker threads that compute windows, shared by every model of a process.

A step is one window of a job. It is *waiting* in the queue, *running* on a thread, and then
*computed*, or *dropped* if nobody waits for it any more. A window that is computed in slices waits
again after each of them but the last. A job is *queued* while steps of it wait
or run, and *settled* once its outcome has been reported: by its last step, by an error, by its
deadline, by its client's leaving (`drop`), or by `close`. A job that is settled early remains
queued until its running steps have returned, and its waiting ones are dropped. A thread is *idle*
(on a condition), *reserved* (idle, but only short jobs may wake it: `_reserved_s`), or *working*.
`_add` and the end of a reservation lead from idle to working, `_account` from working back to the
choice of the next job, and `close` ends every thread after its current step.

Forbidden are four things. The accounts (`_loads`, `left_ms`, `running`) change under the lock only,
and a step leaves them exactly once, in `_account` or in `_forget`: a figure left over would refuse
requests for ever. A job that was never queued is in no account, so `submit` empties it before it
reports that the workers are closed. No window is computed and no outcome is reported under the
lock: every other thread, and the event loop, would wait for it. And an idle thread keeps no
reference to a job: the text and the model of an answered request would stay in memory.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from burnish.errors import BurnishError
from burnish.runtime.backlog import Backlog, Load
from burnish.runtime.cpus import usable_cpus
from burnish.runtime.fairness import FairQueue
from burnish.runtime.job import DOCUMENT_MS, Job, Step

__all__ = ["Totals", "Workers"]

AnyJob = Job[Any]
_NextJob = Callable[[], AnyJob | None]

_NICER = 5
"""How much nicer workers are than the express thread. Measured beside a flood: at 0 the p90 of a
caller's only request was 1.8 to 2.2 times that alone, at 5 it was 1.3 to 1.7 (of a processor that
both want, Linux gives a thread that is 5 nicer a quarter)."""
_RECENT_S = 1.0
"""How long after a short job one worker is kept free of long ones. Chosen."""
_PACE_SHARE = 0.05
"""The weight of one step in the moving average `Workers.pace`. Chosen: about 20 steps count."""
_STEADY_PACES = (0.2, 5.0)
"""Least and most of measured by estimated time for a step to count in `Workers.pace`. Chosen: a
step outside was held up by something else."""


@dataclass(slots=True)
class Totals:
    """Counts of steps since the start, with their estimated and measured time."""

    steps: int = 0
    dropped: int = 0
    """Steps that were never computed, since nobody waited for them any more."""
    estimated_ms: float = 0.0
    actual_ms: float = 0.0
    """Wall-clock time of the computed steps."""


class Workers:
    """``threads`` threads, and the jobs that wait for them.

    There is one thread per processor: tokenizers and ONNX Runtime release the interpreter lock
    while they compute, and several windows at once with one thread each are faster than one window
    with several threads. A free worker takes whatever waits. While short jobs arrive, one worker
    takes no long ones, so that a short text does not wait for a window of a book.

    A window that has begun is not interrupted; what a model writes is computed in slices. With
    ``express`` there is one thread more. It takes the short job of a caller who has no other, while
    every worker is busy with other callers: the system divides the processors, and the caller does
    not wait for their windows. The workers then have a lower priority (niceness) than this thread
    and than the threads that queue jobs.
    """

    def __init__(self, threads: int | None = None, *, express: bool = False) -> None:
        """Start the threads.

        Args:
            threads: how many; None for one per processor.
            express: whether to start the express thread as well.
        """
        self.threads = threads or usable_cpus()
        self.totals = Totals()
        self.pace = 1.0
        """Measured by estimated time of a step, on average; above 1 is slower than estimated."""
        self._queue = FairQueue()
        self._loads: dict[str, Load] = {}
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._wake_express = threading.Condition(self._lock)
        self._idle = 0
        self._long_running = 0
        self._last_short_s = float("-inf")
        self._closed = False
        self._pool = [
            threading.Thread(target=self._work, args=args, name=name, daemon=True)
            for name, args in self._threads(express=express)
        ]
        for thread in self._pool:
            thread.start()

    def _threads(self, *, express: bool) -> Iterator[tuple[str, tuple[_NextJob, int]]]:
        for number in range(self.threads):
            yield f"burnish-worker-{number}", (self._next, _NICER if express else 0)
        if express:
            yield "burnish-express", (self._next_express, 0)

    def submit(self, job: AnyJob) -> None:
        """Queue a job. If the workers are closed, it fails at once."""
        with self._lock:
            closed = self._closed
            if not closed and job.waiting:
                self._add(job)
        if closed:
            job.drop()  # it is in no account, so nothing of it may be subtracted later
            job.settle(_closed_error())
        else:
            job.begin()

    def _add(self, job: AnyJob) -> None:
        self._loads.setdefault(job.flow, Load()).add(job.cost_ms)
        if not job.long:
            self._last_short_s = time.monotonic()
        self._queue.put(job)
        if self._idle:
            self._wake.notify(min(job.steps, self._idle))
        elif self._is_express(job.flow):
            self._wake_express.notify()

    def drop(self, job: AnyJob, error: BaseException) -> None:
        """Drop the waiting steps of a job that nobody waits for; ``error`` becomes its outcome."""
        job.settle(error)
        with self._lock:
            if job.steps:
                self._forget(job)
                self._end(job)

    def _forget(self, job: AnyJob) -> None:
        """Under the lock: a settled job's waiting steps will never be computed."""
        self.totals.dropped += job.steps
        self._lighten(job, job.drop())

    def _lighten(self, job: AnyJob, ms: float) -> None:
        """Under the lock: steps of a job have been computed or dropped."""
        before = job.left_ms
        job.left_ms -= ms
        self._loads[job.flow].change(before, job.left_ms)

    def _end(self, job: AnyJob) -> None:
        """Under the lock: forget a job of which nothing waits or runs."""
        if job.running or job.steps:
            return
        self._leave(job.flow, job.cost_ms)

    def _leave(self, flow: str, cost_ms: float) -> None:
        load = self._loads[flow]
        load.remove(cost_ms)
        if not load.jobs:
            del self._loads[flow]

    @contextmanager
    def expecting(self, flow: str, cost_ms: float) -> Iterator[None]:
        """Count what is being tokenized, and will be queued next, as if it were queued."""
        with self._lock:
            self._loads.setdefault(flow, Load()).add(cost_ms)
        try:
            yield
        finally:
            with self._lock:
                self._loads[flow].change(cost_ms, 0.0)
                self._leave(flow, cost_ms)

    def backlog(self, flow: str = "", cost_ms: float = 0.0) -> Backlog:
        """What is queued and running, and how long a new job of this caller would wait."""
        with self._lock:
            loads = self._loads
            caller = loads.get(flow)
            queued = sum(load.ms for load in loads.values())
            whole = cost_ms > DOCUMENT_MS and caller is not None and caller.documents > 0
            waits = {n: load.ms if whole else load.counted_ms for n, load in loads.items()}
        own = waits.pop(flow, 0.0)
        # Callers share the processors equally: of another caller's work, only as much comes first
        # as this caller has queued.
        mine = own + cost_ms
        scale = self.pace / self.threads
        return Backlog(
            own_ms=scale * own,
            total_ms=scale * (own + sum(waits.values())),
            queued_ms=scale * queued,
            callers=len(waits) + 1,
            cost_ms=scale * (cost_ms if whole else min(cost_ms, DOCUMENT_MS)),
            delay_ms=scale * (mine + sum(min(ms, mine) for ms in waits.values())),
        )

    def _work(self, next_job: _NextJob, nicer: int) -> None:
        _lower_priority(nicer)
        job: AnyJob | None = None
        step: Step | None = None
        elapsed_ms: float | None = None
        while True:
            with self._lock:
                if job is not None and step is not None:
                    self._account(job, step, elapsed_ms)
                job = step = None  # an idle worker holds on to no text and to no model
                job = next_job()
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
            if len(self._loads) > 1:  # jobs of two callers came before this worker woke
                self._wake_express.notify()
        return None

    def _next_express(self) -> AnyJob | None:
        """Under the lock: wait for a job that should not; None when the workers are closed."""
        while not self._closed:
            if not self._idle:
                callers = list(filter(self._is_express, self._loads))
                work = self._queue.take(long=False, callers=callers) if callers else None
                if work is not None:
                    assert isinstance(work, Job)  # noqa: S101  for the type checker
                    return work
            self._wake_express.wait()
        return None

    def _is_express(self, flow: str) -> bool:
        """Under the lock: whether a caller has one job, and other callers have some too.

        A caller with several jobs at a time gets the workers in turn.
        """
        return len(self._loads) > 1 and self._loads[flow].jobs == 1

    def _reserved_s(self) -> float:
        """For how long this worker is kept for short jobs; 0 or less: it may take long ones."""
        if self._long_running < max(1, self.threads - 1):
            return 0.0
        return self._last_short_s + _RECENT_S - time.monotonic()

    def _account(self, job: AnyJob, step: Step, elapsed_ms: float | None) -> None:
        """Under the lock: a step or a slice has been computed, or, without a time, dropped."""
        self._long_running -= job.long
        job.running -= 1
        if elapsed_ms is not None:
            step.elapsed_ms += elapsed_ms
            if step.rest is not None and not job.settled:
                self._lighten(job, job.put_back(step))
                if self._idle:  # this thread may take another job first, or only short ones
                    self._wake.notify()
                return
        self._lighten(job, step.left_ms)
        if job.settled and job.steps:
            self._forget(job)
        self._end(job)
        if elapsed_ms is None or step.rest is not None:
            self.totals.dropped += 1
            return
        self.totals.steps += 1
        self.totals.estimated_ms += step.cost_ms
        self.totals.actual_ms += step.elapsed_ms
        pace = step.elapsed_ms / step.cost_ms if step.cost_ms else 1.0
        if _STEADY_PACES[0] < pace < _STEADY_PACES[1]:
            self.pace += _PACE_SHARE * (pace - self.pace)

    def close(self) -> None:
        """Finish what runs (of a window in slices, its slice), drop what waits, end the threads."""
        with self._lock:
            self._closed = True
            left = self._queue.clear()
            self._wake.notify_all()
            self._wake_express.notify_all()
        for work in left:
            if isinstance(work, Job):
                work.settle(_closed_error())
        for thread in self._pool:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lower_priority(nicer: int) -> None:
    """Make this thread nicer, on Linux, where each thread has its own niceness."""
    if not nicer or sys.platform != "linux":
        return
    thread = threading.get_native_id()
    with suppress(OSError):  # a sandbox may forbid it; then all threads are equal
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(19, now + nicer))


def _closed_error() -> BurnishError:
    return BurnishError("the model was closed", "load it again: burnish.load(path)")
