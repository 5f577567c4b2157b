"""The least version of onnxruntime that computes a graph."""

from __future__ import annotations

import re

import onnxruntime

from burnish.errors import BundleError
from burnish.runtime.graph_file import Operator

__all__ = ["check_onnxruntime", "least_onnxruntime"]

_EVERY_GRAPH = "1.20"
"""The oldest onnxruntime that burnish is tried with."""
_OPERATORS = {Operator("com.microsoft", "MatMulNBits"): "1.22"}
"""Weights of 8 bits in blocks: 1.20 and 1.21 load ``MatMulNBits`` with 4 bits alone."""


def least_onnxruntime(operators: frozenset[Operator]) -> str:
    """The least version that has all of these operators, as ``1.22``."""
    needed = [_OPERATORS[each] for each in operators if each in _OPERATORS]
    return max((_EVERY_GRAPH, *needed), key=_numbers)


def check_onnxruntime(where: object, *needed: str, installed: str | None = None) -> None:
    """Refuse a bundle that needs a newer onnxruntime than there is.

    Args:
        where: the bundle, for the message.
        needed: the least versions; an empty one asks for nothing.
        installed: the installed version; None takes the imported package's.

    Raises:
        BundleError: names both versions.
    """
    found = onnxruntime.__version__ if installed is None else installed
    least = max(needed, key=_numbers, default="")
    if _numbers(found) < _numbers(least):
        raise BundleError(
            f"{where}: this bundle needs onnxruntime {least} or newer, and {found} is installed",
            f"pip install 'onnxruntime>={least}', or export the run again with --precision fp32",
        )


def _numbers(version: str) -> tuple[int, ...]:
    """1.22.1 as (1, 22, 1); what follows the numbers, as in 1.22.0.dev3, does not count."""
    leading = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, leading[0].split("."))) if leading else ()
