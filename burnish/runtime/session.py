"""One ONNX graph, run window by window: batch 1, no padding, one thread a run.

Dynamic int8 scales activations over the whole input tensor, so a text's answer would change with
its neighbours and with padding. A window that is run alone is a function of its text only, bit
for bit, whoever else is calling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from burnish.arrays import FloatArray
from burnish.errors import BundleError, InputError
from burnish.runtime.graph_file import (
    Buffer,
    GraphFileError,
    external_files,
    external_tensor,
    operators,
)
from burnish.runtime.requirement import check_onnxruntime, least_onnxruntime
from burnish.tasks.windows import Window

__all__ = ["ModelFaultError", "Runs", "Session", "check_finite", "check_graph", "session_options"]

_EXPORT_AGAIN = "export the run again: burnish export RUN -o BUNDLE"
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class ModelFaultError(InputError):
    """The model, not the input, is at fault: it fails, or its numbers are not finite.

    ``reason`` is ONNX Runtime's message if it fails. It may quote the input, so it is shown for
    neutral sentences only.
    """

    def __init__(self, message: str, hint: str = "", *, reason: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


class Runs:
    """The runs of a model's graphs: what fails in them, and what ends them."""

    def __init__(self) -> None:
        self._options = ort.RunOptions()

    def run(self, compute: Callable[[ort.RunOptions], list[Any]]) -> list[Any]:
        """The outputs of one run.

        Raises:
            ModelFaultError: ONNX Runtime fails.
        """
        try:
            return compute(self._options)
        except Exception as error:  # noqa: BLE001  its exceptions share no other base
            raise ModelFaultError(
                "the model fails on this text",
                "the other texts are not affected; send a shorter one, without special tokens",
                reason=f"{type(error).__name__}: {error}",
            ) from None

    @contextmanager
    def ended(self) -> Iterator[None]:
        """End every run of the block after its current node, also one that began before."""
        self._options.terminate = True
        try:
            yield
        finally:
            self._options.terminate = False


def check_finite(finite: bool) -> None:
    """Refuse numbers of a model that are not finite.

    Raises:
        ModelFaultError: they are not.
    """
    if not finite:
        raise ModelFaultError(
            "the model's numbers for this text are not finite",
            "the other texts are not affected; export the model again, in fp32 if necessary",
        )


class Session:
    """An ONNX graph in memory. Any number of threads may call `run` at once."""

    def __init__(
        self,
        path: Path,
        *,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        content: bytes | None = None,
    ) -> None:
        """Load the graph.

        Args:
            path: the ONNX file.
            content: the file's bytes, if they have been read already.
            inputs: the input names that the graph must have, of ``input_ids``,
                ``attention_mask`` and ``token_type_ids``.
            outputs: the output names that the graph must have, in the order wanted.

        Raises:
            BundleError: the graph has external data, needs a newer ONNX Runtime or cannot be
                loaded by it, or its names are others.
        """
        check_graph(path, content)
        graph = str(path) if content is None else content
        try:
            self._session = ort.InferenceSession(
                graph, session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its exceptions share no other base
            raise BundleError(f"{path}: ONNX Runtime cannot load the graph: {error}") from error
        _check_names(path, "inputs", [i.name for i in self._session.get_inputs()], inputs)
        _check_names(path, "outputs", [o.name for o in self._session.get_outputs()], outputs)
        self._inputs = inputs
        self._outputs = list(outputs)
        self._runs = Runs()

    def run(self, window: Window) -> FloatArray:
        """The logits of one window.

        Returns:
            the graph's output without its batch axis; several outputs are stacked last.

        Raises:
            ModelFaultError: ONNX Runtime fails, or a number of the output is not finite.
        """
        feed = _feed(window, self._inputs)
        results = self._runs.run(
            lambda options: list(self._session.run(self._outputs, feed, options))
        )
        arrays: list[FloatArray] = [np.asarray(result, dtype=np.float32)[0] for result in results]
        logits = arrays[0] if len(arrays) == 1 else np.stack(arrays, axis=-1)
        check_finite(bool(np.isfinite(logits).all()))
        return logits

    def ended(self) -> AbstractContextManager[None]:
        """As `Runs.ended`."""
        return self._runs.ended()


def check_graph(
    path: Path, content: bytes | None = None, *, beside: frozenset[str] = frozenset()
) -> None:
    """Refuse a graph that ONNX Runtime must not load.

    Args:
        path: the ONNX file.
        content: the file's bytes, if they have been read already.
        beside: names of the files in the same directory that may hold some of its weights.

    Raises:
        BundleError: the graph cannot be read, reads another file or needs a newer ONNX Runtime.
    """
    with _content(path, content) as graph:
        try:
            external = external_tensor(graph)
            files = external_files(graph)
            least = least_onnxruntime(operators(graph))
        except GraphFileError as error:
            raise BundleError(f"{path}: cannot load the graph: {error}", _EXPORT_AGAIN) from None
    if external is not None and not files <= beside:
        raise BundleError(
            f"{path}: cannot load the graph: the tensor {external[:64]!r} is external data, so the "
            "graph would read another file; a bundle holds all its weights in "
            + (" and ".join(sorted({path.name} | beside)) if beside else "model.onnx"),
            _EXPORT_AGAIN,
        )
    check_onnxruntime(path, least)


@contextmanager
def _content(path: Path, content: bytes | None) -> Iterator[Buffer]:
    if content is not None:
        yield content
        return
    try:
        with path.open("rb") as file:
            mapped = mmap(file.fileno(), 0, access=ACCESS_READ)
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        raise BundleError(f"{path}: cannot be read: {error}", _EXPORT_AGAIN) from error
    with mapped, memoryview(mapped) as view:
        yield view


def session_options() -> ort.SessionOptions:
    """One thread, no spinning, and nothing printed."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.load_model_format", "ONNX")
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # Arena and memory pattern stay on. Without the pattern every node asks the arena, whose lock
    # the threads then share: two threads took 1.6 ms each for 16 tokens and 2.9 ms for mixed
    # lengths, with it 1.2 and 2.4 (MiniLM int8). A plan is kept for each length seen, at most the
    # window's: 213 MB against 196 after 3,600 runs of 4 to 512 tokens.
    # Fatal alone: the rest goes to stderr past our own logging. Errors, which tell of the input,
    # are raised as well.
    options.log_severity_level = 4
    return options


def _feed(window: Window, names: tuple[str, ...]) -> dict[str, Any]:
    ids = window.input_ids[np.newaxis]
    feed = {"input_ids": ids}
    if "attention_mask" in names:
        feed["attention_mask"] = np.ones_like(ids)
    if "token_type_ids" in names:
        feed["token_type_ids"] = window.token_type_ids[np.newaxis]
    return feed


def _check_names(path: Path, what: str, found: list[str], wanted: tuple[str, ...]) -> None:
    known = set(_INPUTS) if what == "inputs" else set(wanted)
    if set(found) != set(wanted) or not set(wanted) <= known:
        raise BundleError(
            f"{path}: the graph's {what} are {found}, the manifest says {list(wanted)}",
            _EXPORT_AGAIN,
        )
