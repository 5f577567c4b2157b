"""The chapter on bias shows each subgroup, who is left out, and what was inherited."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from burnish.evidence.manuscript import bibliography
from burnish.evidence.report import render_report
from tests.core.evidence.report.facts_of_a_run import make_facts


def _subgroup(name: str, rows: int, score: float | None, **labels: Any) -> dict[str, Any]:
    bounds = (None, None) if score is None else (score - 0.05, score + 0.05)
    return {
        "name": name,
        "rows": rows,
        "compared": rows >= 10,
        "score": score,
        "low": bounds[0],
        "high": bounds[1],
        "selection": {},
        "recall": {},
        **labels,
    }


def _report(gap: float | None, *subgroups: dict[str, Any], labels: Any = ()) -> dict[str, Any]:
    return {
        "column": "<site>",
        "part": "test",
        "metric": "accuracy",
        "subgroups": subgroups,
        "gap": gap,
        "low": gap and gap - 0.1,
        "high": gap and gap + 0.1,
        "labels": labels,
    }


def test_the_chapter_on_bias_shows_subgroups() -> None:
    north = _subgroup("a&b", 50, 0.9, selection={"a<b": 0.5}, recall={"a<b": None})
    south = _subgroup("south", 40, 0.6, selection={"a<b": 0.25}, recall={"a<b": None})
    few = _subgroup("few", 9, None, selection={"a<b": 1.0}, recall={"a<b": None})
    gaps = [{"label": "a<b", "selection": 0.25, "recall": None}]
    tuned = _report(0.3, north, south, few, labels=gaps)
    frozen = _report(0.2, north, south, few)
    page = render_report(make_facts(subgroups={"tuned": [tuned], "frozen": [frozen]}))
    page = re.sub(r' data-head="[^"]*"', "", page)  # what a phone shows before each cell

    assert "&lt;site&gt;" in page
    assert "<td>0.900 (0.850 to 0.950)</td>" in page
    assert "<td>few (not compared)</td><td>9</td><td>nothing to find</td>" in page
    assert "0.300 (0.200 to 0.400)" in page
    assert "base model with a linear probe: 0.200" in page
    assert "<td>25.0 % of south</td><td>50.0 % of a&amp;b</td><td>0.250</td><td></td>" in page


def test_a_run_whose_subgroups_are_too_few_says_so() -> None:
    lone = _report(None, _subgroup("all", 50, 0.9))
    page = render_report(make_facts(subgroups={"tuned": [lone]}))
    assert "Fewer than two subgroups of &lt;site&gt; have enough rows" in page
    assert "By subgroup" not in render_report(make_facts())


def test_a_manuscript_cites_what_scored_them() -> None:
    facts = make_facts()
    named = facts.recipe.data.model_copy(update={"subgroups": ("site",)})
    with_column = replace(facts, recipe=facts.recipe.model_copy(update={"data": named}))
    assert "weerts2023fairlearn" in bibliography(with_column)
    assert "fairlearn" not in bibliography(facts)
