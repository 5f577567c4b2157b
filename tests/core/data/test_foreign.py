"""Foreign files: each is named for what it is, and its hint, followed, leads to rows."""

from __future__ import annotations

import json
import os
import subprocess
import zlib
from pathlib import Path

import pytest

from burnish.data import ClassificationExample, ExtractionExample, read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write

ROWS = "text,label\nA parcel came late,delivery\nA bill is wrong,billing\n"


def _refused(path: Path, task: str = "classification") -> DataError:
    with pytest.raises(DataError) as caught:
        read_rows(path, task)
    return caught.value


def _follow(hint: str, folder: Path) -> None:
    """Run the command that a hint gives, as a person would: copied to the end."""
    command = min(
        (
            hint[hint.index(word) :]
            for word in ("python3 ", "gzip ", "iconv ", "awk ")
            if word in hint
        ),
        key=len,
    )
    subprocess.run(["/bin/bash", "-ec", command], cwd=folder, check=True)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
_DIRECTORY = 300
"""The sector of the names, behind what is looked at of a file."""
LOCKED = b"".join(
    (
        OLE[:30],
        (9).to_bytes(2, "little"),
        bytes(16),
        _DIRECTORY.to_bytes(4, "little"),
        bytes((_DIRECTORY + 1) * 512 - 52),
        "EncryptedPackage".encode("utf-16-le"),
    )
)
"""A workbook with a password: a compound file (MS-OFFCRYPTO 1.3.3)."""


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (OLE + "Workbook".encode("utf-16-le"), "old Excel workbook"),
        (LOCKED, "locked with a password"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF document"),
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\x00\x00", "xz"),
        (b"SQLite format 3\x00" + bytes(100), "SQLite database"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image"),
        (b"\x80\x04\x95" + bytes(100), "pickle"),
        (b"ARROW1\x00\x00" + bytes(100), "Arrow"),
        (bytes(400) + b"ustar", "binary"),
        (b"a.csv" + bytes(252) + b"ustar\x0000", "tar archive"),
        (zlib.compress(b"\x85\xa7version\xa30.1\xa5attrs\x90"), "spaCy DocBin"),
        (zlib.compress(ROWS.encode()), "zlib"),
        (bytes(range(256)) * 40 + bytes(4000), "binary"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"<html><table><tr><td>text</td></tr></table></html>", "HTML"),
        (b'<?xml version="1.0"?>\n<rows/>', "XML"),
    ],
)
def test_what_is_no_rows_file_is_named(tmp_path: Path, content: bytes, named: str) -> None:
    error = _refused(write(tmp_path / "rows.csv", content))
    assert named in error.reason
    assert error.hint


@pytest.mark.parametrize(
    "start",
    [
        "#FORMAT=WebAnno TSV 2.0\n#T_SP=x|value\n",
        '{"%TYPES": {}}',
        '<?xml version="1.0"?>\n<TEI.2><text/></TEI.2>',
        '<?xml version="1.0"?>\n<PcGts xmlns="http://schema.primaresearch.org/PAGE/">',
        "#begin document (a/b); part 000\n",
    ],
    ids=["WebAnno TSV 1 or 2", "UIMA CAS JSON", "TEI P4", "PAGE XML", "CoNLL-2012"],
)
def test_annotation_formats_are_known_by_their_first_line(
    tmp_path: Path, start: str, request: pytest.FixtureRequest
) -> None:
    named = request.node.callspec.id
    for task in ("extraction", "classification"):
        error = _refused(write(tmp_path / "doc.tsv", start), task)
        assert named in error.reason
        assert error.hint


def test_texts_that_only_look_alike_are_read(tmp_path: Path) -> None:
    for first in ("PKs are keys", "x^2 is a square", "BZ is late", "T1 of the plan", "<b>bold</b>"):
        path = write(tmp_path / "rows.csv", f"text,label\n{first},a\n")
        assert len(read_rows(path, "classification")) == 1
    path = write(tmp_path / "nul.csv", "text,label\none\x00two and more words,a\n")
    assert len(read_rows(path, "classification")) == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32"])
@pytest.mark.parametrize("text", ["A parcel came late", "посылка пришла поздно", "包裹来晚了"])
def test_wide_encodings_without_a_mark_are_converted(
    tmp_path: Path, encoding: str, text: str
) -> None:
    rows = f"text,label\r\n{text},a\r\n" * 1 + f"{text} b,b\r\n"
    path = write(tmp_path / "rows.csv", rows.encode(encoding))
    _follow(_refused(path).hint.replace(str(path), path.name), tmp_path)
    assert len(read_rows(tmp_path / "utf8-rows.csv", "classification")) == 2


def _entities(path: Path) -> list[tuple[str, str]]:
    examples = read_rows(path, "extraction").examples
    return [
        (example.text[span.start : span.end], span.label)
        for example in examples
        if isinstance(example, ExtractionExample)
        for span in example.entities
    ]


def test_conll_2012_becomes_tags_by_its_hint(tmp_path: Path) -> None:
    names = ["(PERSON*", "*)", "*", "(GPE)"]
    words = ["Ada", "Byron", "in", "Porto"]
    lines = [
        f"a/b 0 {n} {word} NN * - - - s {name} -\n"
        for n, (word, name) in enumerate(zip(words, names, strict=True))
    ]
    content = "#begin document (a/b); part 000\n" + "".join(lines) + "\n#end document\n"
    path = write(tmp_path / "a.gold_conll", content)
    _follow(_refused(path, "extraction").hint, tmp_path)
    assert _entities(tmp_path / "a.bio.conll") == [("Ada Byron", "PERSON"), ("Porto", "GPE")]


@pytest.mark.parametrize("begins", ["blank", "repeated"])
def test_a_table_of_tokens_is_read(tmp_path: Path, begins: str) -> None:
    rows = [("s 1", "Ada", "B-PER"), ("", '"', "O"), ("s 2", "Porto", "B-LOC"), ("", "is", "O")]
    if begins == "repeated":
        rows = [("s 1", *rows[0][1:]), ("s 1", "'", "O"), *[("s 2", *row[1:]) for row in rows[2:]]]
    table = "Sentence #,Word,POS,Tag\n" + "".join(
        f'{number},"{word.replace(chr(34), chr(34) * 2)}",X,{tag}\n' for number, word, tag in rows
    )
    path = write(tmp_path / "ner.csv", table)
    assert len(read_rows(path, "extraction")) == 2
    assert _entities(path) == [("Ada", "PER"), ("Porto", "LOC")]


def test_columns_of_pandas_become_rows_by_their_hint(tmp_path: Path) -> None:
    document = {"text": {"0": "A b", "1": "C d"}, "label": {"0": "x", "1": "y"}}
    for indent in (None, 1):
        path = write(tmp_path / "rows.json", json.dumps(document, indent=indent))
        error = _refused(path)
        assert error.reason == "is one JSON object, not one per row"
        _follow(error.hint, tmp_path)
        assert len(read_rows(tmp_path / "rows.jsonl", "classification")) == 2


def test_spans_in_html_become_spans_of_plain_text_by_their_hint(tmp_path: Path) -> None:
    value = {
        "start": "/p[1]/b[1]/text()[1]",
        "end": "/p[1]/b[1]/text()[1]",
        "globalOffsets": {"start": 8, "end": 13},
        "text": "Porto",
        "hypertextlabels": ["LOC"],
    }
    task = {"data": {"text": "<p>Ada &amp; I <b>Porto</b></p>"}, "annotations": []}
    done = {**task, "annotations": [{"result": [{"from_name": "l", "value": value}]}]}
    path = write(tmp_path / "ls.json", json.dumps([task, done]))
    _follow(_refused(path, "extraction").hint, tmp_path)
    assert _entities(tmp_path / "rows.jsonl") == [("Porto", "LOC")]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "\ufeffsep=;"])
def test_the_delimiter_that_excel_names_is_used(tmp_path: Path, first: str) -> None:
    content = f"{first}\r\ntext;label\r\nA, b, c;x\r\nC, d, e;y\r\n"
    rows = read_rows(write(tmp_path / "rows.csv", content), "classification")
    assert [example.id for example in rows.examples] == ["rows.csv:3", "rows.csv:4"]
    row = rows.examples[0]
    assert isinstance(row, ClassificationExample)
    assert row.text == "A, b, c"
    tabs = read_rows(write(tmp_path / "t.csv", "sep=\t\ntext\tlabel\nA; b\tx\n"), "classification")
    other = tabs.examples[0]
    assert isinstance(other, ClassificationExample)
    assert other.text == "A; b"


def test_endless_and_special_files_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "rows.csv"
    os.mkfifo(pipe)
    for path in (Path("/dev/zero"), Path("/dev/full"), pipe):
        assert "not a file" in _refused(path).reason
    holes = tmp_path / "holes.csv"
    with holes.open("wb") as stream:
        stream.truncate(1 << 40)
    assert "binary" in _refused(holes).reason


def test_a_row_that_is_no_row_is_refused_by_its_size(tmp_path: Path, monkeypatch) -> None:
    for module in ("source", "fields", "readers.dialect"):
        monkeypatch.setattr(f"burnish.data.{module}.MAX_ROW_BYTES", 1000)
    long = json.dumps({"text": "a " * 600, "label": "x"})
    right = json.dumps({"text": "a", "label": "x"})
    error = _refused(write(tmp_path / "a.jsonl", f"{right}\n{long}\n{right}\n"))
    assert (error.line, "MiB" in error.reason) == (2, True)
    error = _refused(write(tmp_path / "a.json", f"[{right},\n{long}]"))
    assert (error.row, "MiB" in error.reason) == ("a.json:2", True)
    cell = 'text,label\nA,x\n"' + "a \n" * 600 + '",y\nB,x\n'
    assert "field larger than field limit" in _refused(write(tmp_path / "a.csv", cell)).reason


def test_a_short_text_that_begins_as_zlib_does_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("x O\n")
    assert len(read_rows(path, "extraction")) == 1
