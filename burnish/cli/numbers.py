"""Numbers that options take; any other is wrong usage, said in a sentence."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError

__all__ = ["non_negative", "port", "positive_int", "share"]


def positive_int(text: str) -> int:
    """A whole number of at least 1."""
    return _whole(text, least=1, most=None, what="a whole number of at least 1")


def port(text: str) -> int:
    """A TCP port; 0 takes any that is free."""
    return _whole(text, least=0, most=65_535, what="a port, from 0 to 65535")


def share(text: str) -> float:
    """A number from 0 to 1."""
    return _number(text, most=1.0, what="a share, from 0 to 1")


def non_negative(text: str) -> float:
    """A finite number of at least 0."""
    return _number(text, most=math.inf, what="a finite number of at least 0")


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
