"""The bundles of `tests.tiny_onnx`, with the same computation in torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from benchmarks.plan import PRECISIONS, TaskName
from benchmarks.subjects import Subject
from burnish.tasks import Window
from tests.tiny_onnx import tiny_bundle

__all__ = ["tiny_subject"]


def tiny_subject(task: TaskName, directory: Path) -> Subject:
    """Write both bundles; they are made anew each time."""
    bundles = {
        precision: tiny_bundle(
            directory / f"{task}-{precision}",
            task,
            name=f"{task}-{precision}",
            int8=precision == "int8",
        )
        for precision in PRECISIONS
    }
    return Subject(task, bundles, _in_torch(bundles["fp32"] / "model.onnx", task))


def _in_torch(path: Path, task: TaskName) -> Callable[[Window], torch.Tensor]:
    weights = {
        tensor.name: torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
        for tensor in onnx.load(str(path)).graph.initializer
    }

    def run(window: Window) -> torch.Tensor:
        with torch.inference_mode():
            hidden = weights["embeddings"][torch.from_numpy(window.input_ids)]
            for _ in range(2):
                inner = torch.relu(hidden @ weights["inner"]) @ weights["outer"]
                hidden = hidden + inner + hidden.mean(0, keepdim=True) * weights["share"]
            if task == "classification":
                hidden = hidden.mean(0)
            return hidden @ weights["head"]

    return run
