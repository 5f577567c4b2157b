"""Inputs: what a caller may send to a task, and why another value is refused.

An input is one text, or several that have names. Python's callers, a table's rows, a pipe's lines
and the options of ``burnish predict`` all become inputs here.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from typing_extensions import override

from burnish.errors import InputError, UsageError

__all__ = ["TEXT", "FieldsInput", "InputForm", "TextInput"]

InputT = TypeVar("InputT")

_MISSING = frozenset({"NAType", "NaTType", "MaskedConstant", "NullScalar"})
"""What pandas, numpy and pyarrow have where a value is missing; none of them is imported here."""


class InputForm(ABC, Generic[InputT]):
    """What the inputs of a task are made of."""

    fields: tuple[str, ...]
    """The names of an input's texts; ``text`` may have another name in a row."""
    line_format: ClassVar[Literal["txt", "jsonl"]]
    """How a pipe has one input per line, if nobody says."""
    options: Mapping[str, str] = {}
    """Help of the options of ``burnish predict`` that give one input, by the option's name: an
    option per text, in the order of ``fields``."""
    mapping_hint: str
    """What to do who passed a dict for a list of inputs."""
    table_hint: str
    """What to do who passed a table for a list of inputs."""

    def checked(self, given: object) -> InputT:
        """A value of Python's as an input.

        Raises:
            InputError: it is missing, or of another type; names its type, not its content.
        """
        given = _plain(given)
        if _is_missing(given):
            raise InputError(f"it is missing ({_shown(given)})", "leave it out, or give it a text")
        return self._typed(given)

    @abstractmethod
    def _typed(self, given: object) -> InputT: ...

    @abstractmethod
    def of_texts(self, texts: Iterable[str]) -> InputT:
        """The input that has these texts, in the order of ``fields``."""

    @abstractmethod
    def texts(self, given: InputT) -> tuple[str, ...]:
        """An input's texts, in the order of ``fields``."""

    @abstractmethod
    def of_text(self, text: str) -> InputT:
        """The input that is a bare text.

        Raises:
            UsageError: one text makes no input.
        """

    def of_row(self, row: object, columns: Sequence[str]) -> InputT:
        """The input of a row of JSON or of a table.

        Args:
            row: as it was read.
            columns: where it has each text, in the order of ``fields``.

        Raises:
            InputError: the row has not what an input needs.
        """
        pairs = ", ".join(f'"{name}": …' for name in columns)
        hint = f"write {{{pairs}}}"
        if not isinstance(row, dict):
            raise InputError("the row is not an object", hint)
        for name in columns:
            if not isinstance(row.get(name), str):
                raise InputError(f"the row has no {name!r}", hint)
        return self.of_texts(row[name] for name in columns)


class TextInput(InputForm[str]):
    """One text."""

    fields = ("text",)
    line_format = "txt"
    mapping_hint = "pass its values: list(inputs.values())"
    table_hint = "pass one column of it: inputs['text']"

    @override
    def _typed(self, given: object) -> str:
        if isinstance(given, str):
            return str(given)
        if isinstance(given, bytes | bytearray | memoryview):
            hint = "decode it first: text.decode('utf-8')"
        elif isinstance(given, Mapping | list | tuple) or dataclasses.is_dataclass(given):
            hint = "pass the texts themselves, one string per input"
        else:
            hint = "pass strings"
        raise _wrong(given, "a text (str)", hint)

    @override
    def of_texts(self, texts: Iterable[str]) -> str:
        (text,) = texts
        return text

    @override
    def texts(self, given: str) -> tuple[str, ...]:
        return (given,)

    @override
    def of_text(self, text: str) -> str:
        return text

    @override
    def of_row(self, row: object, columns: Sequence[str]) -> str:
        return row if isinstance(row, str) else super().of_row(row, columns)


TEXT = TextInput()


class FieldsInput(InputForm[InputT]):
    """Several texts: a dataclass of strings, or a dict with its fields as keys.

    Args:
        kind: the dataclass; `burnish.tasks` has it.
        noun: what an input is called in a sentence.
        wants: what a model of the task does, as the rest of a sentence: "answers questions".
        options: as the attribute.
    """

    line_format = "jsonl"

    def __init__(
        self, kind: type[InputT], *, noun: str, wants: str, options: Mapping[str, str]
    ) -> None:
        self.fields = tuple(each.name for each in dataclasses.fields(kind))  # type: ignore[arg-type]
        self.options = options
        self.table_hint = f"pass its rows: inputs[{list(self.fields)}].to_dict('records')"
        keys = ", ".join(f"{name!r}: ..." for name in self.fields)
        self.mapping_hint = f"for one {noun}: predict_one({{{keys}}}); else a list"
        self._kind = kind
        self._wants = wants

    @override
    def _typed(self, given: object) -> InputT:
        name = self._kind.__name__
        if isinstance(given, Mapping):
            if not all(field in given for field in self.fields):
                keys = " and ".join(map(repr, self.fields))
                raise _wrong(given, f"a {name}", f"a dict needs the keys {keys}")
            given = self._kind(*(given[field] for field in self.fields))
        if not isinstance(given, self._kind):
            hint = f"from burnish import {name}; {name}({', '.join(self.fields)})"
            raise _wrong(given, f"a {name}", hint)
        return self.of_texts(_part(given, field) for field in self.fields)

    @override
    def of_texts(self, texts: Iterable[str]) -> InputT:
        return self._kind(*texts)

    @override
    def texts(self, given: InputT) -> tuple[str, ...]:
        return tuple(getattr(given, name) for name in self.fields)

    @override
    def of_text(self, text: str) -> InputT:
        ways = " and ".join(f"--{name}" for name in self.options)
        raise UsageError(f"this bundle {self._wants}", f"use {ways or 'a file, or a pipe'}")


def _part(given: object, name: str) -> str:
    part = _plain(getattr(given, name))
    if _is_missing(part):
        raise InputError(f"its {name} is missing ({_shown(part)})", f"give it a {name}")
    if not isinstance(part, str):
        raise InputError(f"its {name} is a {type(part).__name__}", f"give a string as {name}")
    return str(part)


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
