"""Durations, as a person says them."""

from __future__ import annotations

import pytest

from burnish.durations import told_duration


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.1, "1 s"), (90, "90 s"), (150, "2 min"), (7000, "117 min"), (9000, "2.5 h")],
)
def test_durations(seconds: float, told: str) -> None:
    assert told_duration(seconds) == told
