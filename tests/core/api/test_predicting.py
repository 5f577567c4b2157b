"""Rows in memory, answered by a bundle: the same columns as `predict -o`, in the same library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import burnish
from burnish.errors import DataError, InputError, UsageError
from burnish.tasks import Classification
from tests.tiny_onnx import TaskName, tiny_bundle

TEXTS = ["the invoice was charged to my card", None, "my parcel is late 😀"]
ROWS = [{"body": text, "n": number} for number, text in enumerate(TEXTS)]
ADDED = ["label", "score", "abstained", "error"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


def plain(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in ADDED) for row in rows]


def test_a_list_of_rows_comes_back_with_the_columns_of_a_file(bundle: Path) -> None:
    first, missing, last = burnish.predict(bundle, ROWS, text="body")
    assert list(first) == ["body", "n", *ADDED]
    assert (first["label"], last["label"]) == ("billing", "delivery")
    assert first["score"] == round(first["score"], 4)
    assert (first["error"], last["error"]) == (None, None)
    assert missing["label"] is None
    assert "the row has no 'body'" in missing["error"]
    assert list(ROWS[0]) == ["body", "n"], "the rows that were given stay as they are"


def test_pandas_keeps_its_index_and_its_columns(bundle: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    frame = pandas.DataFrame(ROWS, index=["a", "b", "b"])
    answered = burnish.predict(bundle, frame, text="body")
    assert isinstance(answered, pandas.DataFrame)
    assert list(answered.index) == ["a", "b", "b"]
    assert list(answered.columns) == ["body", "n", *ADDED]
    assert list(answered["label"].fillna("")) == ["billing", "", "delivery"]
    assert list(frame.columns) == ["body", "n"]


def test_arrow_has_typed_columns_also_where_nothing_is_in_them(bundle: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    pytest.importorskip("narwhals", reason="needs the extra frames")
    answered = burnish.predict(bundle, pyarrow.table({"text": TEXTS[:1]}))
    assert isinstance(answered, pyarrow.Table)
    assert [str(answered.schema.field(name).type) for name in ADDED] == [
        "string",
        "double",
        "bool",
        "string",
    ]
    assert plain(answered.to_pylist()) == plain(burnish.predict(bundle, [{"text": TEXTS[0]}]))


@pytest.mark.parametrize("lazy", [False, True])
def test_polars_comes_back_as_polars(bundle: Path, lazy: bool) -> None:
    polars = pytest.importorskip("polars", reason="pip install polars")
    frame = polars.DataFrame(ROWS)
    answered = burnish.predict(bundle, frame.lazy() if lazy else frame, text="body", top_k=2)
    assert isinstance(answered, polars.DataFrame)
    assert answered.columns == ["body", "n", "label", "score", "abstained", "scores", "error"]
    assert answered["label"].to_list() == ["billing", None, "delivery"]


@pytest.mark.parametrize(
    ("task", "row", "added"),
    [
        ("extraction", {"text": "anna in paris"}, ["entities", "abstained"]),
        ("qa", {"question": "seven", "context": "it is seven"}, ["answer", "score", "start"]),
        ("pairs", {"text": "the invoice", "text_pair": "my card"}, ["label", "score"]),
        ("regression", {"text": "the invoice"}, ["score", "interval"]),
        ("summary", {"text": "the invoice"}, ["summary", "sentences"]),
    ],
)
def test_every_task_answers_tables(
    task: TaskName, row: dict[str, str], added: list[str], tmp_path: Path
) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    pytest.importorskip("narwhals", reason="needs the extra frames")
    bundle = tiny_bundle(tmp_path / "bundle", task)
    (answered,) = burnish.predict(bundle, [row])
    assert list(answered)[len(row) : len(row) + len(added)] == added
    assert answered["error"] is None
    (typed,) = burnish.predict(bundle, pyarrow.Table.from_pylist([row])).to_pylist()
    assert list(typed) == list(answered)


def test_a_column_of_an_answers_name_stays_the_rows_own(bundle: Path) -> None:
    (row,) = burnish.predict(bundle, [{"text": "the invoice", "label": "mine", "Error": 1}])
    assert (row["label"], row["predicted_label"], row["Error"]) == ("mine", "billing", 1)
    assert row["predicted_error"] is None


def test_a_list_of_texts_gives_predictions_and_names_the_wrong_one(bundle: Path) -> None:
    (answer,) = burnish.predict(bundle, ["the invoice"])
    assert isinstance(answer, Classification)
    assert burnish.predict(bundle, []) == []
    with pytest.raises(InputError, match="input 1: it is missing"):
        burnish.predict(bundle, ["the invoice", None])
    with pytest.raises(InputError, match="takes a list of inputs"):
        burnish.predict(bundle, "the invoice")


def test_a_loaded_model_and_its_limits_are_used(bundle: Path) -> None:
    with burnish.load(bundle) as model:
        (row,) = burnish.predict(model.abstaining(score=1.0), [{"text": "the invoice"}])
        assert row["abstained"] is True
        answer = model.predict_one("the invoice")  # it is still open
        assert isinstance(answer, burnish.Classification)
        assert answer.labels == ("billing",)


def test_rows_without_any_column_are_not_told_to_name_one(bundle: Path) -> None:
    with pytest.raises(DataError, match="no column 'text'") as caught:
        burnish.predict(bundle, [{}])
    assert caught.value.hint == "they have no column at all"


def test_a_missing_column_is_an_error_that_shows_the_others(bundle: Path) -> None:
    with pytest.raises(DataError, match="no column 'text'") as caught:
        burnish.predict(bundle, ROWS)
    assert caught.value.hint == 'they have body, n; name the column: text="body"'


def test_a_threshold_that_decides_nothing_is_refused(bundle: Path) -> None:
    with pytest.raises(InputError, match="no threshold decides"):
        burnish.predict(bundle, ROWS, text="body", threshold=0.5)


def test_what_is_neither_run_nor_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither a run"):
        burnish.predict(tmp_path, ROWS)


def test_rows_in_memory_are_evaluated(bundle: Path) -> None:
    rows = [{"body": "the invoice", "team": "billing"}, {"body": "my parcel", "team": "other"}]
    columns = burnish.Columns(text="body", label="team")
    found = burnish.evaluate(bundle, rows, columns=columns)
    assert (found.rows, found.metrics["accuracy"].value) == (2, 0.5)
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    pytest.importorskip("narwhals", reason="needs the extra frames")
    assert burnish.evaluate(bundle, pandas.DataFrame(rows), columns=columns) == found


def test_answering_a_list_of_rows_imports_no_library_of_tables_and_no_torch(bundle: Path) -> None:
    code = (
        f"import burnish, sys; burnish.predict({str(bundle)!r}, [{{'text': 'hello'}}])\n"
        "print({'torch', 'pandas', 'polars', 'pyarrow', 'narwhals'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_notebook_shows_a_bundle_and_a_model_without_their_data(tmp_path: Path) -> None:
    path = tiny_bundle(tmp_path / "a<b>&c", name="mine", labels=("<script>", "two", "three"))
    bundle = burnish.read_bundle(path)
    with bundle.load() as model:
        page = bundle._repr_html_()
        assert model._repr_html_() == page
    assert "a&lt;b&gt;&amp;c" in page
    assert "<script>" not in page
    assert "Bundle mine" in page
    assert "fp32" in page
    assert len(repr(bundle)) < 200
