"""Numbers as people write them: what is read, and what is refused and why."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns
from burnish.data import read_rows as read_typed
from burnish.data.numbers import read_score
from burnish.data.readers.head import guess_task
from burnish.data.records import Record, UnlabelledError
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl

COMMA = Columns(decimal=",")


def read_rows(path: Path, task: str, **options: Any) -> Any:
    return read_typed(path, task, **options)


def record(value: Any) -> Record:
    return Record(path=Path("a.csv"), line=2, position="2", fields={"text": "a", "score": value})


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("3", 3.0),
        (" 3.50 ", 3.5),
        ("-.5", -0.5),
        ("+2.", 2.0),
        ("1e-3", 0.001),
        ("−4", -4.0),  # noqa: RUF001  a typographer's minus
        (3, 3.0),
        (2.25, 2.25),
        (Decimal("1.10"), 1.1),
    ],
)
def test_a_number_is_read(value: Any, number: float) -> None:
    assert read_score(record(value), Columns()) == number


def test_a_decimal_comma_is_read_where_the_recipe_says_so() -> None:
    assert read_score(record("-3,75"), COMMA) == -3.75
    assert read_score(record("12"), COMMA) == 12.0
    assert read_score(record(2.5), COMMA) == 2.5
    with pytest.raises(DataError, match=r"has a point, and data\.decimal is a comma"):
        read_score(record("1.234"), COMMA)


@pytest.mark.parametrize(
    ("value", "what", "hint"),
    [
        ("3,5", "'3,5' is not a number", "write 3.5; if the whole file has decimal commas"),
        ("1,234", "not a number", "without marks between thousands"),
        ("1 234,5", "not a number", "without marks between thousands"),
        ("1.234.567", "not a number", "without marks between thousands"),
        ("4 stars", "not a number", "without a unit"),
        ("80 %", "not a number", "without a unit"),
        ("high", "not a number", "words are labels"),
        ("0x10", "not a number", "without a unit"),
        ("١٢", "not a number", "write a number"),
        (True, "is true or false, not a number", "3.5"),
        ([3], "is a list, not a number", "3.5"),
        ("1e999", "is infinite", "finite"),
        (float("inf"), "is infinite", "finite"),
        (10**400, "is infinite", "finite"),
        (1e16, "too large", "larger unit"),
    ],
)
def test_what_is_no_finite_number_is_refused(value: Any, what: str, hint: str) -> None:
    with pytest.raises(DataError, match=what) as caught:
        read_score(record(value), Columns())
    assert hint in caught.value.hint
    assert not isinstance(caught.value, UnlabelledError)


@pytest.mark.parametrize("value", ["", "  ", None, "nan", "#N/A", float("nan"), Decimal("nan")])
def test_a_missing_score_is_a_row_without_one(value: Any) -> None:
    with pytest.raises(UnlabelledError) as caught:
        read_score(record(value), Columns())
    assert "data.unlabelled: leave_out" in caught.value.hint


def test_the_advice_on_a_decimal_comma_works(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text;score\nLate again;3,5\nThank you;-1,25\n")
    with pytest.raises(DataError, match=r"a\.csv.*'3,5' is not a number"):
        read_rows(file, "regression")
    rows = read_rows(file, "regression", columns=COMMA)
    assert [example.score for example in rows.examples] == [3.5, -1.25]


def test_scores_are_read_from_tables_lines_and_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    told = [{"text": "Late 🙂 again", "score": 3.5}, {"text": "e\u0301 thanks", "score": 1}]
    files = [
        write_jsonl(tmp_path / "a.jsonl", told),
        write(tmp_path / "a.csv", "text,score\nLate 🙂 again,3.5\ne\u0301 thanks,1\n"),
        write(tmp_path / "a.tsv", "score\ttext\r\n3.5\tLate 🙂 again\r\n1\te\u0301 thanks\r\n"),
        tmp_path / "a.parquet",
    ]
    parquet.write_table(pyarrow.Table.from_pylist(told), files[-1])
    for file in files:
        rows = read_rows(file, "regression")
        assert [(e.text, e.score) for e in rows.examples] == [(r["text"], r["score"]) for r in told]
    assert [guess_task(file) for file in files[:3]] == ["regression"] * 3


def test_a_file_with_labels_too_is_for_labels(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", [{"text": "a", "label": "b", "score": 0.9}])
    assert guess_task(file) == "classification"


def test_rows_without_a_score_can_be_left_out(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text,score\none,1\ntwo,\nthree,n.a.\n")
    with pytest.raises(DataError, match=r"'n\.a\.' is not a number"):
        read_rows(file, "regression", columns=Columns(unlabelled="leave_out"))
    file.write_text("text,score\none,1\ntwo,\nthree,NaN\n")
    rows = read_rows(file, "regression", columns=Columns(unlabelled="leave_out"))
    assert (len(rows.examples), rows.files[0].skipped) == (1, {"no label": 2})


def test_another_name_of_the_column_is_proposed(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text,Scores\none,1\n")
    with pytest.raises(DataError, match="no column 'score'") as caught:
        read_rows(file, "regression")
    assert "data.score: Scores" in caught.value.hint
    assert read_rows(file, "regression", columns=Columns(score="Scores")).examples[0].score == 1
