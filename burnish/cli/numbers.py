"""Numbers that options take; any other is wrong usage, said in a sentence."""

from __future__ import annotations

import math
import re
from argparse import ArgumentTypeError

__all__ = [
    "byte_size",
    "inner_share",
    "non_negative",
    "port",
    "positive_int",
    "share",
]

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(kb|mb|gb|kib|mib|gib|b)", re.IGNORECASE)
_UNITS = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}


def positive_int(text: str) -> int:
    """A whole number of at least 1."""
    return _whole(text, least=1, most=None, what="a whole number of at least 1")


def port(text: str) -> int:
    """A TCP port; 0 takes any that is free."""
    return _whole(text, least=0, most=65_535, what="a port, from 0 to 65535")


def share(text: str) -> float:
    """A number from 0 to 1."""
    return _number(text, most=1.0, what="a share, from 0 to 1")


def inner_share(text: str) -> float:
    """A number between 0 and 1, neither of them."""
    what = "a share between 0 and 1"
    value = _number(text, most=1.0, what=what)
    if value in (0.0, 1.0):
        raise _refusal(text, what)
    return value


def non_negative(text: str) -> float:
    """A finite number of at least 0."""
    return _number(text, most=math.inf, what="a finite number of at least 0")


def byte_size(text: str) -> int:
    """A size in bytes: a number with a unit, of 1000 (kB, MB, GB) or of 1024 (KiB, MiB, GiB)."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise _refusal(text, "a size, such as 800MB or 2GiB")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def _whole(text: str, *, least: int, most: int | None, what: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise _refusal(text, what) from None
    if value < least or (most is not None and value > most):
        raise _refusal(text, what)
    return value


def _number(text: str, *, most: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _refusal(text, what) from None
    if not (math.isfinite(value) and 0 <= value <= most):
        raise _refusal(text, what)
    return value


def _refusal(text: str, what: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"{text!r} is not {what}")
