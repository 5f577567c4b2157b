"""Folders of text files: a document is a text, and its label a subfolder or a row of a table."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, read_rows
from burnish.data.columns import Columns as Names
from burnish.data.readers.folder import read_texts
from burnish.data.records import Record, Skip
from burnish.errors import DataError
from tests.core.data.rows_file import write
from tests.core.data.test_workbook import book

FILES = {"late/b.txt": "Late again", "late/a.txt": "Zürich 🙂\r\ne\u0301", "ok/deep/c.TXT": "Fine"}


def folder(path: Path, files: dict[str, str | bytes]) -> Path:
    names = list(files)
    random.Random(len(names)).shuffle(names)  # the order on disk is not the order of names
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        write(path / name, files[name])
    return path


def read(path: Path, **columns: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    rows = read_rows(path, "classification", columns=Columns(**columns))
    return [(each.id, each.text, each.labels) for each in rows.examples]  # type: ignore[attr-defined]


def refused(path: Path, **columns: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        read(path, **columns)
    return caught.value


def test_a_file_is_a_text_and_its_folder_its_label(tmp_path: Path) -> None:
    assert read(folder(tmp_path / "mails", dict(FILES))) == [
        ("mails:late/a.txt", "Zürich 🙂\r\ne\u0301", ("late",)),
        ("mails:late/b.txt", "Late again", ("late",)),
        ("mails:ok/deep/c.TXT", "Fine", ("ok",)),
    ]


def test_the_digest_is_over_names_and_contents_and_is_the_same_anywhere(tmp_path: Path) -> None:
    listed = "".join(
        f"{hashlib.sha256(FILES[name].encode()).hexdigest()}  {name}\n" for name in sorted(FILES)
    )
    for name in ("one", "two"):
        path = folder(tmp_path / name, dict(FILES))
        found = read_rows(path, "classification").files[0].sha256
        assert found == hashlib.sha256(listed.encode()).hexdigest()
    (path / "ok/deep/c.TXT").rename(path / "late/c.TXT")
    assert read_rows(path, "classification").files[0].sha256 != found


def test_other_files_are_left_out_and_counted_by_name(tmp_path: Path) -> None:
    path = folder(
        tmp_path / "mails",
        {**FILES, "late/.DS_Store": b"\x00", "ok/scan.pdf": b"%PDF", "ok/empty.txt": " "},
    )
    (path / "ok/link.txt").symlink_to(path / "late/a.txt")
    file = read_rows(path, "classification").files[0]
    assert file.skipped_at == {
        "hidden file": ("mails:late/.DS_Store",),
        "not a .txt file": ("mails:ok/scan.pdf",),
        "empty text": ("mails:ok/empty.txt",),
        "a link, not a file": ("mails:ok/link.txt",),
    }


def test_what_is_wrong_is_named_by_its_file(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", {**FILES, "ok/latin.txt": "Zürich".encode("latin-1")})
    error = refused(path)
    assert str(error).startswith(f"{path}: ok/latin.txt: the file is not UTF-8: byte 0xfc at 1")
    assert str(path / "ok/latin.txt") in error.hint
    error = refused(folder(tmp_path / "b", {**FILES, "top.txt": "No label"}))
    assert error.reason == "the text lies in no subfolder, and so has no label"
    assert "data.documents" in error.hint
    error = refused(folder(tmp_path / "c", {"x.csv": "a"}))
    assert error.reason == "is a directory, not a rows file"


def test_texts_are_read_without_labels_for_prediction(tmp_path: Path) -> None:
    path = folder(tmp_path / "mails", {"b.txt": "two", "a/x.txt": "one", "notes.md": "three"})
    items = list(read_texts(path, Names(text="body")))
    assert [item.fields for item in items if isinstance(item, Record)] == [
        {"file": "a/x.txt", "body": "one"},
        {"file": "b.txt", "body": "two"},
    ]
    assert items[2] == Skip(id="mails:notes.md", reason="not a .txt file")


def test_a_table_of_file_names_gives_the_texts_their_labels(tmp_path: Path) -> None:
    folder(tmp_path, dict(FILES))
    table = write(tmp_path / "a.csv", "doc,label\nlate/a.txt,x\nlate\\b.txt,y\n")
    assert read(table, documents="doc") == [
        ("a.csv:2", "Zürich 🙂\r\ne\u0301", ("x",)),
        ("a.csv:3", "Late again", ("y",)),
    ]
    named = book(tmp_path / "a.xlsx", ["No", "doc", "label"], [7, "ok/deep/c.TXT", "z"])
    assert read(named, documents="doc", id="No") == [("a.xlsx:7", "Fine", ("z",))]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../secret.txt", "outside the table's folder"),
        ("/etc/passwd", "outside the table's folder"),
        ("nowhere.txt", "there is no file 'nowhere.txt'"),
        ("", "names no file"),
    ],
)
def test_a_name_that_leads_nowhere_or_outside_is_refused(
    tmp_path: Path, name: str, said: str
) -> None:
    write(tmp_path / "secret.txt", "secret")
    path = folder(tmp_path / "in", {"a.csv": f"doc,label\n{name},x\n"}) / "a.csv"
    assert said in refused(path, documents="doc").reason


def test_a_column_of_addresses_names_the_way_to_read_them(tmp_path: Path) -> None:
    folder(tmp_path, dict(FILES))
    path = write(tmp_path / "a.csv", "text,label\nlate/a.txt,x\nlate/b.txt,y\n")
    assert "data.documents" in refused(path).hint
    assert len(read(path, documents="text")) == 2
