"""Pairs of texts: as many of each label, and none that is wrong."""

from __future__ import annotations

from benchmarks.text_pairs import make_pairs, mark_answers

ROWS = [{"text": f"clause {i}", "summary": f"summary {i % 4}"} for i in range(6)]
QUESTIONS = [
    {"question": f"q {i}", "context": f"c {i}", "title": "ab"[i % 2], "answers": [{}] * (i % 3)}
    for i in range(8)
]


def test_each_clause_has_its_own_summary_and_another() -> None:
    pairs = make_pairs(ROWS, "text", "summary")
    own = {row["text"]: row["summary"] for row in ROWS}
    assert len(pairs) == 12
    for pair in pairs:
        assert (own[pair["text"]] == pair["text_pair"]) == (pair["label"] == "its own")
    assert sum(pair["label"] == "its own" for pair in pairs) == 6
    assert pairs == make_pairs(ROWS, "text", "summary")


def test_another_context_is_one_of_the_same_article() -> None:
    titles = {row["context"]: row["title"] for row in QUESTIONS}
    asked = {row["question"]: row["title"] for row in QUESTIONS}
    pairs = make_pairs(QUESTIONS, "question", "context", near="title")
    assert len(pairs) == 16
    assert all(titles[pair["text_pair"]] == asked[pair["text"]] for pair in pairs)


def test_a_question_is_marked_by_whether_it_has_an_answer() -> None:
    labels = [pair["label"] for pair in mark_answers(QUESTIONS)]
    assert labels[:3] == ["has none", "has the answer", "has the answer"]
