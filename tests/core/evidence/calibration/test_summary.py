"""Calibration in the lines of a card, from documents whose figures are known."""

from __future__ import annotations

from typing import Any

import pytest

from burnish.evidence.calibration import abstention_lines, scope_lines, summary_lines

PART = {"claims": 200, "answered": 150, "wrong": 3, "error": 0.02}
RELIABILITY = {
    "before": {"claims": 200, "ece": 0.12, "low": 0.1, "high": 0.15},
    "after": {"claims": 200, "ece": 0.0204, "low": 0.0, "high": 0.05},
}
PROMISE = {
    "error": 0.05,
    "confidence": 0.95,
    "kept_from": 0.8,
    "claims": 100,
    "answered": 90,
    "wrong": 1,
    "note": "",
}


def document(**abstention: Any) -> dict[str, Any]:
    known: dict[str, Any] = {"of": "texts", "abstain_below": 0.8, "asked": None, "promise": None}
    return {
        "calibration": {"parts": {"test": RELIABILITY}},
        "abstention": {**known, "parts": {"test": PART}, **abstention},
    }


def text(**abstention: Any) -> str:
    return "\n".join(summary_lines(document(**abstention)))


def test_nothing_that_was_measured_is_no_section() -> None:
    assert summary_lines({}) == []
    assert abstention_lines({}) == []
    assert scope_lines({}) == []


def test_a_row_has_the_error_before_and_after_with_its_interval() -> None:
    assert "| test | 200 | 0.120 (0.100 to 0.150) | 0.020 (0.000 to 0.050) |" in text()


def test_a_promise_is_told_with_what_it_rests_on() -> None:
    told = text(promise=PROMISE)
    assert "at most 5 % are wrong, with 95 % confidence" in told
    assert "(1 of 90 texts wrong there, 100 in all)" in told
    none = text(promise={**PROMISE, "kept_from": None, "note": "Too few."}, abstain_below=2.0)
    assert "No error rate is guaranteed: Too few." in none
    assert "Too few.." not in none


@pytest.mark.parametrize(
    ("asked", "below", "said"),
    [
        ({"score": 0.7}, 0.7, "a score below 0.700 are marked: the recipe or the export asked"),
        ({"score": 0.7}, 0.7, "asked for a score of 0.7."),
        ({"reject": 0.9}, 0.612, "are marked: 90 % of half of the rows out of scope have"),
        ({"score": 0.7, "reject": 0.9}, 1.0, "a score of 0.7; 90 % of half of the rows"),
    ],
)
def test_a_score_that_was_asked_for_is_told(
    asked: dict[str, float], below: float, said: str
) -> None:
    assert said in text(asked=asked, abstain_below=below)


def test_where_everything_is_marked_no_score_is_told() -> None:
    told = text(asked={"score": 0.7}, abstain_below=2.0)
    assert "a score below" not in told
    assert "150 of 200 texts are answered without a mark" in told


def test_without_a_mark_and_a_promise_nothing_is_told_of_abstaining() -> None:
    told = text(abstain_below=0.0)
    assert "200 texts" not in told
    assert abstention_lines(document(abstain_below=0.0)) == []
    assert "1 of 90" in text(abstain_below=0.0, promise=PROMISE)


@pytest.mark.parametrize(
    ("part", "below", "line"),
    [
        (PART, 0.8, "test: 150 of 200 texts reach the score 0.800, 3 of them are wrong (2.0 %)"),
        ({**PART, "wrong": 1}, 1.0, "reach the score 1.000, 1 of them is wrong (2.0 %)"),
        ({**PART, "answered": 0}, 2.0, "test: 0 of 200 texts are answered without a mark"),
    ],
)
def test_a_part_has_a_line_on_what_is_answered(
    part: dict[str, Any], below: float, line: str
) -> None:
    (found,) = abstention_lines(document(abstain_below=below, parts={"test": part}))
    assert found.endswith(line)


def scope(**changed: Any) -> dict[str, Any]:
    return {
        "out_of_scope": {
            "label": "oos",
            "rows": 40,
            "against": "test",
            "auroc": {"value": 0.9123, "low": 0.85, "high": 0.95},
            "coverage": {"in_scope": 0.8, "out_of_scope": 0.1},
            "answered": {"value": 0.1, "low": 0.028, "high": 0.301, "rows": 20},
            **changed,
        }
    }


def test_texts_out_of_scope_have_two_sentences() -> None:
    first, second = scope_lines(scope())
    assert "(40 rows of the label 'oos')" in first
    assert "AUROC of 0.912 (0.850 to 0.950; 0.5 is chance)" in first
    assert "10.0 % (2.8 % to 30.1 %) of the 20 rows not used to choose the score" in second
    assert "80.0 % of the test rows" in second


def test_texts_out_of_scope_that_chose_no_score_are_all_judged() -> None:
    judged = {"value": 0.1, "low": 0.028, "high": 0.301, "rows": 40}
    assert "30.1 %) of them, and" in scope_lines(scope(answered=judged))[1]
    older = scope()
    del older["out_of_scope"]["answered"]
    assert "10.0 % of them, and 80.0 %" in scope_lines(older)[1]
    assert "1 row of the label" in scope_lines(scope(rows=1))[0]
    assert scope_lines(scope())[0] in "\n".join(summary_lines({**document(), **scope()}))
