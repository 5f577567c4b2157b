"""CSV: any dialect reads to the same rows; what is broken is named by its physical line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burnish.data import ClassificationExample, Columns, Rows, read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write


def _read(path: Path, **columns: str) -> Rows:
    return read_rows(path, "classification", columns=Columns(**columns))  # type: ignore[arg-type]


def _pairs(rows: Rows) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (example.text, example.labels)
        for example in rows.examples
        if isinstance(example, ClassificationExample)
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", 'text,label\n"Late, again",late\nIt\'s fine,ok\n'),
        ("semicolon.csv", "text;label\nLate, again;late\nIt's fine;ok\n"),
        ("tab.tsv", "text\tlabel\nLate, again\tlate\nIt's fine\tok\n"),
        ("pipe.csv", "text|label\nLate, again|late\nIt's fine|ok\n"),
        ("crlf.csv", 'text,label\r\n"Late, again",late\r\nIt\'s fine,ok\r\n'),
        ("cr.csv", 'text,label\r"Late, again",late\rIt\'s fine,ok'),
        ("bom.csv", '\ufefftext,label\n"Late, again",late\nIt\'s fine,ok\n'),
        ("all_quoted.csv", '"text","label"\n"Late, again","late"\n"It\'s fine","ok"\n'),
        ("other_order.csv", 'id,label,text\n7,late,"Late, again"\n8,ok,It\'s fine\n'),
        ("trailing.csv", 'text,label,,\n"Late, again",late,,\nIt\'s fine,ok,,\n'),
        ("no_suffix", 'text,label\n"Late, again",late\nIt\'s fine,ok\n'),
    ],
)
def test_every_dialect_reads_to_the_same_rows(tmp_path: Path, name: str, content: str) -> None:
    rows = _read(write(tmp_path / name, content))
    assert _pairs(rows) == [("Late, again", ("late",)), ("It's fine", ("ok",))]
    assert not rows.multi_label


def test_single_quotes_and_backslashes_are_understood(tmp_path: Path) -> None:
    single = write(tmp_path / "single.csv", "text,label\n'Late, again',late\n'ok',ok\n")
    assert _pairs(_read(single))[0] == ("Late, again", ("late",))
    escaped = write(tmp_path / "escaped.csv", 'text,label\n"He said \\"no\\", twice",late\nx,y\n')
    assert _pairs(_read(escaped))[0] == ('He said "no", twice', ("late",))


def test_quotes_in_a_tab_file_that_does_not_quote_are_text(tmp_path: Path) -> None:
    path = write(tmp_path / "tweets.tsv", 'text\tlabel\n"no" she said\tneg\n"yes"\tpos\n')
    assert _pairs(_read(path)) == [('"no" she said', ("neg",)), ('"yes"', ("pos",))]


_SPEECH = '"I went home\tA\nand slept until noon."\tB\n'


def test_direct_speech_over_two_rows_of_a_tab_file_stays_two_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "story.tsv", f"text\tlabel\nOnce.\tA\n{_SPEECH}Then.\tB\n")
    assert _pairs(_read(path)) == [
        ("Once.", ("A",)),
        ('"I went home', ("A",)),
        ('and slept until noon."', ("B",)),
        ("Then.", ("B",)),
    ]


@pytest.mark.parametrize(
    "content",
    ['"text"\t"label"\n"c\td\ne"\t"B"\n', 'text\tlabel\n"a\nb"\tA\n"c\td\ne"\tB\n'],
    ids=["quoted header", "other quoted newline"],
)
def test_quoted_tabs_and_newlines_of_a_tab_file_are_one_cell(tmp_path: Path, content: str) -> None:
    assert _pairs(_read(write(tmp_path / "rows.tsv", content)))[-1] == ("c\td\ne", ("B",))


def test_direct_speech_behind_the_sample_is_refused_not_merged(tmp_path: Path) -> None:
    path = write(tmp_path / "story.tsv", "text\tlabel\n" + "Once.\tA\n" * 140_000 + _SPEECH)
    with pytest.raises(DataError, match="may be several rows") as caught:
        _read(path)
    assert caught.value.line == 140_002
    assert "quote the names in the header" in caught.value.hint


def test_a_row_after_quoted_newlines_has_its_physical_line(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", 'text,label\n"one\ntwo\n",a\nthree,b\n')
    rows = _read(path)
    assert [example.id for example in rows.examples] == ["rows.csv:2", "rows.csv:5"]
    assert _pairs(rows)[0][0] == "one\ntwo\n"


def test_other_column_names_and_several_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "body,topics\nA,late | damaged\nB,\nC,late\n")
    rows = _read(path, text="body", label="topics", separator="|")
    assert rows.multi_label
    assert _pairs(rows) == [("A", ("damaged", "late")), ("B", ()), ("C", ("late",))]


def test_empty_rows_are_counted_by_reason(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,label\nA,x\n\n  ,x\n,\nB,y\n")
    (file,) = _read(path).files
    assert file.rows == 2
    assert file.skipped == {"blank line": 1, "empty text": 1, "empty row": 1}
    assert file.skipped_at["empty text"] == ("rows.csv:4",)


@pytest.mark.parametrize(
    ("content", "line", "message", "hint"),
    [
        (
            "text,lable\nA,x\n",
            1,
            "no column 'label'; there are: 'text', 'lable'",
            "data.label: lable",
        ),
        ("Text,label\nA,x\n", 1, "no column 'text'", "data.text: Text"),
        ("text,text,label\nA,B,x\n", 1, "2 columns named 'text'", "rename"),
        ("text,label\nA,x\nB\n", 3, "1 cells, the header has 2", "one cell per column"),
        ("text,label\nA,x\nB,y,z\n", 3, "3 cells, the header has 2", "quotes"),
        ('text,label\n"A" b,x\nC,y\n', 2, "cannot be read", "doubled"),
        ('text,label\nA,x\n"B,y\nC,z\n', 3, "cannot be read", "quotes"),
        ("text,label\nA,x\nB, \n", 3, "no label", "add a label"),
        ("text,labels\nA,x\n", 2, "one string, not a list", "data.separator"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_fix(
    tmp_path: Path, content: str, line: int, message: str, hint: str
) -> None:
    with pytest.raises(DataError) as caught:
        _read(write(tmp_path / "rows.csv", content))
    assert caught.value.line == line
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("task", ["extraction", "qa"])
def test_nested_tasks_are_refused_in_csv(tmp_path: Path, task: str) -> None:
    with pytest.raises(DataError, match=f"cannot hold {task} rows") as caught:
        read_rows(write(tmp_path / "rows.csv", "text,label\nA,x\n"), task)
    assert "JSON Lines" in caught.value.hint


def test_a_cell_may_hold_a_whole_document(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", f'text,label\n"{"long, " * 50_000}",x\nB,y\n')
    assert len(_pairs(_read(path))[0][0]) == 300_000


@pytest.mark.parametrize(
    "content",
    [
        'text, label\n"It is, 0", "late"\n"B", "lost"\n',
        'label, text\n"late", "It is, 0"\n"lost", "B"\n',
        'text; label\n"It is, 0"; "late"\n"B"; "lost"\n',
        "text, label\n'It is, 0', 'late'\n'B', 'lost'\n",
        'text,   label\n"It is, 0",   "late"\nB,   lost\n',
    ],
)
def test_a_space_behind_the_delimiter_is_no_part_of_a_quoted_cell(
    tmp_path: Path, content: str
) -> None:
    rows = _read(write(tmp_path / "rows.csv", content))
    assert _pairs(rows) == [("It is, 0", ("late",)), ("B", ("lost",))]


def test_a_comma_space_and_quote_inside_a_cell_stays(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", 'text,label\n"a, ""b"", c",x\n" kept",y\n')
    assert [text for text, _ in _pairs(_read(path))] == ['a, "b", c', " kept"]


_CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(_CELLS.filter(str.strip), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path: Path, texts: list[str], delimiter: str, ending: str
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(
        stream, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_NONNUMERIC
    )
    writer.writerow(["text", "label"])
    writer.writerows((text, "x") for text in texts)
    rows = _read(write(tmp_path / "rows.csv", stream.getvalue()))
    assert _pairs(rows) == [(text, ("x",)) for text in texts]
