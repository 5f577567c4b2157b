"""The inputs in what people pass to `predict` and `stream`, or the reason for refusing it.

Iterating over a table gives its column names, over a dict its keys, over a string its letters: the
model would answer those without an error. Such containers are refused by name. A sequence of texts
(a list, a ``Series``, an array, a generator) is read; a cell that is not a text is an error of that
input alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

from burnish.errors import InputError
from burnish.tasks.inputs import InputForm

__all__ = ["inputs_of"]


def inputs_of(given: object, *, form: InputForm[Any]) -> Iterable[object]:
    """The items of a container, in order.

    Raises:
        InputError: it is one input, a table, a mapping, or has no order; names its type.
    """
    kind = type(given).__name__
    if _is_one(given):
        raise InputError(
            f"inputs is a {kind}, and predict takes a list of inputs",
            "for a single input: predict_one",
        )
    if isinstance(given, Mapping):
        raise InputError(f"inputs is a {kind}, whose items are its keys", form.mapping_hint)
    if _is_table(given):
        raise InputError(f"inputs is a {kind}, whose items are its columns", form.table_hint)
    if isinstance(given, set | frozenset):
        raise InputError(
            f"inputs is a {kind}, which has no order, so answers could not be matched to inputs",
            "pass a list: sorted(inputs)",
        )
    if getattr(given, "ndim", 1) != 1:
        raise InputError(
            f"inputs is a {kind} of {getattr(given, 'ndim', 1)} dimensions",
            "pass one dimension: a list of inputs, or one column of the array",
        )
    if not isinstance(given, Iterable):
        raise InputError(f"inputs is a {kind}", "pass a list of inputs")
    return given


def _is_one(given: object) -> bool:
    """Whether it is a single input: a text, or an object of a task's own type."""
    if isinstance(given, str | bytes | bytearray | memoryview):
        return True
    return is_dataclass(given) and not isinstance(given, Iterable)


def _is_table(given: object) -> bool:
    """Whether it is a table, by the attributes of pandas, polars, pyarrow and Hugging Face."""
    return any(hasattr(type(given), name) for name in ("columns", "column_names", "data_vars"))
