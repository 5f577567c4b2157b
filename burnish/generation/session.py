"""An encoder-decoder in ONNX Runtime: two graphs, one copy of the weights that they share.

One thread computes a run, and each run holds one text with its beams, so that an answer is a
function of its text alone, bit for bit. The cache stays in ONNX Runtime: what a step gives is what
the next one takes, without a copy in Python, and the graph itself reorders the beams.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from burnish.arrays import FloatArray, IntArray
from burnish.errors import BundleError, InputError
from burnish.generation.layout import DECODER, ENCODER, SHARED, GenerationLayout, cache_names
from burnish.runtime.session import Runs, check_finite, check_graph, session_options

__all__ = ["Seq2SeqSession"]

_EXPORT_AGAIN = "export the run again: burnish export RUN -o BUNDLE"


class Seq2SeqSession:
    """A pair of graphs in memory. Any number of threads may use it, each with its own texts."""

    def __init__(self, directory: Path, layout: GenerationLayout) -> None:
        """Load the graphs of a directory.

        Args:
            directory: holds ``encoder.onnx``, ``decoder.onnx`` and ``shared.bin``. The files stay
                mapped into memory: replace the directory, never a file in it.
            layout: what the export said of them.

        Raises:
            BundleError: a file is missing or damaged, reads another file, needs a newer ONNX
                Runtime, or does not fit the layout.
        """
        self._layout = layout
        cross, past, present = (
            list(cache_names(kind, layout.layers)) for kind in ("cross", "past", "present")
        )
        self._cross, self._past, self._present = cross, past, present
        self._encoder = _load(directory / ENCODER)
        self._decoder = _load(directory / DECODER)
        _check_names(directory / ENCODER, self._encoder, ["input_ids"], cross)
        _check_names(
            directory / DECODER,
            self._decoder,
            ["tokens", "beams", *cross, *past],
            ["logits", *present],
        )
        _check_sizes(directory / DECODER, self._decoder, past[0], layout)
        self._runs = Runs()

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return self._layout.vocabulary

    @property
    def source_positions(self) -> int | None:
        """Tokens that a source text may have; None where there is no limit."""
        return self._layout.source_positions

    @property
    def target_positions(self) -> int | None:
        """Tokens that the decoder can write; None where there is no limit."""
        return self._layout.target_positions

    def check_source(self, source: Sequence[int]) -> None:
        """Refuse a text that the model cannot read whole.

        Raises:
            InputError: the text has no token, too many, or one that the model does not have.
        """
        most = self.source_positions
        if not source:
            raise InputError("the text has no token", "send a text that is not empty")
        if most is not None and len(source) > most:
            raise InputError(
                f"the text has {len(source)} tokens, and the model can read {most}",
                "send it in parts, for example sentence by sentence",
            )
        known = self._layout.source_vocabulary
        strange = next((each for each in source if not 0 <= each < known), None)
        if strange is not None:
            raise InputError(
                f"the text has a token {strange}, and the model has {known} tokens",
                "use the tokenizer that belongs to the model",
            )

    def begin(self, source: Sequence[int]) -> _Decoding:
        """Encode a text.

        Args:
            source: token ids with the special tokens that the model expects.

        Raises:
            InputError: as `check_source`.
            ModelFaultError: ONNX Runtime fails on the text.
        """
        self.check_source(source)
        ids = np.asarray(source, dtype=np.int64)[np.newaxis]
        feed = {"input_ids": ort.OrtValue.ortvalue_from_numpy(ids)}
        states = self._run(self._encoder, self._cross, feed)
        return _Decoding(self, dict(zip(self._cross, states, strict=True)))

    def ended(self) -> AbstractContextManager[None]:
        """As `Runs.ended`."""
        return self._runs.ended()

    def _run(self, session: Any, outputs: list[str], feed: dict[str, Any]) -> list[Any]:
        return self._runs.run(
            lambda options: list(session.run_with_ort_values(outputs, feed, options))
        )

    def _step(self, feed: dict[str, Any]) -> tuple[FloatArray, list[Any]]:
        logits, *present = self._run(self._decoder, ["logits", *self._present], feed)
        numbers: FloatArray = logits.numpy()
        # A sum is enough to see a number that is not finite, and costs less than looking at each.
        check_finite(bool(np.isfinite(numbers.sum())))
        return numbers, present

    def _empty(self) -> list[Any]:
        shape = (1, self._layout.heads, 0, self._layout.head_size)
        return [ort.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32)) for _ in self._past]


class _Decoding:
    """The state of one text's decoder: its source's keys and values, and the cache."""

    def __init__(self, session: Seq2SeqSession, cross: dict[str, Any]) -> None:
        self._session = session
        self._feed = cross
        self._cache = session._empty()

    def step(self, tokens: IntArray, beams: IntArray) -> FloatArray:
        """Append a token to each beam: see `burnish.generation.search.Decoder`."""
        feed = dict(self._feed)
        feed.update(zip(self._session._past, self._cache, strict=True))
        for name, array in (("tokens", tokens), ("beams", beams)):
            feed[name] = ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))
        logits, self._cache = self._session._step(feed)
        return logits


def _load(path: Path) -> Any:
    check_graph(path, beside=frozenset({SHARED}))
    try:
        # By its path: ONNX Runtime then maps the shared weights into memory, once for both graphs
        # (and for other processes). Of a graph in bytes it would copy them.
        return ort.InferenceSession(
            str(path), session_options(), providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its exceptions share no other base
        raise BundleError(f"{path}: ONNX Runtime cannot load the graph: {error}") from error


def _check_names(path: Path, session: Any, inputs: list[str], outputs: list[str]) -> None:
    for what, found, wanted in (
        ("inputs", [each.name for each in session.get_inputs()], inputs),
        ("outputs", [each.name for each in session.get_outputs()], outputs),
    ):
        if sorted(found) != sorted(wanted):
            raise BundleError(
                f"{path}: the graph's {what} are {found}, the manifest says {wanted}",
                _EXPORT_AGAIN,
            )


def _check_sizes(path: Path, session: Any, past: str, layout: GenerationLayout) -> None:
    shapes = {each.name: each.shape for each in (*session.get_inputs(), *session.get_outputs())}
    found = shapes[past][1], shapes[past][3], shapes["logits"][-1]
    wanted = layout.heads, layout.head_size, layout.vocabulary
    if found != wanted:
        raise BundleError(
            f"{path}: heads, their size and the vocabulary are {found}, the manifest says {wanted}",
            _EXPORT_AGAIN,
        )
