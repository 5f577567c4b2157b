"""Asking a torch model that writes: what it writes for every window, and how sure it is of it.

Windows of like length are searched together, and each answer is cut where the runtime would stop.
The probabilities are those of a second pass over what was written, of the model's plain numbers
before any constraint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import GenerationConfig

from burnish.arrays import FloatArray
from burnish.generation.answering import WritingTask, writing_task
from burnish.generation.settings import GenerationSettings
from burnish.tasks import Task
from burnish.tasks.windows import Window
from burnish.torch_models.batches import pad_windows
from burnish.torch_models.inner import inner_model

__all__ = ["write_windows"]

_BATCH = 32
"""Windows that are searched together."""


def write_windows(model: nn.Module, task: Task, windows: Sequence[Window]) -> list[FloatArray]:
    """Write for each window, in eval mode.

    Args:
        model: an encoder-decoder, perhaps under an adapter.
        task: settled.
        windows: the pieces of texts.

    Returns:
        (m, 2) per window: token ids, and the logarithms of their probabilities.
    """
    found: list[FloatArray] = [np.empty((0, 2), np.float32)] * len(windows)
    writing = writing_task(task)
    for batch in _batches(writing, windows):
        arrays = _write(model, writing, [windows[place] for place in batch])
        for place, array in zip(batch, arrays, strict=True):
            found[place] = array
    return found


def _batches(task: WritingTask, windows: Sequence[Window]) -> Iterator[list[int]]:
    """Places of windows of like length; those of a beam search also share the limit, its end."""

    def limit(place: int) -> int:
        return 0 if task.beams == 1 else task.most_tokens(windows[place])

    order = sorted(range(len(windows)), key=lambda place: len(windows[place]))
    for _, group in groupby(order, key=limit):
        places = list(group)
        for begin in range(0, len(places), _BATCH):
            yield places[begin : begin + _BATCH]


def _write(model: nn.Module, task: WritingTask, windows: Sequence[Window]) -> list[FloatArray]:
    each = [task.search(window) for window in windows]
    longest = max(each, key=lambda settings: settings.max_length)
    writer: Any = inner_model(model)
    pad = int(writer.config.pad_token_id)
    device = next(model.parameters()).device
    inputs = pad_windows(windows, names=("input_ids", "attention_mask"), pad_id=pad)
    inputs = {name: tensor.to(device) for name, tensor in inputs.items()}
    with torch.inference_mode():
        written = writer.generate(**inputs, generation_config=_config(longest, pad=pad))
        rows = [_cut(*pair) for pair in zip(written[:, 1:].tolist(), each, strict=True)]
        logs = _log_probabilities(model, inputs, rows, start_id=longest.start_id)
    return [
        np.stack([np.array(row, np.float32), own], axis=1)
        for row, own in zip(rows, logs, strict=True)
    ]


def _config(settings: GenerationSettings, *, pad: int) -> GenerationConfig:
    config: Any = GenerationConfig
    found: GenerationConfig = config(
        do_sample=False,
        num_beams=settings.beams,
        max_new_tokens=settings.max_length,
        min_new_tokens=settings.min_length or None,
        length_penalty=settings.length_penalty,
        early_stopping=settings.early_stopping,
        no_repeat_ngram_size=settings.no_repeat_ngram_size,
        repetition_penalty=settings.repetition_penalty,
        forced_bos_token_id=settings.forced_start_id,
        forced_eos_token_id=list(settings.forced_end_ids) or None,
        bad_words_ids=[list(word) for word in settings.bad_words] or None,
        suppress_tokens=list(settings.suppressed) or None,
        decoder_start_token_id=settings.start_id,
        eos_token_id=list(settings.end_ids),
        pad_token_id=pad,
    )
    return found


def _cut(ids: list[int], settings: GenerationSettings) -> list[int]:
    """What a search with these settings would have written, of what a longer one wrote."""
    ends = set(settings.end_ids)
    stop = next((place for place, each in enumerate(ids, start=1) if each in ends), len(ids))
    kept = ids[: min(stop, settings.max_length)]
    if settings.forced_end_ids and len(kept) == settings.max_length:
        kept[-1] = settings.forced_end_ids[0]
    return kept


def _log_probabilities(
    model: nn.Module, inputs: dict[str, torch.Tensor], rows: Sequence[list[int]], *, start_id: int
) -> list[FloatArray]:
    longest = max(map(len, rows))
    padded = torch.tensor([[*row, *[row[-1]] * (longest - len(row))] for row in rows])
    padded = padded.to(inputs["input_ids"].device)
    start = torch.full_like(padded[:, :1], start_id)
    read = torch.cat([start, padded[:, :-1]], dim=1)
    output = model(**inputs, decoder_input_ids=read, use_cache=False)
    logs = torch.log_softmax(output.logits.float(), dim=-1).gather(-1, padded[..., None])
    values = logs[..., 0].cpu().numpy()
    return [values[place, : len(row)] for place, row in enumerate(rows)]
