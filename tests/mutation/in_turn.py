"""Runs groups of tests in turn, until one fails: the file that mirrors a module needs few imports.

python -m tests.mutation.in_turn tests/core/tasks/test_bio.py -- tests/core/tasks
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

__all__ = ["run_in_turn"]


def run_in_turn(groups: Sequence[Sequence[str]]) -> int:
    """0 where every test passes; what pytest returns for the first group where one fails."""
    for group in groups:
        code = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *group]))
        if code:
            return code
    return 0


if __name__ == "__main__":
    words = " ".join(sys.argv[1:]).split(" -- ")
    sys.exit(run_in_turn([group.split() for group in words]))
