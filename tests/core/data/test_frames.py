"""DataFrames and lists of dictionaries, read as a data set is."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, read_data_set
from burnish.data.frames import as_data_set, is_table
from burnish.errors import DataError
from burnish.recipe.drafting import draft_keys

ROWS: list[dict[str, Any]] = [
    {"body": "my card was charged twice", "team": "billing", "n": 1, "day": dt.date(2026, 1, 2)},
    {"body": "the parcel is late 😀 again", "team": "delivery", "n": 2, "day": None},
]
PLAIN = [{**ROWS[0], "day": "2026-01-02"}, ROWS[1]]


def frames() -> list[Any]:
    """The rows in each library that is there."""
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    pytest.importorskip("narwhals", reason="needs the extra frames")
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    return [ROWS, pandas.DataFrame(ROWS), pyarrow.Table.from_pylist(ROWS)]


def test_every_table_gives_the_same_rows() -> None:
    for table in frames():
        assert is_table(table)
        assert list(as_data_set(table)) == PLAIN


def test_a_polars_frame_is_read_also_where_it_is_lazy() -> None:
    polars = pytest.importorskip("polars", reason="pip install polars")
    for table in (polars.DataFrame(ROWS), polars.DataFrame(ROWS).lazy()):
        assert list(as_data_set(table)) == PLAIN


def test_missing_values_of_pandas_are_none() -> None:
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    numpy = pytest.importorskip("numpy")
    frame = pandas.DataFrame(
        {
            "text": ["a", numpy.nan, None, pandas.NA],
            "when": pandas.to_datetime(["2026-01-01", None, None, None]),
            "labels": [numpy.array(["x", "y"]), ["x"], (), None],
        }
    )
    first, *others = list(as_data_set(frame))
    assert first == {"text": "a", "when": "2026-01-01T00:00:00", "labels": ["x", "y"]}
    assert [row["text"] for row in others] == [None, None, None]
    assert [row["when"] for row in others] == [None, None, None]


@pytest.mark.parametrize(
    ("names", "message"), [([0, "b"], "not a text"), (["a", "a"], "two columns are called 'a'")]
)
def test_columns_that_no_recipe_can_name_are_refused(names: list[Any], message: str) -> None:
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    frame = pandas.DataFrame([["x", "y"]], columns=names)
    with pytest.raises(DataError, match=message):
        as_data_set(frame)


@pytest.mark.parametrize("other", ["tickets.csv", Path("a"), {"task": "qa"}, [], ["a text"]])
def test_what_is_no_table_is_told_apart(other: object) -> None:
    assert not is_table(other)


@pytest.mark.parametrize("name", ["features", "column_names", "columns", "iloc"])
def test_a_column_that_is_called_like_an_attribute_is_a_column(name: str) -> None:
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    frame = pandas.DataFrame({name: ["x"], "text": ["a"]})
    assert is_table(frame)
    assert list(as_data_set(frame)) == [{name: "x", "text": "a"}]


@pytest.mark.parametrize(
    ("other", "named"), [("tickets.csv", "a str"), ([], "an empty list"), (7, "a int")]
)
def test_what_holds_no_rows_is_refused(other: object, named: str) -> None:
    with pytest.raises(DataError, match=f"cannot be read from {named}") as caught:
        as_data_set(other)
    assert "list of dictionaries" in caught.value.hint


def test_rows_of_a_list_are_examples_and_name_their_place() -> None:
    columns = Columns(text="body", label="team")
    rows = read_data_set(ROWS, "classification", columns=columns)
    assert [(row.id, row.body) for row in rows.examples] == [
        (f"train:{index}", row["body"]) for index, row in enumerate(ROWS)
    ]
    wrong: Any = [*ROWS, {"body": 7, "team": "billing"}]
    with pytest.raises(DataError, match="row 2"):
        read_data_set(wrong, "classification", columns=columns)


def test_keys_of_a_recipe_are_found_in_a_table() -> None:
    keys = draft_keys(ROWS * 4, {"label": "team"}, overrides=["data.test=0.3"])
    assert keys["task"] == "classification"
    assert keys["data"] == {
        "train": "train",
        "validation": 0.15,
        "test": 0.15,
        "text": "body",
        "label": "team",
    }
    assert keys["output"] == "runs/model"


def test_no_library_of_tables_is_imported_for_a_list() -> None:
    code = (
        "import sys; from burnish.data.frames import as_data_set; list(as_data_set([{'a': 1}])); "
        "print({'pandas', 'polars', 'pyarrow', 'narwhals'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
