"""The values that a recipe's keys take, and what is said of others."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

__all__ = [
    "SHORTEST",
    "AutoBool",
    "AutoFloat",
    "AutoInt",
    "AutoRatio",
    "AutoWindow",
    "FileOrShare",
    "file_or_share",
]

SHORTEST, _LONGEST = 16, 8192
"""The windows that a task takes, in tokens (burnish/tasks/base.py)."""


def _auto_or_number(value: Any) -> Any:
    if value == "auto":
        return value
    if isinstance(value, str):
        try:
            value = float(value)  # YAML reads 1e-4, without a point, as a text
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError("must be auto or a number above 0")
    return value


def file_or_share(value: Any) -> Any:
    """A path, a share as a number, or None.

    Raises:
        ValueError: it is none of them.
    """
    if value is None or isinstance(value, Path):
        return value
    if isinstance(value, str) and value.strip():
        try:
            value = float(value)
        except ValueError:
            return Path(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise ValueError("must be a file, or a share of train between 0 and 1")
    return float(value)


def _auto_or_window(value: Any) -> Any:
    value = _auto_or_number(value)
    if value != "auto" and not SHORTEST <= value <= _LONGEST:
        raise ValueError(f"must be auto or a whole number from {SHORTEST} to {_LONGEST}")
    return value


def _auto_or_switch(value: Any) -> Any:
    if value == "auto" or isinstance(value, bool):
        return value
    raise ValueError("must be auto, true or false")


def _auto_or_share_of_rows(value: Any) -> Any:
    try:
        return 0.0 if float(value) == 0 else _auto_or_number(value)
    except (TypeError, ValueError):
        if value == "auto":
            return value
        raise ValueError("must be auto, 0 or a number above 0") from None


AutoBool = Annotated[bool | Literal["auto"], BeforeValidator(_auto_or_switch)]
AutoFloat = Annotated[float | Literal["auto"], BeforeValidator(_auto_or_number)]
AutoInt = Annotated[int | Literal["auto"], BeforeValidator(_auto_or_number)]
AutoRatio = Annotated[float | Literal["auto"], BeforeValidator(_auto_or_share_of_rows)]
AutoWindow = Annotated[int | Literal["auto"], BeforeValidator(_auto_or_window)]
FileOrShare = Annotated[Path | float | None, BeforeValidator(file_or_share)]
