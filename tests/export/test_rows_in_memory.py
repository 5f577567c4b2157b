"""A DataFrame becomes a run, answers and a bundle, without a file of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import burnish
from burnish.errors import DataError
from tests.tiny import tiny_base

pandas = pytest.importorskip("pandas", reason="pip install pandas")
pytest.importorskip("narwhals", reason="needs the extra frames")

WORDS = {"money": ("refund", "invoice", "charge"), "access": ("password", "login", "account")}
SMALL = ["train.epochs=1", "train.max_length=32", "train.stride=8", "train.threads=1"]
SECRET = "my refund is late"


def frame() -> Any:
    rows = [
        {"body": f"my {words[number % 3]} is late {number}", "team": team}
        for number in range(30)
        for team, words in WORDS.items()
    ]
    return pandas.DataFrame(rows, index=[f"t{number}" for number in range(60)])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> burnish.TrainedRun:
    place = tmp_path_factory.mktemp("memory")
    base = tiny_base(place / "base", checkpoint="mlm", pooling="mean")
    return burnish.train(
        frame(),
        [f"base_model={base}", "train.seeds=1", *SMALL],
        task="classification",
        text="body",
        label="team",
        output=place / "runs" / "tickets",
        progress=False,
    )


@pytest.fixture(scope="module")
def bundle(run: burnish.TrainedRun) -> burnish.ExportedBundle:
    return run.export(run.path.parent / "bundle", precision="fp32")


def test_the_run_knows_its_scores_and_says_them_shortly(run) -> None:
    assert list(run.scores) == ["validation", "test"]
    assert len(repr(run)) < 300
    assert f"test accuracy {run.scores['test'].metrics['accuracy'].value:.3f}" in repr(run)
    assert isinstance(run, burnish.Run)


def test_a_notebook_shows_scores_with_intervals_gates_and_paths_and_no_row(run) -> None:
    page = run._repr_html_()
    score = run.scores["test"].metrics["accuracy"]
    assert f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]" in page
    assert "test (9 rows)" in page
    assert "training_rows" in page, "a gate that warns"
    assert str(run.path / "report.html") in page
    assert SECRET not in page
    assert len(page) < 5000


def test_run_and_bundle_answer_a_frame_in_its_own_columns(run, bundle) -> None:
    few = frame().drop(columns="team").head(4)
    by_run, by_bundle = run.predict(few), bundle.predict(few)
    for answered in (by_run, by_bundle):
        assert list(answered.columns) == ["body", "label", "score", "abstained", "error"]
        assert list(answered.index) == list(few.index)
    assert list(by_run["label"]) == list(by_bundle["label"])
    assert list(by_run["score"]) == pytest.approx(list(by_bundle["score"]), abs=2e-4)


def test_a_run_keeps_errors_in_their_row(run) -> None:
    first, wrong, last = run.predict([{"body": "my refund"}, {"body": None}, {"body": "my login"}])
    assert (first["error"], last["error"]) == (None, None)
    assert wrong["label"] is None
    assert "no 'body'" in wrong["error"]


def test_run_and_bundle_are_scored_on_a_frame(run, bundle) -> None:
    found = bundle.evaluate(frame())
    assert found.rows == 60
    assert run.evaluate(frame()).values() == pytest.approx(found.values())
    assert burnish.evaluate(bundle, frame().to_dict("records")) == found


def test_a_run_that_was_read_again_needs_its_rows_and_only_those(run, tmp_path: Path) -> None:
    again = burnish.read_run(run.path)
    assert again == run
    with pytest.raises(DataError, match="missing") as caught:
        again.export(tmp_path / "bundle")
    assert "data=rows" in caught.value.hint
    with pytest.raises(DataError, match="changed"):
        again.export(tmp_path / "bundle", data=frame().head(50))
    assert not (tmp_path / "bundle").exists()


def test_the_public_export_takes_rows_also_after_the_room_was_imported(
    run, tmp_path: Path, monkeypatch
) -> None:
    import burnish.export as room

    monkeypatch.setattr(burnish, "export", room)  # as its import alone leaves it
    made = burnish.export(run.path, tmp_path / "bundle", data=frame(), precision="fp32")
    assert isinstance(made, burnish.ExportedBundle)
    assert list(made.predict([{"body": "my refund"}])[0])[:2] == ["body", "label"]


def test_the_default_output_is_named_as_the_run(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run.export(precision="fp32").path == tmp_path / "bundles" / "tickets"
