"""Asking a torch model: the logits of every window of many texts, without those of padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from burnish.arrays import FloatArray
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.tasks.windows import Encoding, Window
from burnish.torch_models.batches import pad_windows, token_batches
from burnish.torch_models.build import input_names
from burnish.torch_models.inner import inner_model
from burnish.torch_models.writing import write_windows

__all__ = ["evaluating", "pad_id", "predict_logits"]

_BATCH_TOKENS = 2048
"""Padded tokens per batch."""


def predict_logits(
    model: nn.Module, task: Task, encodings: Sequence[Encoding]
) -> list[list[FloatArray]]:
    """Run a model, in eval mode, over encoded texts.

    Args:
        model: takes ``input_ids``, ``attention_mask`` and perhaps ``token_type_ids``.
        task: names the output tensors.
        encodings: the texts.

    Returns:
        Per text one float32 array per window: (labels,), (length, tags), (length, 2) with start
        and end, or (m, 2) of a text that was written, as ``task.decode`` takes them.
    """
    windows = [window for encoding in encodings for window in encoding.windows]
    predict = write_windows if task.head is Head.WRITTEN else _predict
    with evaluating(model):
        parts = iter(predict(model, task, windows))
    return [[next(parts) for _ in encoding.windows] for encoding in encodings]


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model into eval mode for the block."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def pad_id(model: nn.Module) -> int:
    """The token id that pads a model's input; 0 where its config names none."""
    value = getattr(model.config, "pad_token_id", None)
    return 0 if value is None else int(value)


def _predict(model: nn.Module, task: Task, windows: Sequence[Window]) -> list[FloatArray]:
    target = inner_model(model)
    names, padding = input_names(target), pad_id(target)
    device = next(model.parameters()).device
    results: list[FloatArray] = [np.empty(0, dtype=np.float32)] * len(windows)
    for batch in token_batches([len(w) for w in windows], batch_tokens=_BATCH_TOKENS):
        chosen = [windows[index] for index in batch]
        with torch.inference_mode():
            inputs = pad_windows(chosen, names=names, pad_id=padding)
            output = model(**{name: tensor.to(device) for name, tensor in inputs.items()})
        tensors = [getattr(output, name) for name in task.output_names]
        array = (torch.stack(tensors, -1) if len(tensors) > 1 else tensors[0]).cpu().numpy()
        for row, index in enumerate(batch):
            part = array[row] if array.ndim == 2 else array[row, : len(windows[index])]
            results[index] = np.array(part, dtype=np.float32)
    return results
