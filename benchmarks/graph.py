"""A bundle's graph with nothing around it: one thread, any batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from burnish.bundle import Bundle
from burnish.tasks import Window

__all__ = ["Graph"]


class Graph:
    """An ONNX Runtime session with the runtime's settings, without its checks."""

    def __init__(self, bundle: Bundle) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = ort.InferenceSession(
            str(bundle.model_path), options, providers=["CPUExecutionProvider"]
        )
        self._names = bundle.manifest.inputs

    def run(self, windows: Sequence[Window]) -> list[npt.NDArray[np.float32]]:
        """Compute windows as one batch, padded to the longest."""
        longest = max(map(len, windows))
        feed = {
            "input_ids": _padded([w.input_ids for w in windows], longest),
            "attention_mask": _padded([np.ones_like(w.input_ids) for w in windows], longest),
            "token_type_ids": _padded([w.token_type_ids for w in windows], longest),
        }
        outputs: list[npt.NDArray[np.float32]] = self._session.run(
            None, {name: feed[name] for name in self._names}
        )
        return outputs

    def run_batches(self, windows: Sequence[Window], *, size: int) -> None:
        """Compute windows in batches of ``size``, as they come."""
        for begin in range(0, len(windows), size):
            self.run(windows[begin : begin + size])


def _padded(rows: Sequence[npt.NDArray[np.int64]], length: int) -> npt.NDArray[np.int64]:
    padded = np.zeros((len(rows), length), dtype=np.int64)
    for target, row in zip(padded, rows, strict=True):
        target[: len(row)] = row
    return padded
