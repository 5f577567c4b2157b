"""The forms that a model's graphs have, and the one place that knows which task has which.

Most models are one graph, which gives numbers for a window. A model that writes is two, which share
their weights: one reads a text, the other writes a token of the answer at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from burnish.generation.layout import DECODER, ENCODER, SHARED
from burnish.runtime.graph_file import operators
from burnish.runtime.requirement import least_onnxruntime
from burnish.runtime.session import Session
from burnish.tasks import Task
from burnish.tasks.heads import Head

from .answers import Answering, open_session
from .exactness import convert_run
from .generation.exactness import convert_writing_run
from .generation.quantization import open_written, quantize_writing
from .int8.quantization import Quantized, quantize
from .int8.search import Reference

__all__ = ["GraphForm", "form_of"]


@dataclass(frozen=True, slots=True)
class GraphForm:
    """How a model of one form becomes the files that are served."""

    fp32: str
    """The name of the fp32 graph's file, or of the directory of several, while it is worked on."""
    names: tuple[str, ...]
    """The bundle's files of its weights: `burnish.manifest.Manifest.graph_names`."""
    convert: Callable[..., Reference]
    """With the arguments of `burnish.export.exactness.convert_run`."""
    quantize: Callable[..., Quantized]
    """With the arguments of `burnish.export.int8.quantization.quantize`."""
    open: Callable[[Reference, Path], Answering]
    """Loads a graph of the reference's form, as the runtime does."""

    def files(self, graph: Path) -> dict[str, Path]:
        """The bundle's files, by their names in it."""
        return {name: graph / name if graph.is_dir() else graph for name in self.names}

    def least_onnxruntime(self, graph: Path) -> str:
        """The oldest version that computes a graph."""
        graphs = [each for each in self.files(graph).values() if each.suffix == ".onnx"]
        return least_onnxruntime(
            frozenset(used for each in graphs for used in operators(each.read_bytes()))
        )


def _open_one(reference: Reference, graph: Path) -> Session:
    return open_session(graph, task=reference.task, inputs=reference.inputs)


_ONE = GraphForm("fp32.onnx", ("model.onnx",), convert_run, quantize, _open_one)
_FORMS = {
    Head.WRITTEN: GraphForm(
        "fp32", (ENCODER, DECODER, SHARED), convert_writing_run, quantize_writing, open_written
    )
}


def form_of(task: Task) -> GraphForm:
    """The form of the models of a task."""
    return _FORMS.get(task.head, _ONE)
