"""The worker threads that encode, compute and decode, shared by every model of a process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from burnish.runtime.cpus import usable_cpus

__all__ = ["Workers"]


class Workers:
    """A pool of ``threads`` threads, first come, first served.

    One thread a processor: tokenizers and ONNX Runtime let go of the interpreter lock while they
    compute, and one thread a run with several runs at once is faster than the reverse.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or usable_cpus()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="burnish-worker")
        self._closed = False

    def submit(self, step: Callable[[], None], *, dropped: Callable[[], None]) -> None:
        """Have ``step`` run by a worker; ``dropped`` in its stead where the pool closes before.

        Raises:
            RuntimeError: the pool is closed.
        """
        self._pool.submit(lambda: dropped() if self._closed else step())

    def close(self) -> None:
        """Finish what runs, drop what waits, end the threads."""
        # Not cancelled: the workers tell whoever waits for a dropped step.
        self._closed = True
        self._pool.shutdown(wait=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
