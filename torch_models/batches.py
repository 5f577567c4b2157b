"""Padded tensors of windows, and batches of windows of like length, which need little padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from burnish.tasks.windows import Window

__all__ = ["pad_windows", "token_batches"]


def pad_windows(
    windows: Sequence[Window], *, names: Sequence[str], pad_id: int
) -> dict[str, torch.Tensor]:
    """Stack windows, padded on the right to the longest.

    Args:
        windows: one or more.
        names: the tensors that the model takes (:func:`burnish.torch_models.build.input_names`).
        pad_id: token id of the padding, by which RoBERTa counts positions.

    Returns:
        int64 tensors (batch, longest) by name.
    """
    shape = (len(windows), max(len(window) for window in windows))
    arrays = {
        "input_ids": np.full(shape, pad_id, dtype=np.int64),
        "attention_mask": np.zeros(shape, dtype=np.int64),
        "token_type_ids": np.zeros(shape, dtype=np.int64),
    }
    for row, window in enumerate(windows):
        arrays["input_ids"][row, : len(window)] = window.input_ids
        arrays["attention_mask"][row, : len(window)] = 1
        arrays["token_type_ids"][row, : len(window)] = window.token_type_ids
    return {name: torch.from_numpy(arrays[name]) for name in names}


def token_batches(lengths: Sequence[int], *, batch_tokens: int) -> list[list[int]]:
    """Indices sorted by length, in batches of at most ``batch_tokens`` padded tokens."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        # Lengths ascend, so every row of the batch is padded to this one.
        if batches and (len(batches[-1]) + 1) * lengths[index] <= batch_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
