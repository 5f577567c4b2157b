"""What `check` says of scores, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from burnish.data import Rows, check_rows, render_report
from burnish.tasks import ScoreExample


def kinds(scores: list[float], texts: list[str] | None = None) -> dict[str, str]:
    words = texts or [f"text number {i} of {scores[i] * 31 % 7:.3f}" for i in range(len(scores))]
    examples = tuple(
        ScoreExample(id=f"a.csv:{i + 2}", text=words[i], score=score)
        for i, score in enumerate(scores)
    )
    report = check_rows(Rows(task="regression", examples=examples))
    assert "labels\n" not in render_report(report)
    return {each.kind: f"{each.severity}: {each.message} / {each.fix}" for each in report.findings}


def normal(count: int = 200) -> list[float]:
    return np.random.default_rng(0).normal(50, 10, count).round(2).tolist()


def test_ordinary_scores_are_left_alone() -> None:
    own = {"few-scores", "score-outlier", "skewed-scores", "conflicting-scores"}
    assert not own & kinds(normal()).keys()


def test_all_equal_scores_teach_nothing() -> None:
    assert "all rows have the score 4" in kinds([4.0] * 30)["nothing-to-learn"]


def test_few_whole_numbers_are_taken_for_levels() -> None:
    told = kinds([float(i % 5) for i in range(200)])["few-scores"]
    assert "note: there are only 5 different scores: 0, 1, 2, 3, 4" in told
    assert "a training takes them for levels" in told
    halves = kinds([i % 5 / 2 for i in range(200)])["few-scores"]
    assert "set regression.ordinal: true" in halves


@pytest.mark.parametrize("far", [9999.0, -999.0])
def test_a_score_far_from_all_others_is_found(far: float) -> None:
    told = kinds([*normal(), far])["score-outlier"]
    assert told.startswith("warning: 1 score lies far from all others")


def test_one_score_that_most_rows_have_is_told() -> None:
    told = kinds([0.0] * 150 + normal(50))["skewed-scores"]
    assert "75 % of the rows have the score 0" in told


def test_a_long_tail_is_told() -> None:
    amounts = np.random.default_rng(1).lognormal(3, 1, 300).round(2).tolist()
    assert "a few high scores lie far" in kinds(amounts)["skewed-scores"]


def test_one_text_with_two_scores_is_a_conflict() -> None:
    told = kinds([1.0, 2.5, 3.0], ["The same text.", "The same text.", "Another."])
    assert "1 text has different scores" in told["conflicting-scores"]
