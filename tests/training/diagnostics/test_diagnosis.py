"""The frozen encoder's view of the data: curve, continuation, doubted labels, suggestions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from burnish.cli import main
from burnish.data import Columns, check_rows, read_rows
from burnish.errors import UsageError
from burnish.tasks.intervals import wilson
from burnish.training.diagnostics.extrapolation import forecast_score
from burnish.training.diagnostics.label_errors import doubted_labels
from burnish.training.diagnostics.learning_curve import CurveRows, measure_curve
from burnish.training.diagnostics.linear import fit_linear
from burnish.training.pipeline.diagnosis import diagnose
from burnish.training.pipeline.suggesting import suggest_with_labelled


def _blobs(rows: int, *, labels: int = 3, spread: float = 1.0, seed: int = 0) -> CurveRows:
    """Clouds of points, one a label."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, labels, rows)
    centres = np.random.default_rng(99).normal(size=(labels, 16))
    vectors = centres[classes] + rng.normal(size=(rows, 16)) * spread
    return CurveRows(
        vectors=vectors.astype(np.float32),
        targets=classes[:, None] == np.arange(labels),
        rows=np.arange(rows),
        groups=[str(row) for row in range(rows)],
    )


def test_the_linear_classifier_learns_one_label_and_several() -> None:
    data = _blobs(300)
    for several in (False, True):
        model = fit_linear(data.vectors, data.targets, multi_label=several, strength=0.1)
        right = model.probabilities(data.vectors).argmax(1) == data.targets.argmax(1)
        assert right.mean() > 0.9
        again = fit_linear(data.vectors, data.targets, multi_label=several, strength=0.1)
        assert np.array_equal(model.weight, again.weight)


def test_a_curve_rises_and_holds_every_row_out_once() -> None:
    data = _blobs(200, spread=2.0)
    curve = measure_curve(data)
    assert curve.sizes == (10, 20, 40, 80, 160)
    assert curve.scores[-1] > curve.scores[0]
    assert np.allclose(curve.probabilities.sum(1), 1, atol=1e-4)
    assert curve.scores == measure_curve(data).scores


def test_rows_of_a_group_are_held_out_together() -> None:
    """Labels that only the group tells cannot be learnt from other groups."""
    rng = np.random.default_rng(1)
    cases = np.repeat(np.arange(20), 8)
    vectors = rng.normal(size=(20, 16))[cases] + rng.normal(size=(160, 16)) * 0.01
    classes = rng.integers(0, 2, 20)[cases]
    grouped = CurveRows(
        vectors=vectors.astype(np.float32),
        targets=classes[:, None] == np.arange(2),
        rows=np.arange(160),
        groups=[str(case) for case in cases],
    )
    alone = CurveRows(
        vectors=grouped.vectors,
        targets=grouped.targets,
        rows=grouped.rows,
        groups=[str(row) for row in range(160)],
    )
    assert measure_curve(alone).scores[-1] > 0.9
    assert measure_curve(grouped).scores[-1] < 0.8


def test_a_forecast_finds_the_curve_that_made_the_scores() -> None:
    sizes = (50, 100, 200, 400, 800)
    errors = [0.1 + 2 * n**-0.5 for n in sizes]
    rng = np.random.default_rng(3)
    drawn = rng.random(4000)
    hits = np.stack([(drawn >= error).astype(float) for error in errors])
    rows = [str(row) for row in range(4000)]
    found = forecast_score(sizes, hits, np.ones_like(hits), groups=rows, rows=1600, seed=0)
    truth = 1 - (0.1 + 2 * 1600**-0.5)
    assert found.low < truth < found.high
    assert found.value == pytest.approx(truth, abs=0.02)
    assert found.high - found.low < 0.1


@pytest.mark.parametrize("rows", [1, 40])
def test_a_forecast_from_rows_that_are_all_right_is_not_certain(rows: int) -> None:
    hits, groups = np.ones((3, rows)), [str(row) for row in range(rows)]
    found = forecast_score((5, 10, 20), hits, hits, groups=groups, rows=40, seed=0)
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(wilson(1, rows, confidence=0.9)[0])


def test_a_forecast_is_less_sure_of_few_groups() -> None:
    rng = np.random.default_rng(3)
    hits = np.stack([np.repeat(rng.random(20) < p, 50).astype(float) for p in (0.4, 0.5, 0.6)])
    options = {"rows": 400, "seed": 0}
    alone = [str(row) for row in range(1000)]
    grouped = [str(row // 50) for row in range(1000)]
    one, other = (
        forecast_score((50, 100, 200), hits, np.ones_like(hits), groups=groups, **options)
        for groups in (alone, grouped)
    )
    assert other.high - other.low > 2 * (one.high - one.low)


@pytest.mark.parametrize("seed", range(3))
def test_planted_label_errors_are_doubted_first(seed: int) -> None:
    data = _blobs(300, spread=0.7, seed=seed)
    targets = data.targets.copy()
    wrong = np.random.default_rng(seed).choice(300, 10, replace=False)
    targets[wrong] = np.roll(targets[wrong], 1, axis=1)
    planted = CurveRows(vectors=data.vectors, targets=targets, rows=data.rows, groups=data.groups)
    curve = measure_curve(planted)
    doubts = doubted_labels(curve.probabilities, targets, "abc", multi_label=False)
    first = {doubt.row for doubt in doubts[:10]}
    assert len(first & set(wrong.tolist())) >= 8


def test_a_classifier_that_is_often_wrong_doubts_nothing() -> None:
    rng = np.random.default_rng(0)
    scores = rng.dirichlet([0.4] * 3, size=400).astype(np.float32)
    right = scores.argmax(1)
    guessed = np.eye(3, dtype=bool)[rng.integers(3, size=400)]
    assert doubted_labels(scores, guessed, "abc", multi_label=False) == []
    mostly = np.where(rng.random(400) < 0.05, (right + 1) % 3, right)
    doubts = doubted_labels(scores, np.eye(3, dtype=bool)[mostly], "abc", multi_label=False)
    assert {each.row for each in doubts} <= set(np.flatnonzero(mostly != right).tolist())
    assert len(doubts) > 10


def test_a_label_that_is_guessed_is_never_missed() -> None:
    rng = np.random.default_rng(0)
    scores = np.stack([rng.random(200), rng.random(200)], axis=1).astype(np.float32)
    guessed = np.stack([rng.random(200) < 0.3, scores[:, 1] > 0.7], axis=1)
    guessed[np.argsort(scores[:, 1])[-5], 1] = False
    doubts = doubted_labels(scores, guessed, ("a", "b"), multi_label=True)
    assert {each.likely for each in doubts if not each.given} == {"b"}


def test_with_several_labels_missing_and_superfluous_ones_are_doubted() -> None:
    targets = np.zeros((40, 2), dtype=bool)
    targets[:20, 0] = True
    scores = np.where(targets, 0.9, 0.05).astype(np.float32)
    scores[0, 0], scores[39, 0] = 0.01, 0.95
    doubts = doubted_labels(scores, targets, ("a", "b"), multi_label=True)
    assert {(each.row, each.given, each.likely) for each in doubts} == {
        (0, "a", ""),
        (39, "", "a"),
    }


@pytest.mark.parametrize("kind", ["one", "several", "extraction"])
def test_a_diagnosis_names_a_curve_and_the_rows_it_doubts(
    kind: str, bert: Path, files: dict[str, Path]
) -> None:
    task = "extraction" if kind == "extraction" else "classification"
    rows = read_rows(files[kind], task)
    done = diagnose({"train": rows}, base_model=str(bert))
    assert done.enough is not None
    assert done.enough.twice.rows == 120
    assert done.enough.twice.low <= done.enough.twice.value <= done.enough.twice.high
    assert "twice the rows, 120" in done.render()
    json.dumps(done.to_json())
    for finding in done.findings:
        assert all(place.line for place in finding.rows)


def test_a_diagnosis_of_questions_says_that_there_is_no_curve(
    bert: Path, files: dict[str, Path]
) -> None:
    done = diagnose({"train": read_rows(files["qa"], "qa")}, base_model=str(bert))
    assert done.enough is None
    assert "no cheap learning curve" in done.render()


def _people(rows: int) -> list[dict[str, object]]:
    """Rows of an extraction, in which the fourth person is nowhere labelled."""
    names = ("anna", "berta", "clara")
    return [
        {
            "text": f"{names[n % 3]} lives in london {n}",
            "entities": [{"start": 0, "end": len(names[n % 3]), "label": "PERSON"}],
            "site": "one",
        }
        for n in range(rows)
    ]


def _written(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.mark.parametrize("task", ["classification", "extraction"])
def test_rows_of_one_group_have_no_curve_and_keep_the_other_findings(
    task: str, bert: Path, tmp_path: Path
) -> None:
    rows = _people(50)
    if task == "classification":
        rows = [
            {"text": r["text"], "site": "one", "label": "ab"[n % 2]} for n, r in enumerate(rows)
        ]
    rows[7]["text"] = f"{rows[7]['text']} карта потеряна 漢字"
    path = _written(tmp_path / "rows.jsonl", rows)
    done = diagnose(
        {"train": read_rows(path, task, columns=Columns(group="site"))}, base_model=str(bert)
    )
    assert done.enough is None
    assert "are of 1 group (data.group, or one text)" in done.render()
    assert [place.line for each in done.findings for place in each.rows] == [8]


def test_as_many_groups_as_folds_are_enough_for_a_curve(bert: Path, tmp_path: Path) -> None:
    rows = [
        {**row, "label": "ab"[n % 2], "site": "abcde"[n // 10]} for n, row in enumerate(_people(50))
    ]
    path = _written(tmp_path / "rows.jsonl", rows)
    for task in ("classification", "extraction"):
        read = read_rows(path, task, columns=Columns(group="site"))
        assert diagnose({"train": read}, base_model=str(bert)).enough is not None


def test_the_rows_that_are_read_may_be_of_too_few_groups(bert: Path, tmp_path: Path) -> None:
    """Of texts so long no more than forty are read: here of two of the three groups."""
    rows = _people(60)
    for n, row in enumerate(rows):
        row["text"] = f"{row['text']} " + "late " * 2000
        row["site"] = ("a", "b", "c")[max(0, n - 57)]
    path = _written(tmp_path / "rows.jsonl", rows)
    read = read_rows(path, "extraction", columns=Columns(group="site"))
    done = diagnose({"train": read}, base_model=str(bert))
    assert done.enough is None
    assert "the 40 rows that the encoder would read are of 2 groups" in done.render()


@pytest.mark.parametrize("task", ["classification", "extraction"])
def test_a_text_without_a_token_is_found_by_row_and_the_rest_is_read(
    task: str, bert: Path, tmp_path: Path
) -> None:
    rows: list[dict[str, object]] = [
        {**row, "label": "ab"[n % 2]} for n, row in enumerate(_people(60))
    ]
    rows[11] |= {"text": "\u200b", "entities": []}
    rows[40] |= {"text": "berta lives in london 40", "entities": []}
    path = _written(tmp_path / "rows.jsonl", rows)
    done = diagnose({"train": read_rows(path, task)}, base_model=str(bert))
    assert done.enough is not None
    (found,) = [each for each in done.findings if each.kind == "empty-text"]
    assert [(place.line, found.severity) for place in found.rows] == [(12, "error")]
    if task == "extraction":
        (doubt,) = [each for each in done.findings if each.kind == "likely-label-error"]
        assert doubt.rows[0].line == 41


def test_a_text_without_a_token_is_suggested_last(bert: Path, files: dict[str, Path]) -> None:
    labelled = read_rows(files["extraction"], "extraction")
    for texts in (["\u200b"], ["\u200b", "anna lives in london"]):
        picked, doubts = suggest_with_labelled(texts, labelled, count=2, base_model=str(bert))
        assert picked[-1] == 0
        assert doubts[-1] == 0


def test_unknown_tokens_are_found_by_row(bert: Path, tmp_path: Path) -> None:
    lines = [{"text": f"my card {n} is late", "label": "ab"[n % 2]} for n in range(50)]
    lines[7]["text"] = "карта потеряна 漢字 late"
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    done = diagnose({"train": read_rows(path, "classification")}, base_model=str(bert))
    (found,) = [each for each in done.findings if each.kind == "unknown-tokens"]
    assert [place.line for place in found.rows] == [8]


def test_a_flipped_label_is_found_by_row(bert: Path, tmp_path: Path) -> None:
    words = {"billing": "refund money card charge", "access": "password login account cancel"}
    lines = [
        {"text": f"{words[label]} {n}", "label": label}
        for n in range(60)
        for label in [("billing", "access")[n % 2]]
    ]
    lines[10]["label"] = "access"
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    done = diagnose({"train": read_rows(path, "classification")}, base_model=str(bert))
    (found,) = [each for each in done.findings if each.kind == "likely-label-error"]
    assert (found.rows[0].line, found.rows[0].detail) == (11, "'access', likely 'billing'")


def test_suggestions_are_rows_that_the_labelled_ones_leave_open(
    bert: Path, files: dict[str, Path]
) -> None:
    texts = ["my refund is late my money is late", "my refund is late my login is late", "my card"]
    labelled = read_rows(files["one"], "classification")
    picked, doubts = suggest_with_labelled(texts, labelled, count=2, base_model=str(bert))
    assert picked[0] == 1
    assert doubts[0] == max(doubts)
    again, _ = suggest_with_labelled(texts, labelled, count=2, base_model=str(bert))
    assert again == picked


def test_suggestions_for_entities_and_none_for_questions(
    bert: Path, files: dict[str, Path]
) -> None:
    labelled = read_rows(files["extraction"], "extraction")
    texts = ["anna lives in london", "zzz"]
    picked, _ = suggest_with_labelled(texts, labelled, count=5, base_model=str(bert))
    assert sorted(picked) == [0, 1]
    with pytest.raises(UsageError, match="question answering"):
        suggest_with_labelled(texts, read_rows(files["qa"], "qa"), count=1, base_model=str(bert))


def test_the_command_shows_the_curve(bert: Path, files: dict[str, Path], capsys) -> None:
    code = main(["check", str(files["one"]), "--base-model", str(bert), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["enough"]["curve"]["sizes"] == [8, 12, 24, 48]
    kinds = {finding["kind"] for finding in document["findings"]}
    plain = {each.kind for each in check_rows(read_rows(files["one"], "classification")).findings}
    assert plain <= kinds


def test_the_command_suggests_rows(bert: Path, files: dict[str, Path], tmp_path, capsys) -> None:
    unlabelled = tmp_path / "texts.txt"
    unlabelled.write_text("my refund is late\n\nmy login is late\nmy refund is late\n")
    command = ["suggest", str(unlabelled), "--train", str(files["one"])]
    assert main([*command, "--base-model", str(bert), "-n", "5"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(row["row"], row["text"]) for row in rows} == {
        (1, "my refund is late"),
        (3, "my login is late"),
    }
