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

    def submit(self, step: Callable[[], None]) -> None:
        """Have ``step`` run by a worker.

        Raises:
            RuntimeError: the pool is closed.
        """
        self._pool.submit(step)

    def close(self) -> None:
        """Finish what runs, drop what waits, end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
