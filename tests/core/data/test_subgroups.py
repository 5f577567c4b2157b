"""Columns of subgroups are read with the rows; what is wrong with one is told, unquoted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, read_rows
from burnish.data.checking import check_recipe_files
from burnish.errors import ConfigError, DataError
from burnish.recipe.recipe import parse_recipe

_COLUMNS = Columns(subgroups=("age", "site"))
_ROWS: list[dict[str, Any]] = [
    {"text": "a b", "label": "x", "age": "18-39", "site": "north "},
    {"text": "c d", "label": "y", "age": None, "site": 3},
    {"text": "e f", "label": "y", "age": " ", "site": True},
]
_FOUND = [("18-39", "north"), ("not given", "3"), ("not given", "true")]


def _write(path: Path, rows) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def _read(path: Path, task: str = "classification", columns: Columns = _COLUMNS):
    return [each.subgroups for each in read_rows(path, task, columns=columns).examples]


def test_an_empty_value_is_a_subgroup_of_its_own(tmp_path) -> None:
    assert _read(_write(tmp_path / "rows.jsonl", _ROWS)) == _FOUND
    table = tmp_path / "rows.csv"
    table.write_text("text,label,age,site\na b,x,18-39,north\nc d,y,,3\n")
    assert _read(table) == _FOUND[:2]


def test_parquet_has_whole_numbers_where_gaps_made_them_floats(tmp_path) -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {"text": ["a", "b"], "label": ["x", "y"], "age": [1.0, float("nan")]}
    parquet.write_table(pa.table(columns), tmp_path / "rows.parquet")
    named = Columns(subgroups=("age",))
    assert _read(tmp_path / "rows.parquet", columns=named) == [("1",), ("not given",)]


@pytest.mark.parametrize(
    ("task", "row"),
    [
        ("extraction", {"text": "anna", "entities": []}),
        ("qa", {"context": "anna", "question": "who", "answers": []}),
        ("classification", {"text": "anna", "labels": ["x", "y"]}),
    ],
)
def test_every_task_has_them(tmp_path, task, row) -> None:
    path = _write(tmp_path / "rows.jsonl", [{**row, "age": "65+", "site": "s"}])
    assert _read(path, task) == [("65+", "s")]


def test_a_missing_column_is_named_with_the_file_and_those_that_there_are(tmp_path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("text,label,ages\na b,x,18-39\n")
    lines = _write(tmp_path / "rows.jsonl", [{"text": "a", "label": "x", "ages": 1}])
    for path in (table, lines):
        with pytest.raises(DataError, match=r"no column 'age'; .*'ages'") as raised:
            _read(path)
        assert path.name in str(raised.value)
        assert "data.subgroups: ages" in raised.value.hint


def _pair(path: Path, **keys: Any):
    rows = [{**row, **keys} for row in _ROWS]
    return _read(_write(path, rows), columns=Columns(subgroups=("age", "age+site")))


def test_a_name_with_a_plus_stands_for_the_combinations_of_two_columns(tmp_path) -> None:
    found = [("18-39", "18-39, north"), ("not given", "not given, 3"), ("not given", "x")]
    assert _pair(tmp_path / "rows.jsonl")[:2] == found[:2]
    table = tmp_path / "rows.csv"
    table.write_text("text,label,age,site\na b,x,18-39,north\nc d,y,,3\ne f,y,,\n")
    read = _read(table, columns=Columns(subgroups=("age", "age + site")))
    assert read == [*found[:2], ("not given", "not given")]


def test_a_column_that_is_called_so_goes_first(tmp_path) -> None:
    assert _pair(tmp_path / "rows.jsonl", **{"age+site": "x"})[0] == ("18-39", "x")
    table = tmp_path / "rows.csv"
    table.write_text("text,label,age,site,age+site\na b,x,18-39,north,x\n")
    assert _read(table, columns=Columns(subgroups=("age+site",))) == [("x",)]
    mixed = [{**_ROWS[0], "age+site": "x"}, _ROWS[1]]
    with pytest.raises(DataError, match=r"rows\.jsonl:2: there is no column 'age\+site'"):
        _read(_write(tmp_path / "rows.jsonl", mixed), columns=Columns(subgroups=("age+site",)))


@pytest.mark.parametrize("name", ["age+town", "town + age", "age+"])
def test_the_one_of_two_columns_that_is_missing_is_named(tmp_path, name) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("text,label,age\na b,x,18-39\n")
    lines = _write(tmp_path / "rows.jsonl", [{"text": "a", "label": "x", "age": 1}])
    missing = "age+" if name == "age+" else "town"
    for path in (table, lines):
        with pytest.raises(DataError, match=rf"no column {missing!r}".replace("+", r"\+")):
            _read(path, columns=Columns(subgroups=(name,)))


def test_combinations_may_be_too_many_where_values_are_not(tmp_path) -> None:
    rows = [{**_ROWS[0], "age": n % 7, "site": n % 3} for n in range(21)]
    path = _write(tmp_path / "rows.jsonl", rows)
    assert len(_read(path)) == 21
    with pytest.raises(DataError, match=r"column 'age\+site'.* has 21 different values"):
        _read(path, columns=Columns(subgroups=("age+site",)))


@pytest.mark.parametrize("value", [["secret"], {"a": "secret"}, "secret " * 12])
def test_a_value_that_is_no_name_is_refused_and_not_quoted(tmp_path, value) -> None:
    path = _write(tmp_path / "rows.jsonl", [{**_ROWS[0], "site": value}])
    with pytest.raises(DataError, match=r"rows\.jsonl.*column 'site'") as raised:
        _read(path)
    assert "secret" not in f"{raised.value} {raised.value.hint}"


def test_a_column_of_many_values_is_refused(tmp_path) -> None:
    rows = [{**_ROWS[0], "text": f"t {n}", "age": f"born in {n}"} for n in range(21)]
    assert len(_read(_write(tmp_path / "rows.jsonl", [*rows[:20], _ROWS[1]]))) == 21
    with pytest.raises(DataError, match=r"column 'age'.* has 21 different values; at most 20"):
        _read(_write(tmp_path / "rows.jsonl", rows))


def test_they_are_no_part_of_a_rows_content(tmp_path) -> None:
    example = read_rows(
        _write(tmp_path / "rows.jsonl", _ROWS), "classification", columns=_COLUMNS
    ).examples[0]
    assert replace(example, subgroups=()).digest == example.digest


def test_a_check_asks_the_rows_for_them_that_a_model_is_judged_by(tmp_path) -> None:
    plain = _write(tmp_path / "train.jsonl", [{"text": "a", "label": "x"}])
    full = _write(tmp_path / "validation.jsonl", _ROWS)
    found = check_recipe_files(
        "classification", _COLUMNS, train=plain, validation=full, test=None, seed=1
    )
    assert [e.subgroups for e in found.parts["validation"].examples] == _FOUND
    found = check_recipe_files(
        "classification", _COLUMNS, train=full, validation=plain, test=None, seed=1
    )
    assert "no column 'age'" in found.report.findings[0].message


def test_one_column_needs_no_list_and_none_is_named_twice() -> None:
    document = {"task": "classification", "output": "x", "data": {"train": "rows.csv"}}

    def columns(names: object) -> tuple[str, ...]:
        data = {"train": "rows.csv", "subgroups": names}
        return parse_recipe({**document, "data": data}).data.columns().subgroups

    assert columns("age") == ("age",)
    assert columns(["age", "site"]) == ("age", "site")
    for wrong in (["age", "age"], [""], 3):
        with pytest.raises(ConfigError, match="data -> subgroups"):
            columns(wrong)
