"""Plans: how each multiplication of a graph is quantized, and the table of the ways to do it.

A graph goes through `write_quantized` in a fixed order: *loaded* in fp32, *smoothed* (only with
``smoothing``), its multiplications *replaced* by their schemes, its embedding tables *compressed*
(only with ``tables``), and *saved*. A multiplication has one scheme: that of the exceptions if the
plan names it, else the plan's. Forbidden are two things. A graph that has been quantized is never
an input: every plan starts from the fp32 file, since a second rounding would add to the first and
the node names of a plan would be gone. And smoothing never follows a replacement: it moves scale
from activations into fp32 weights, which a replaced node no longer has. A plan itself has no state,
so the search may try plans in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from onnx import NodeProto

from .blocks import block_int8
from .dynamic import per_channel, per_tensor
from .embeddings import compress_tables
from .graph import GraphEditor, load_graph, save_graph, weight_matmuls
from .smoothing import smooth

__all__ = ["SCHEMES", "Plan", "Scheme", "write_quantized"]

Scheme = Literal["fp32", "tensor", "channel", "blocks"]

SCHEMES: dict[str, Callable[[GraphEditor, NodeProto], list[NodeProto]]] = {
    "fp32": lambda _, node: [node],
    "tensor": per_tensor,
    "channel": per_channel,
    "blocks": block_int8,
}
"""By name, what replaces a multiplication by weights. A new quantizer is a file and a line here."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How each multiplication by weights is quantized."""

    name: str
    scheme: Scheme
    """The scheme of every node that ``exceptions`` does not name."""
    exceptions: tuple[str, ...] = ()
    """Nodes that are too sensitive for ``scheme``."""
    exception_scheme: Scheme = "fp32"
    smoothing: float | None = None
    """Strength of smoothing; None: off."""
    tables: bool = True
    """Whether embedding tables are stored in int8."""

    @property
    def portable(self) -> bool:
        """Whether every processor computes the same, except for rounding in fp32."""
        exceptions = {self.exception_scheme} if self.exceptions else set()
        return "blocks" not in {self.scheme, *exceptions}

    def of(self, node: str) -> Scheme:
        """The scheme of a node."""
        return self.exception_scheme if node in self.exceptions else self.scheme


def write_quantized(
    source: Path, target: Path, plan: Plan, *, maxima: Mapping[str, npt.NDArray[np.float32]]
) -> None:
    """Carry out a plan.

    Args:
        source: the fp32 graph.
        target: the file to write.
        plan: what to do.
        maxima: what :func:`.activation_ranges.channel_maxima` returned, for smoothing.
    """
    editor = GraphEditor(load_graph(source))
    if plan.smoothing is not None:
        smooth(editor, maxima, strength=plan.smoothing)
    chosen = {matmul.name for matmul in weight_matmuls(editor.model)}
    editor.replace(
        lambda node: SCHEMES[plan.of(node.name)](editor, node) if node.name in chosen else [node]
    )
    if plan.tables:
        compress_tables(editor)
    save_graph(editor.model, target)
