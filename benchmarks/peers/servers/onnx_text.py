"""The handler of every peer that brings none: tokenizers and ONNX Runtime, a padded batch.

It stands beside the server files, which import it as a person's own module would be.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

__all__ = ["OnnxText"]

LONGEST = 512


class OnnxText:
    """Texts to scores, as one batch that is padded to its longest text."""

    def __init__(self, directory: str, *, threads: int) -> None:
        """Load ``model.onnx``, ``tokenizer.json`` and ``config.json``."""
        path = Path(directory)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # ONNX Runtime's default burns a processor between batches: the peers are spared that.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(
            str(path / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [given.name for given in self._session.get_inputs()]
        names = json.loads((path / "config.json").read_text(encoding="utf-8"))["id2label"]
        self._labels = [names[str(index)] for index in range(len(names))]
        self._tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()

    def __call__(self, texts: list[str]) -> list[list[dict[str, object]]]:
        """Every label of each text with its score, best first."""
        encodings = self._tokenizer.encode_batch(texts)
        given = {
            "input_ids": [e.ids for e in encodings],
            "attention_mask": [e.attention_mask for e in encodings],
            "token_type_ids": [e.type_ids for e in encodings],
        }
        feed = {name: np.array(given[name], dtype=np.int64) for name in self._inputs}
        logits = self._session.run(["logits"], feed)[0].astype(np.float64)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return [self._ranked(row) for row in powers / powers.sum(axis=-1, keepdims=True)]

    def _ranked(self, scores: np.ndarray) -> list[dict[str, object]]:
        order = np.argsort(-scores)
        return [{"label": self._labels[i], "score": float(scores[i])} for i in order]
