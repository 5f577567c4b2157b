"""Counts in sentences: ``plural(1, "# [row is|rows are] left out")`` is ``1 row is left out``."""

from __future__ import annotations

import re

__all__ = ["plural"]

_EITHER = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")


def plural(count: int, template: str) -> str:
    """A sentence that agrees with its count.

    Args:
        count: ``#`` stands for it.
        template: written for the program, never holding a user's text; ``[one|several]`` is the
            first where the count is 1, else the second.
    """
    form = 1 if count == 1 else 2
    return _EITHER.sub(lambda either: either[form], template).replace("#", f"{count:,}")
