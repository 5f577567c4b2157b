"""Outputs: every column of the input comes back as it was, whatever its cells hold."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.batch.layout import make_layout
from burnish.batch.rows import AnsweredRow, Row
from burnish.batch.sinks import SINKS, Table, find_sink
from burnish.batch.survey import survey
from burnish.data.formulas import escape_formula
from burnish.errors import InputError, UsageError

from .sheet import read_sheet

ANSWER = {"labels": ["a", "b"], "score": 0.1235, "abstained": False}
AWKWARD = [
    '"',
    "'",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "😀",
    "e\u0301",
    "=1+1",
    "@x",
    "-5",
    "_x000D_",
]
TEXT = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"], min_codepoint=32), st.sampled_from("\t\n")),
    max_size=20,
)
CELLS = st.one_of(TEXT, st.lists(st.sampled_from(AWKWARD), max_size=4).map("".join))
ROWS = st.lists(st.fixed_dictionaries({"id": CELLS, "my text": CELLS}), min_size=1, max_size=6)
Own = list[dict[str, object]]


def written(suffix: str, own: Own, folder: Path, delimiter: str | None = None) -> Path:
    """A file of some rows, each with the same answer; the last one has an error instead."""
    found = survey(Row(row, "") for row in own)
    layout = make_layout(found.columns, ANSWER)
    rows = [AnsweredRow(row, ANSWER, None) for row in own]
    rows[-1] = AnsweredRow(own[-1], None, "no text")
    path = folder / f"out{suffix}"
    table = Table(layout=layout, rows=rows, sample=ANSWER, kinds=found.kinds, delimiter=delimiter)
    find_sink(path).write(path, table)
    return path


def read_csv(path: Path) -> Own:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t" if path.suffix == ".tsv" else ","))


def read_lines(path: Path) -> Own:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def read_parquet(path: Path) -> Own:
    return pq.read_table(path).to_pylist()


def guarded(cell: object) -> object:
    """As a spreadsheet may show it: no formula; a number stays one."""
    number = re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", str(cell))
    return cell if number else escape_formula(cell)


READ: dict[str, Callable[[Path], Own]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_lines,
    ".parquet": read_parquet,
    ".xlsx": read_sheet,
}


def test_every_output_is_tested() -> None:
    assert READ.keys() == SINKS.keys()


@pytest.mark.parametrize("suffix", READ)
@settings(max_examples=40, deadline=None)
@given(own=ROWS)
def test_own_columns_come_back_as_they_were(suffix: str, own: Own) -> None:
    with TemporaryDirectory() as folder:
        back = READ[suffix](written(suffix, own, Path(folder)))
    assert len(back) == len(own)
    for row, new in zip(own, back, strict=True):
        for name, cell in row.items():
            expected = guarded(cell) if suffix in (".csv", ".tsv") else cell
            assert new.get(name, "") == expected


@pytest.mark.parametrize("suffix", READ)
def test_an_answer_and_an_error_stand_in_their_columns(suffix: str, tmp_path: Path) -> None:
    first, last = READ[suffix](written(suffix, [{"id": "1"}, {"id": "2"}], tmp_path))
    as_list = suffix in (".jsonl", ".parquet")
    assert first["labels"] == (["a", "b"] if as_list else "a|b")
    assert float(str(first["score"])) == 0.1235
    assert first["abstained"] in (False, "false")
    assert first.get("error") in (None, "")
    assert last["error"] == "no text"
    assert last.get("labels") in (None, "")


def test_excel_knows_the_encoding_and_a_semicolon_stays(tmp_path: Path) -> None:
    content = written(".csv", [{"id": "é"}], tmp_path, delimiter=";").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid;labels;score;abstained;error\r\n\xc3\xa9;")


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_no_cell_and_no_header_is_a_formula(suffix: str, tmp_path: Path) -> None:
    texts = ["=HYPERLINK(1)", "+1 for this", "-cmd|x", "@SUM(1)", "\t=1", "\uff1d1+1"]
    numbers = ["-5", "+49", "-1.5", "1e-3", "-12,50 ", "-7%"]
    own: Own = [{"=evil()": cell} for cell in [*texts, *numbers]]
    back = READ[suffix](written(suffix, own, tmp_path))
    cells = [row["'=evil()"] for row in back]
    assert cells[: len(texts)] == [f"'{cell}" for cell in texts]
    assert cells[len(texts) :] == ["-5", "+49", "-1.5", "1e-3", "'-12,50 ", "-7%"]


def test_json_values_keep_their_types(tmp_path: Path) -> None:
    own: Own = [
        {"n": 1, "x": 1, "s": "1", "b": True, "big": 2**60, "l": [1, {"é": 2}], "huge": 1},
        {"n": None, "x": 0.5, "s": None, "b": False, "big": 1, "l": None, "huge": 10**30},
    ]
    lines = read_lines(written(".jsonl", own, tmp_path))
    assert [line[name] for line, row in zip(lines, own, strict=True) for name in row] == [
        value for row in own for value in row.values()
    ]
    first, last = read_parquet(written(".parquet", own, tmp_path))
    wanted = own[0] | {"x": 1.0, "l": '[1, {"é": 2}]', "huge": "1"}
    assert {name: first[name] for name in wanted} == wanted
    assert (last["n"], last["l"], last["huge"]) == (None, None, str(10**30))
    sheet, _ = read_sheet(written(".xlsx", own, tmp_path))
    assert (sheet["n"], sheet["b"], sheet["s"], sheet["big"]) == (1.0, True, "1", str(2**60))


@pytest.mark.parametrize("suffix", READ)
def test_half_of_a_surrogate_pair_is_written_as_it_was_escaped(suffix: str, tmp_path) -> None:
    first, _ = READ[suffix](written(suffix, [{"id": "a\ud83d"}, {"id": ""}], tmp_path))
    assert first["id"] == r"a\ud83d"


@pytest.mark.parametrize("suffix", READ)
def test_the_same_rows_make_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    own: Own = [{"id": str(number)} for number in range(20)]
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        contents.append(written(suffix, own, tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


def test_names_that_the_input_has_are_left_to_it() -> None:
    layout = make_layout(["Label", "score", "predicted_score"], ["label", "score", "abstained"])
    assert layout.columns == (
        *("Label", "score", "predicted_score"),
        *("predicted_label", "predicted_score_2", "abstained", "error"),
    )
    assert layout.renamed == {"label": "predicted_label", "score": "predicted_score_2"}


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        find_sink(Path("out.ods"))
    assert "name it .csv, .tsv, .xlsx, .jsonl, .parquet" in caught.value.hint


def test_an_input_error_has_no_fields() -> None:
    found = survey([Row({}, InputError("the line is not JSON")), Row({"a": "😀"}, "😀")])
    assert (found.rows, found.columns, found.longest["a"]) == (2, ("a",), (2, 2))
