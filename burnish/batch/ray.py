"""Work spread over the processes of a Ray cluster, by Ray's tasks (extra ``ray``).

One task per item, and not Ray Data: an item is a file that becomes a file, so there is no block of
rows to pass between processes. Ray starts a task again if its process is lost. Ray's reports to its
makers are off, and a cluster started here is seen by this machine alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from burnish.errors import BurnishError, MissingExtraError, StoppedError

__all__ = ["local_processes", "on_cluster", "spread"]

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_RESTARTS = 20
"""Chosen: machines that are taken away come and go, and an item that ends its process each time
must come to an end."""
_STORE_BYTES = 80 << 20
"""Ray's least, roughly: results are a few numbers each."""
_STARTS = 2
"""Ray gives a new cluster half a minute. On a busy machine the second start needs less than the
first, which had to read Ray's files."""
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_worker_register_timeout_seconds": "300",
}
"""The last one, a minute by default, is for busy machines."""
_LOCAL = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Ray's own switch for a cluster that listens on the loopback address only."""
_LONGEST_PLACE = 40
"""The names of Ray's sockets are put behind it, and may have 107 characters in all."""


def local_processes() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def on_cluster(address: str | None, *, processors: int) -> Iterator[None]:
    """Be on a Ray cluster for the block; one that this process has joined already stays so.

    Args:
        address: of a cluster (``HOST:6379``, ``auto``); None starts one of this machine alone,
            which ends with the block.
        processors: of a cluster that is started.

    Raises:
        MissingExtraError: Ray is not installed.
        BurnishError: the cluster cannot be reached, or started.
    """
    ray = _ray(local=address is None)
    if ray.is_initialized():
        yield
        return
    with ExitStack() as opened:
        options = _local_options(opened, processors) if address is None else {"address": address}
        for left in reversed(range(1 if address else _STARTS)):
            try:
                ray.init(log_to_driver=False, logging_level="ERROR", **options)
                break
            except Exception as error:  # Ray raises what its parts raise
                ray.shutdown()
                if not left:
                    raise _unreachable(address, error) from error
        opened.callback(ray.shutdown)
        opened.enter_context(redirect_stdout(sys.stderr))  # Ray prints there who is lost
        yield


def spread(
    work: Callable[[ItemT], ResultT], items: Sequence[ItemT], *, processors: int
) -> Iterator[tuple[int, ResultT | BurnishError]]:
    """Do something with each item, in processes of the cluster, in whatever order they end.

    Args:
        work: a function that every machine can import, and may run again for an item whose
            process is lost.
        items: what it is called with.
        processors: that each call needs.

    Yields:
        an item's index and its result, or the error that ended it.
    """
    ray = _ray(local=False)
    task = ray.remote(num_cpus=processors, max_retries=_RESTARTS, retry_exceptions=[StoppedError])(
        work
    )
    waiting = {task.remote(item): index for index, item in enumerate(items)}
    while waiting:
        (done,), _ = ray.wait(list(waiting), num_returns=1)
        yield waiting.pop(done), _result(ray, done)


def _result(ray: ModuleType, done: object) -> ResultT | BurnishError:
    try:
        result: ResultT = ray.get(done)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, BurnishError):
            return error.cause
        raise
    except ray.exceptions.RayError as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        return BurnishError(
            f"its process was lost {_RESTARTS + 1} times: {reason}",
            "see that the machines have memory enough, and run the same command with --resume",
        )
    return result


def _ray(*, local: bool) -> ModuleType:
    for name, value in {**_SETTINGS, **(_LOCAL if local else {})}.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ModuleNotFoundError:
        raise MissingExtraError("ray", "ray") from None
    module: ModuleType = ray
    return module


def _local_options(opened: ExitStack, processors: int) -> dict[str, object]:
    """Of a cluster that leaves nothing behind, not even its logs."""
    place = tempfile.gettempdir()
    short = place if len(place) <= _LONGEST_PLACE else "/tmp"  # noqa: S108
    folder = opened.enter_context(
        tempfile.TemporaryDirectory(prefix="ray-", dir=short, ignore_cleanup_errors=True)
    )
    return {
        "address": "local",
        "num_cpus": processors,
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
        "_temp_dir": str(Path(folder).resolve()),
    }


def _unreachable(address: str | None, error: Exception) -> BurnishError:
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    if address is None:
        hint = "see that the machine has memory and processors to spare, or leave --ray out"
        return BurnishError(f"Ray cannot be started here: {reason}", hint)
    hint = "check --ray-address and that its cluster runs the same version of Ray"
    return BurnishError(f"no Ray cluster answers at {address}: {reason}", hint)
