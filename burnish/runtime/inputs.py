"""What people pass to `predict` and `stream`: the inputs in it, or the reason why it is refused.

A table gives the names of its columns where its rows are meant, a dict its keys, a string its
letters: each would be answered without a word. Such containers are refused by name. What holds one
text after the other (a list, a ``Series``, an array, a generator) is read; a cell of it that is no
text is an error of that input alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

from burnish.errors import InputError
from burnish.tasks.inputs import InputForm

__all__ = ["inputs_of"]


def inputs_of(given: object, *, form: InputForm[Any]) -> Iterable[object]:
    """What a container holds, in order.

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
    """A text, or what a task's own type holds."""
    if isinstance(given, str | bytes | bytearray | memoryview):
        return True
    return is_dataclass(given) and not isinstance(given, Iterable)


def _is_table(given: object) -> bool:
    """Tables of pandas, polars, pyarrow and Hugging Face; a mapping that is none by its class."""
    return any(hasattr(type(given), name) for name in ("columns", "column_names", "data_vars"))
