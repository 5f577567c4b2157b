"""The processes that train one model together: what ``torchrun`` and ``accelerate launch`` start.

::

    torchrun --nproc-per-node 2 -m burnish train tickets.yaml

Each process has the whole model and takes its share of every batch, and the gradients are added
up: the result is that of one process on the whole batch, except for the order of sums. A process
that was started alone is the first of one, for which these functions change nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

import torch
import torch.distributed as dist
from torch import nn

from burnish.errors import ConfigError

__all__ = [
    "add_gradients",
    "check_shares",
    "copy_from_first",
    "from_first",
    "gathered",
    "is_first",
    "joined",
    "process_count",
    "process_rank",
    "processes_here",
    "share_of",
    "total",
]

T = TypeVar("T")

_FAILED = "burnish/failed"
_LAST_WORDS_S = 1.0
"""torchrun ends all processes when one exits, so the one that reports the error must come first."""


def process_count() -> int:
    """How many processes train together; 1 for a process that was started alone."""
    return dist.get_world_size() if dist.is_initialized() else 1


def process_rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def processes_here() -> int:
    """How many of the processes share this machine's processors."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if process_count() > 1 else 1


def is_first() -> bool:
    """Whether this is the process that reports and writes; the others only compute."""
    return process_rank() == 0


@contextmanager
def joined() -> Iterator[None]:
    """Join the processes that the environment describes, for the block.

    When one process fails, all end. The first to fail raises its error; those that fail after it,
    mostly because it is gone, exit silently.

    Raises:
        SystemExit: another process failed, and reports why.
    """
    if dist.is_initialized() or int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    # Numbers travel by gloo, gradients by their device's backend.
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    try:
        yield
    except Exception as error:
        if _is_first_to_fail():
            raise
        time.sleep(_LAST_WORDS_S)
        raise SystemExit(getattr(error, "exit_code", 1)) from error
    finally:
        dist.destroy_process_group()


def check_shares(batch_size: int | Literal["auto"], *, method: str, alone: str = "") -> None:
    """Refuse a method or a batch size that several processes cannot share.

    Args:
        batch_size: that of all processes together; ``auto`` is one that they can share.
        method: its name in an error.
        alone: why the method trains in one process; empty where several can share its work.

    Raises:
        ConfigError: they cannot share it.
    """
    count = process_count()
    if count > 1 and alone:
        raise ConfigError(
            f"method: {method} trains in one process, and {count} were started: {alone}",
            "start it without torchrun, or choose another method",
        )
    if batch_size != "auto" and batch_size % count:
        raise ConfigError(
            f"train -> batch_size: {batch_size} cannot be divided equally between {count} "
            "processes",
            f"use train.batch_size={-(-batch_size // count) * count}, or start another number "
            "of processes",
        )


def share_of(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """This process's rows of a batch.

    It is every n-th row, so that of rows sorted by length each process gets long and short ones.
    """
    rank, count = process_rank(), process_count()
    return {name: tensor[rank::count] for name, tensor in tensors.items()}


def gathered(own: Sequence[T]) -> list[T]:
    """Collect the items of all processes, each of which has every n-th in ``own``."""
    if process_count() == 1:
        return list(own)
    parts: list[Any] = [None] * process_count()
    dist.all_gather_object(parts, list(own))
    return [parts[index % len(parts)][index // len(parts)] for index in range(sum(map(len, parts)))]


def total(value: float) -> float:
    """The sum over all processes, the same in each."""
    if process_count() == 1:
        return value
    tensor = torch.tensor([value], dtype=torch.float64)
    dist.all_reduce(tensor)
    return float(tensor.item())


def add_gradients(parameters: Sequence[nn.Parameter]) -> None:
    """Replace each gradient by its sum over all processes, as one message."""
    if process_count() == 1:
        return
    # A process with an empty share has none. A parameter without one anywhere must not decay.
    present = [float(parameter.grad is not None) for parameter in parameters]
    anywhere = torch.tensor(present)
    dist.all_reduce(anywhere)
    gradients = []
    for parameter, processes in zip(parameters, anywhere.tolist(), strict=True):
        if processes:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            gradients.append(parameter.grad)
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    dist.all_reduce(flat)
    parts = torch.split(flat, [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


def copy_from_first(model: nn.Module) -> None:
    """Give every process the first one's weights.

    Each has built its own from the same seed, but the last bits differ between kinds of machine.
    """
    if process_count() == 1:
        return
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            whole = tensor.detach().contiguous()
            dist.broadcast(whole, src=0)
            tensor.copy_(whole)


def from_first(value: T) -> T:
    """Give every process the first one's value, so that all decide alike."""
    if process_count() == 1:
        return value
    values = [value]
    dist.broadcast_object_list(values, src=0)
    return values[0]


def _is_first_to_fail() -> bool:
    """Ask the store in which the processes met; each process may ask once."""
    try:
        return int(dist.distributed_c10d._get_default_store().add(_FAILED, 1)) == 1
    except RuntimeError:  # the process with the store is gone
        return is_first()
