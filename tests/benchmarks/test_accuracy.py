from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.accuracy import comparing, draws, kept, running, sets
from benchmarks.accuracy.credit import row_credits, score
from benchmarks.accuracy.page import render
from benchmarks.peers.environments import Environment

LABELS = sets.LabelledSet("invented", "classification", sets.Role.TUNED, "label")
SEVERAL = sets.LabelledSet("invented", "classification", sets.Role.TUNED, "labels")
SPANS = sets.LabelledSet("invented", "extraction", sets.Role.TUNED, "entities")
ANSWERS = sets.LabelledSet("invented", "qa", sets.Role.TUNED, "answers")


def test_a_draw_is_the_same_for_a_seed_and_keeps_groups_together() -> None:
    rows = [{"text": f"row {n}", "doc": str(n // 10)} for n in range(100)]
    train, validation = draws.split(rows, 40, seed=1, group="doc")
    assert (train, validation) == draws.split(rows, 40, seed=1, group="doc")
    assert (len(train), len(validation)) == (34, 6)
    assert not {row["doc"] for row in train} & {row["doc"] for row in validation}
    assert draws.split(rows, 40, seed=2, group="doc") != (train, validation)


@pytest.mark.parametrize("answer", ["label", "labels", "entities"])
def test_rows_of_a_label_that_no_training_row_has_are_for_training(answer) -> None:
    forms: dict[str, Any] = {
        "label": str,
        "labels": lambda name: [name],
        "entities": lambda name: [{"label": name}],
    }
    known, new = {answer: forms[answer]("known")}, {answer: forms[answer]("new")}
    assert draws.taught([known], [new, known], answer=answer) == ([known, new], [known])


def test_credits_are_accuracy_micro_f1_and_words() -> None:
    one = row_credits(LABELS, [{"label": "a"}, {"label": "b"}], ["a", "a"])
    assert score(one) == pytest.approx(1 / 2)
    some = row_credits(SEVERAL, [{"labels": ["a", "b"]}, {"labels": []}], [["a"], []])
    assert score(some) == pytest.approx(2 / 3)
    true = {"start": 0, "end": 4, "label": "PLACE"}
    spans = row_credits(SPANS, [{"entities": [true]}], [[{**true, "text": "Oslo", "score": 0.9}]])
    assert score(spans) == pytest.approx(1)
    answers: list[draws.Row] = [{"answers": [{"text": "in May"}]}, {"answers": []}]
    assert score(row_credits(ANSWERS, answers, ["May", ""])) == pytest.approx((2 / 3 + 1) / 2)


def _outcome(contender: str, right: list[int], *, seed: int = 1) -> kept.Outcome:
    return kept.Outcome(
        set="banking77",
        rows=300,
        seed=seed,
        contender=contender,
        base="minilm",
        score=sum(right) / len(right),
        credits=kept.pack(np.array([[float(each), 1.0] for each in right])),
        chosen="",
        wall_s=1.0,
        cpu_s=1.0,
    )


def test_a_duel_is_paired_and_a_small_difference_is_a_tie() -> None:
    ours, other = _outcome("burnish", [1] * 90 + [0] * 10), _outcome("probe", [1] * 60 + [0] * 40)
    found = comparing.duel(ours, other)
    assert (round(found.difference, 2), found.verdict) == (0.3, "win")
    assert comparing.duel(other, ours).verdict == "loss"
    assert comparing.duel(ours, _outcome("probe", [1] * 89 + [0] * 11)).verdict == "tie"


def test_standings_are_of_draws_that_all_answered() -> None:
    both = [_outcome("burnish", [1, 1, 0]), _outcome("probe", [1, 0, 0])]
    alone = _outcome("probe", [1, 1, 1], seed=2)
    first, second = comparing.standings(comparing.table([*both, alone]), ["burnish", "probe"])
    assert (first.contender, first.draws, first.rank) == ("burnish", 1, 1.0)
    assert (second.contender, second.rank) == ("probe", 2.0)
    text = render(comparing.table([*both, alone]))
    assert "| probe | 1 | 0 | 1 | 0 |" in text
    assert "| banking77 | 300 | 2 | - | 1.000 |" in text


@pytest.fixture
def invented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two classes that a word tells apart."""
    folder = tmp_path / "data" / "invented"
    folder.mkdir(parents=True)
    words = {"lamp": "light", "tap": "water"}
    for part, count in (("train", 60), ("validation", 10), ("test", 20)):
        names = list(words) * (count // 2)
        rows = [{"text": f"the {w} in room {n}", "label": words[w]} for n, w in enumerate(names)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{part}.jsonl").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(draws, "SHARED", tmp_path / "data")
    return tmp_path / "results"


def test_a_contender_runs_once_per_draw_and_its_result_is_kept(
    invented: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = running.Place(invented, threads=1)
    first = running.run(place, running.CONTENDERS["TF-IDF"], LABELS, 40, 1)
    assert first is not None
    assert (first.score, first.array.tolist()) == (1.0, [[1.0, 1.0]] * 20)
    assert first.chosen.startswith("C=")
    monkeypatch.setattr(sys, "executable", "/nowhere")  # a second process would not begin
    assert running.run(place, running.CONTENDERS["TF-IDF"], LABELS, 40, 1) == first
    assert kept.outcomes(invented) == [first]


def test_a_contender_is_not_asked_for_what_it_cannot_answer(invented: Path) -> None:
    place = running.Place(invented)
    assert running.run(place, running.CONTENDERS["TF-IDF"], SPANS, 40, 1) is None
    assert running.run(place, running.CONTENDERS["Trainer"], LABELS, None, 1) is None


def test_a_failed_contender_leaves_no_result(invented: Path, tmp_path: Path) -> None:
    broken: Any = running.Contender("broken", str(tmp_path / "none.py"), ("label",))
    with pytest.raises(RuntimeError, match="broken: "):
        running.run(running.Place(invented), broken, LABELS, 40, 1)
    assert not kept.outcomes(invented)


def test_a_contender_whose_environment_cannot_be_had_fails_with_the_reason(monkeypatch) -> None:
    def failing(name: str, directory: Path, *_: object, **__: object) -> Environment:
        return Environment(name, directory / "python", "no matching distribution")

    monkeypatch.setattr(running, "ready_environment", failing)
    with pytest.raises(RuntimeError, match="spaCy: no matching distribution"):
        running._python(running.CONTENDERS["spaCy"])
    assert running._python(running.CONTENDERS["probe"]) == sys.executable
    for each in running.CONTENDERS.values():
        assert each.requirements is None or each.requirements.is_file()
