"""Columns of words and tags are found by what they hold, asked for where unsure, and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import Columns, ExtractionExample, Rows, read_rows
from burnish.data.checking import check_files
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.rows_file import write

ANN = ("Ann Lee left Oslo", [("Ann Lee", "PER"), ("Oslo", "LOC")])
LINES = (("Ann", "B-PER"), ("Lee", "I-PER"), ("left", "O"), ("Oslo", "B-LOC"))


def _read(rows: Rows) -> tuple[str, list[tuple[str, str]]]:
    example = rows.examples[0]
    assert isinstance(example, ExtractionExample)
    text = example.text
    return text, [(text[span.start : span.end], span.label) for span in example.entities]


def _file(tmp_path: Path, line: str, name: str = "rows.tsv", head: str = "") -> Path:
    """Two sentences; ``{n}`` counts tokens, ``{s}`` sentences, ``{w}`` and ``{t}`` word and tag."""
    content = head
    for number in range(2):
        for place, (word, tag) in enumerate(LINES):
            values = {"n": place + 1, "s": number, "w": word, "t": tag, "lower": word.lower()}
            values |= {
                "pos": "NNP" if tag != "O" else "VB",
                "f": tag if tag == "O" else f"{tag}.fine",
                "chunk": f"{'BI'[place % 2]}-NP",
            }
            content += line.format(**values) + "\n"
        content += "\n"
    return write(tmp_path / name, content)


@pytest.mark.parametrize(
    "line",
    [
        "{n}\t{w}\t{t}",
        "{n} {w} {t}",
        "doc1 {s} {w} {t}",
        "a{s}.txt\t{n}\t{w}\t{t}",
        "t{s}_{n}\t{w}\t{t}",
        "{w}\t{pos}\t{chunk}\t{t}",
        "{n}\t{w}\t{lower}\t{pos}\t_\t_\t{t}",
        "{pos}\t{w}\t{t}",
        "{t}\t{w}",
        "{n}\t{w}\t{t}\t-\tbob",
        "{n}\t{w}\t{t}\tO",
        "{w}\t{t}\t{n}\thttp://x.org/{s}",
    ],
)
def test_words_and_tags_are_found_in_any_column(tmp_path: Path, line: str) -> None:
    assert _read(read_rows(_file(tmp_path, line), "extraction")) == ANN


HIPE = (
    "TOKEN\tNE-COARSE-LIT\tNE-COARSE-METO\tNE-FINE-LIT\tMISC\n"
    "# hipe2022:document_id = a\n# segment_iiif_link = _\n"
)


def test_a_header_and_comments_between_tokens_are_no_tokens(tmp_path: Path) -> None:
    path = _file(tmp_path, "{w}\t{t}\tO\t{f}\t_\n# segment_iiif_link = _", head=HIPE)
    rows = read_rows(path, "extraction")
    assert _read(rows) == ANN
    assert rows.examples[0].id == "rows.tsv:4"
    columns = Columns(tag_column="NE-FINE-LIT")
    assert _read(read_rows(path, "extraction", columns=columns))[1][0] == ("Ann Lee", "PER.fine")


def test_sentences_end_at_their_flag_and_documents_at_their_comment(tmp_path: Path) -> None:
    page = "# hipe2022:document_id = {d}\n# hipe2022:date = 1900\n"
    page += (
        "Dr.\tB-PER\tEndOfSentence\nAnn\tI-PER\t_\nleft\tO\tEndOfSentence|EndOfLine\nBo\tO\t_\n\n"
    )
    content = "TOKEN\tNE-COARSE-LIT\tMISC\n" + page.format(d="a") + page.format(d="b")
    path = write(tmp_path / "rows.tsv", content)
    rows = read_rows(path, "extraction", columns=Columns(group="document"))
    assert [(each.id, each.group) for each in rows.examples] == [
        ("rows.tsv:4", "1"),
        ("rows.tsv:7", "1"),
        ("rows.tsv:11", "2"),
        ("rows.tsv:14", "2"),
    ]


def test_the_columns_of_conll_u_plus_have_names(tmp_path: Path) -> None:
    head = "# global.columns = ID FORM LEMMA NER\n1-2\tAnnLee\t_\t_\n"
    path = _file(tmp_path, "{n}\t{w}\t{lower}\t{t}", head=head)
    rows = read_rows(path, "extraction", columns=Columns(word_column="LEMMA", tag_column="NER"))
    assert _read(rows)[0] == "ann lee left oslo"
    assert _read(read_rows(path, "extraction")) == ANN


TWO = "#\thttp://x.org [2010-01-01]\n"


def test_two_columns_of_tags_are_asked_about_and_the_answer_is_taken(tmp_path: Path) -> None:
    path = _file(tmp_path, "{n}\t{w}\t{t}\tB-X", head=TWO)
    with pytest.raises(DataError, match=r"column 3 .* and column 4") as caught:
        read_rows(path, "extraction")
    assert "data.tag_column: 3 or data.tag_column: 4" in caught.value.hint
    assert "data.tag_column: 3" in caught.value.hint
    assert _read(read_rows(path, "extraction", columns=Columns(tag_column="3"))) == ANN
    nested = read_rows(path, "extraction", columns=Columns(tag_column="4"))
    assert {label for _, label in _read(nested)[1]} == {"X"}


def test_two_columns_of_words_are_asked_about(tmp_path: Path) -> None:
    lines = "".join(f"{chr(97 + i) * 3} {chr(122 - i) * 4} O\n" for i in range(26))
    path = write(tmp_path / "rows.conll", f"Ann Ivan B-PER\n{lines}")
    with pytest.raises(DataError, match="more than one column may hold the words") as caught:
        read_rows(path, "extraction")
    assert "data.word_column: 1 or data.word_column: 2" in caught.value.hint
    rows = read_rows(path, "extraction", columns=Columns(word_column="2"))
    assert _read(rows)[1] == [("Ivan", "PER")]


@pytest.mark.parametrize("columns", [Columns(tag_column="9"), Columns(word_column="TOKEN")])
def test_a_column_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, columns: Columns
) -> None:
    with pytest.raises(DataError, match=r"there is no .* column .*columns 1 to 3"):
        read_rows(_file(tmp_path, "{n}\t{w}\t{t}"), "extraction", columns=columns)


def test_a_check_says_which_columns_are_not_read(tmp_path: Path) -> None:
    path = _file(tmp_path, "{n}\t{w}\t{t}\tO")
    report = check_files("extraction", Columns(), files={"train": path}).report
    (note,) = [each.message for each in report.findings if each.kind == "unused-columns"]
    assert note == (
        "rows.tsv: words are read from column 2 and tags from column 3; "
        "not read: column 1 (numbers), column 4 (tags: all O)"
    )
    plain = _file(tmp_path, "{w}\t{t}", name="plain.tsv")
    report = check_files("extraction", Columns(), files={"train": plain}).report
    assert "unused-columns" not in {each.kind for each in report.findings}


@pytest.mark.parametrize(
    ("name", "head", "line"),
    [
        ("rows.csv", "Sentence #,Word,POS,Tag\n", "{first},{w},{pos},{t}"),
        ("rows.csv", "sentence_id,token,label\n", "{s},{w},{t}"),
        ("rows.csv", "", '"{w}",{t}'),
        ("rows.tsv", "Sentence #\tWord\tTag\n", "{first}\t{w}\t{t}"),
    ],
)
def test_a_table_of_tokens_has_its_sentences_in_a_column(
    tmp_path: Path, name: str, head: str, line: str
) -> None:
    content = head
    for number in range(2):
        for place, (word, tag) in enumerate(LINES):
            first = f"Sentence: {number}" if place == 0 else ""
            content += line.format(s=number, w=word, t=tag, pos="NN", first=first) + "\n"
        content += "" if head else "\n"
    rows = read_rows(write(tmp_path / name, content), "extraction")
    assert len(rows) == 2
    assert _read(rows) == ANN


@pytest.mark.parametrize(
    ("name", "content", "task"),
    [
        ("rows.tsv", "1\tAnn\tB-PER\tO\n2\tleft\tO\tO\n", "extraction"),
        ("rows.csv", "Sentence #,Word,Tag\n1,Ann,B-PER\n,left,O\n", "extraction"),
        ("rows.txt", "# id 1\nAnn B-PER\nleft O\n", "extraction"),
        ("rows.csv", "text,label\nAnn left,O\nO no,O\n", "classification"),
        ("rows.tsv", "text\tlabel\nblood O\tO\nblood B\tB\nB-52\tx\n", "classification"),
    ],
)
def test_a_file_of_tokens_is_known_without_its_task(
    tmp_path: Path, name: str, content: str, task: str
) -> None:
    assert guess_task(write(tmp_path / name, content)) == task


def test_a_table_without_tags_says_how_to_write_entities(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,label\nAnn left,PER\n")
    with pytest.raises(DataError, match="without a column of tags") as caught:
        read_rows(path, "extraction")
    assert '"entities"' in caught.value.hint


def test_a_token_with_a_space_in_it_is_not_cut(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.conll", "Ann O\nlives O\nin O\nNew York B-LOC\n")
    with pytest.raises(DataError, match="the line has 3 columns, where the others have 2"):
        read_rows(path, "extraction")
