"""The same recipe on the same machine gives the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from transformers import set_seed

__all__ = ["reproducible"]


@contextmanager
def reproducible(*, seed: int, threads: int) -> Iterator[None]:
    """Seed everything and fix the threads, on which the order of sums depends, for the block."""
    before = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    set_seed(seed)
    try:
        with threadpool_limits(threads):
            yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=warn_only)
        torch.set_num_threads(before)
