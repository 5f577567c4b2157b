"""Activation ranges: the largest value of each channel of the activations, over training rows.

Validation rows are left out, because they judge the quantized graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnx import TensorProto, helper

from burnish.arrays import FloatArray
from burnish.tasks.windows import Window

from .graph import load_graph, save_graph, weight_matmuls

__all__ = ["channel_maxima"]


def channel_maxima(graph: Path, windows: Sequence[Window]) -> dict[str, FloatArray]:
    """Largest absolute value of each channel of every tensor that a weight multiplies.

    Args:
        graph: the fp32 graph.
        windows: a few dozen model inputs.

    Returns:
        (channels,) by tensor name; empty where no multiplication is worth quantizing.
    """
    model = load_graph(graph)
    names = sorted({matmul.source for matmul in weight_matmuls(model)})
    if not names:
        return {}
    shown = {output.name for output in model.graph.output}
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in names
        if name not in shown
    )
    with TemporaryDirectory() as directory:
        probe = Path(directory) / "probe.onnx"
        save_graph(model, probe)
        session = _session(probe)
    wanted = [entry.name for entry in session.get_inputs()]
    maxima: dict[str, FloatArray] = {}
    for window in windows:
        for name, value in zip(names, session.run(names, _feed(window, wanted)), strict=True):
            largest = np.abs(value).max(axis=tuple(range(value.ndim - 1)))
            maxima[name] = np.maximum(maxima.get(name, largest), largest)
    return maxima


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _feed(window: Window, names: Sequence[str]) -> dict[str, npt.NDArray[np.int64]]:
    arrays = {
        "input_ids": window.input_ids,
        "attention_mask": np.ones_like(window.input_ids),
        "token_type_ids": window.token_type_ids,
    }
    return {name: arrays[name][np.newaxis] for name in names}
