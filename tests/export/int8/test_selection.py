"""Which candidate is taken, and when sensitive nodes are looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from burnish.export import Budgets
from burnish.export.comparison import Comparison, RecallLoss
from burnish.export.gates import Gates, int8_gates
from burnish.export.int8 import quantization as quantization_module
from burnish.export.int8.candidates import Candidate
from burnish.export.int8.plans import Plan, Scheme
from burnish.export.int8.search import Searcher
from burnish.export.int8.selection import Selection, fastest_first
from burnish.export.int8.sensitivity import Sensitivity
from burnish.export.int8.timing import Timing

SAMPLE, ALL = 50, 200
SPEEDS = {"tensor": 2.6, "channel": 2.4, "smooth": 2.3, "blocks": 1.5}


def compared(agreement: float, rows: int = SAMPLE) -> Comparison:
    return Comparison(rows, "accuracy", 1, 1, agreement, 0, 0, 1.0, RecallLoss("", 0, 0))


def judged(plan: Plan, speedup: float, comparison: Comparison) -> Candidate:
    timing = Timing(1, speedup)
    gates = int8_gates(comparison, timing, size_ratio=0.3, budgets=Budgets(), forced=False)
    return Candidate(plan, Path(), comparison, timing, 1, tuple(gates))


def candidate(
    name: str, speedup: float, agreement: float, *, scheme: Scheme = "channel"
) -> Candidate:
    return judged(Plan(name, scheme), speedup, compared(agreement))


def test_the_fastest_is_first_though_a_slower_one_agrees_more():
    found = fastest_first(
        [
            candidate("slow", 1.5, 1.0),
            candidate("fast", 2.6, 0.98),
            candidate("a tenth slower", 2.4, 0.99),
        ]
    )
    assert [each.plan.name for each in found] == ["fast", "a tenth slower", "slow"]


def test_within_the_noise_of_timing_the_one_that_agrees_more_is_first():
    found = fastest_first([candidate("fast", 2.6, 0.98), candidate("as fast", 2.55, 0.99)])
    assert [each.plan.name for each in found] == ["as fast", "fast"]


def test_all_rows_are_asked_once_and_only_of_those_that_could_be_chosen():
    asked = []

    def recheck(each: Candidate) -> Candidate:
        asked.append(each.plan.name)
        return judged(each.plan, each.timing.speedup, compared(0.9, ALL))

    selection = Selection(recheck)
    selection.add([candidate("good", 2, 0.99), candidate("bad", 3, 0.5)])
    assert selection.first(lambda each: each.passed) is None
    assert selection.first(lambda each: each.passed) is None
    assert asked == ["good"]
    assert [each.comparison.rows for each in selection.candidates] == [ALL, SAMPLE]


@pytest.fixture
def line(monkeypatch, tmp_path):
    """The search with its measurements scripted: agreement by plan, on the sample and on all."""

    def make(sample: dict[str, float], full: dict[str, float], gates: Gates | None = None) -> Any:
        searcher = Searcher(
            SimpleNamespace(graph=tmp_path, rows=range(SAMPLE)),  # type: ignore[arg-type]
            SimpleNamespace(windows=[]),  # type: ignore[arg-type]
            tmp_path,
            Budgets(),
            gates or Gates(),
        )

        def measure(self: Searcher, plans: list[Plan]) -> Any:
            found = [
                judged(p, SPEEDS.get(p.name, 1.9), compared(sample.get(p.name, 0.99)))
                for p in plans
            ]
            return found, 10.0

        monkeypatch.setattr("burnish.export.int8.search.channel_maxima", lambda *_: {})
        monkeypatch.setattr(Searcher, "_measure", measure)
        monkeypatch.setattr(
            Searcher, "_sensitivity", lambda *_: [Sensitivity(f"n{i}", 1, 1) for i in range(12)]
        )
        return searcher.run(
            recheck=lambda each: judged(
                each.plan, each.timing.speedup, compared(full.get(each.plan.name, 0.99), ALL)
            )
        )

    return make


BAD = dict.fromkeys(SPEEDS, 0.9)


def test_the_fastest_that_passes_is_chosen(line):
    search = line({}, {"tensor": 0.98, "channel": 1.0})
    assert search.chosen.plan.name == "tensor"
    assert search.ranking == ()


def test_what_fails_on_all_rows_only_leads_to_mixed_plans_too(line):
    search = line({}, BAD)
    assert search.chosen.plan.name.startswith("smooth-")
    assert len(search.ranking) == 12
    figures = {each.plan.name: each.comparison for each in search.candidates}
    assert {(figures[name].rows, figures[name].agreement) for name in SPEEDS} == {(ALL, 0.9)}


def test_blocks_that_pass_do_not_end_the_search_where_dynamic_ones_fail_on_all_rows(line):
    search = line({}, {**BAD, "blocks": 1.0})
    assert search.chosen.plan.name.startswith("smooth-")


def test_the_next_fastest_is_taken_where_the_first_fails_on_all_rows(line):
    search = line({}, {"tensor": 0.9})
    assert search.chosen.plan.name == "channel"
    assert search.ranking == ()


def test_an_allowed_failure_is_not_preferred_to_what_passes(line):
    search = line({"tensor": 0.5}, {}, Gates.allowing({"int8_agreement": "good enough here"}))
    assert search.chosen.plan.name == "channel"
    search = line(BAD, {}, Gates.allowing({"int8_agreement": "good enough here"}))
    assert search.chosen.plan.name.startswith("smooth-")
    assert search.chosen.passed


def test_an_allowed_failure_is_taken_where_nothing_passes(line):
    everywhere = BAD | {f"smooth-{n}-{s}": 0.9 for n in (1, 2, 4) for s in ("blocks", "fp32")}
    search = line(everywhere, everywhere, Gates.allowing({"int8_agreement": "good enough here"}))
    assert search.chosen.plan.name == "tensor"
    assert not search.chosen.passed
    assert search.chosen.comparison.rows == ALL
    assert line(everywhere, everywhere).chosen is None


def test_the_nearest_is_one_of_those_that_were_judged_on_all_rows():
    sampled = candidate("sampled", 2, 0.97)
    full = replace(candidate("full", 2, 0.9), comparison=compared(0.9, ALL))
    assert quantization_module._nearest([sampled, full]) is full
