"""Pairs of clauses and summaries: as many of each label, and none that is wrong."""

from __future__ import annotations

from benchmarks.text_pairs import make_pairs

ROWS = [{"text": f"clause {i}", "summary": f"summary {i % 4}"} for i in range(6)]


def test_each_clause_has_its_own_summary_and_another() -> None:
    pairs = make_pairs(ROWS)
    own = {row["text"]: row["summary"] for row in ROWS}
    assert len(pairs) == 12
    for pair in pairs:
        assert (own[pair["text"]] == pair["text_pair"]) == (pair["label"] == "its own")
    assert sum(pair["label"] == "its own" for pair in pairs) == 6
    assert pairs == make_pairs(ROWS)
