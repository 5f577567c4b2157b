"""Sample files: found inside the package by name, and read without a skipped row."""

from __future__ import annotations

import pytest

from burnish.data import SAMPLES, check_rows, read_rows, sample_path
from burnish.errors import DataError

TASKS = {
    "tickets": "classification",
    "notices": "extraction",
    "handbook": "qa",
    "decisions": "summary",
}


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_sample_is_read(name: str) -> None:
    rows = read_rows(sample_path(name), TASKS[name])
    assert rows.files[0].skipped == {}
    assert check_rows(rows).ok


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_lies_in_the_package(name: str) -> None:
    assert sample_path(name).stat().st_size > 0


def test_an_unknown_sample_is_refused() -> None:
    with pytest.raises(DataError, match="no sample 'news'") as caught:
        sample_path("news")
    assert "decisions, handbook, notices, tickets" in caught.value.hint
