"""A sentence agrees with its count."""

from __future__ import annotations

import pytest

from burnish.plural import plural


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 rows are left out"),
        (1, "1 row is left out"),
        (2, "2 rows are left out"),
        (1234, "1,234 rows are left out"),
    ],
)
def test_words_follow_the_count(count: int, text: str) -> None:
    assert plural(count, "# [row is|rows are] left out") == text
