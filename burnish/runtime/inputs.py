"""What people pass to `predict` and `stream`: the inputs in it, or the reason why it is refused.

A table gives the names of its columns where its rows are meant, a dict its keys, a string its
letters: each would be answered without a word. Such containers are refused by name. What holds one
text after the other (a list, a ``Series``, an array, a generator) is read; a cell of it that is no
text is an error of that input alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from burnish.errors import InputError
from burnish.tasks import Input, Question

__all__ = ["checked_input", "inputs_of"]

_MISSING = frozenset({"NAType", "NaTType", "MaskedConstant", "NullScalar"})
"""What pandas, numpy and pyarrow have where a value is missing; none of them is imported here."""
_FIELDS = ("question", "context")


def inputs_of(given: object, *, task: str) -> Iterable[object]:
    """What a container holds, in order.

    Raises:
        InputError: it is one text, a table, a mapping, or has no order; names its type.
    """
    kind = type(given).__name__
    if isinstance(given, str | bytes | bytearray | memoryview | Question):
        raise InputError(
            f"inputs is a {kind}, and predict takes a list of inputs",
            "for a single input: predict_one",
        )
    if isinstance(given, Mapping):
        raise InputError(f"inputs is a {kind}, whose items are its keys", _mapping_hint(task))
    if _is_table(given):
        raise InputError(f"inputs is a {kind}, whose items are its columns", _table_hint(task))
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


def checked_input(given: object, *, task: str) -> Input:
    """One input as its task takes it.

    Raises:
        InputError: it is missing, or is not of the task's kind; names its type, not its content.
    """
    given = _plain(given)
    if _is_missing(given):
        raise InputError(f"it is missing ({_shown(given)})", "leave it out, or give it a text")
    return _question(given) if task == "qa" else _text(given)


def _text(given: object) -> str:
    if isinstance(given, str):
        return str(given)
    raise _wrong(given, "a text (str)", _text_hint(given))


def _text_hint(given: object) -> str:
    if isinstance(given, bytes | bytearray | memoryview):
        return "decode it first: text.decode('utf-8')"
    if isinstance(given, Question | Mapping | list | tuple):
        return "pass the texts themselves, one string per input"
    return "pass strings"


def _question(given: object) -> Question:
    if isinstance(given, Mapping):
        if not all(name in given for name in _FIELDS):
            raise _wrong(given, "a Question", "a dict needs the keys 'question' and 'context'")
        given = Question(*(given[name] for name in _FIELDS))
    if not isinstance(given, Question):
        raise _wrong(
            given, "a Question", "from burnish.tasks import Question; Question(question, context)"
        )
    parts = {name: _plain(getattr(given, name)) for name in _FIELDS}
    for name, part in parts.items():
        if _is_missing(part):
            raise InputError(f"its {name} is missing ({_shown(part)})", f"give it a {name}")
        if not isinstance(part, str):
            raise InputError(f"its {name} is a {type(part).__name__}", f"give a string as {name}")
    return Question(**{name: str(part) for name, part in parts.items()})


def _wrong(given: object, wanted: str, hint: str) -> InputError:
    return InputError(f"it is a {type(given).__name__}, and this model takes {wanted}", hint)


def _plain(given: Any) -> object:
    """A scalar of pyarrow's as Python's, and the item of a numpy array without dimensions."""
    if isinstance(given, str):
        return given
    if hasattr(given, "as_py"):
        return given.as_py()
    return given.item() if type(given) is np.ndarray and not given.ndim else given


def _is_missing(given: object) -> bool:
    if given is None or type(given).__name__ in _MISSING:
        return True
    return isinstance(given, float | np.floating | Decimal) and bool(given != given)


def _shown(given: object) -> str:
    if given is None:
        return "None"
    return "NaN" if isinstance(given, float | np.floating | Decimal) else type(given).__name__


def _is_table(given: object) -> bool:
    """Tables of pandas, polars, pyarrow and Hugging Face; a mapping that is none by its class."""
    return any(hasattr(type(given), name) for name in ("columns", "column_names", "data_vars"))


def _table_hint(task: str) -> str:
    if task == "qa":
        return "pass its rows: inputs[['question', 'context']].to_dict('records')"
    return "pass one column of it: inputs['text']"


def _mapping_hint(task: str) -> str:
    if task == "qa":
        return "for one question: predict_one({'question': ..., 'context': ...}); else a list"
    return "pass its values: list(inputs.values())"
