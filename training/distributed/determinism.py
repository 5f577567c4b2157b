"""The same recipe on the same machine gives the same bits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from torch.utils import deterministic
from transformers import set_seed

__all__ = ["reproducible", "unrecorded_settings"]

_FIXED_ORDER = (":4096:8", ":16:8")
"""Workspaces with which, by its manual, cuBLAS sums in a fixed order."""


@contextmanager
def reproducible(*, seed: int, threads: int, device: str = "cpu") -> Iterator[None]:
    """Seed everything and fix the threads, on which the order of sums depends, for the block.

    On a GPU (``device`` "cuda") operations without a fixed order are allowed.
    """
    before = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.set_num_threads(threads)
    # cuBLAS needs this to sum in a fixed order.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=device != "cpu")
    # The filling exposes reads of unwritten memory; it costs 3 to 5 % of a step.
    memory: Any = deterministic
    filled = memory.fill_uninitialized_memory
    memory.fill_uninitialized_memory = False
    set_seed(seed)
    try:
        with threadpool_limits(threads):
            yield
    finally:
        memory.fill_uninitialized_memory = filled
        torch.use_deterministic_algorithms(strict, warn_only=warn_only)
        torch.set_num_threads(before)


def unrecorded_settings(*, device: str = "cpu") -> Iterator[str]:
    """Settings of this process, outside the recipe, that change the bits of a training.

    Args:
        device: "cpu", or "cuda", for which more settings count.
    """
    if not torch.are_deterministic_algorithms_enabled():
        yield "torch's deterministic algorithms are off"
    if torch.get_float32_matmul_precision() != "highest":
        yield f"torch's float32 matmul precision is {torch.get_float32_matmul_precision()}"
    if device == "cpu":
        return
    if torch.backends.cudnn.benchmark:
        yield "cuDNN chooses its algorithms by their speed (torch.backends.cudnn.benchmark)"
    if os.environ.get("CUBLAS_WORKSPACE_CONFIG") not in _FIXED_ORDER:
        yield "cuBLAS sums in changing order (CUBLAS_WORKSPACE_CONFIG)"
