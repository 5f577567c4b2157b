"""Packed files: gzip, bzip2 and zip of any text format are read as what is inside."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from burnish.data import read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write

CSV = "text,label\nLate again,late\nAll fine,ok\n"
JSONL = '{"text": "Late again", "label": "late"}\n{"text": "All fine", "label": "ok"}\n'
CONLL = "Ada B-PER\nleft O\n\nBo B-PER\nsat O\n"


def zipped(*members: tuple[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return content.getvalue()


def refused(path: Path, task: str = "classification") -> DataError:
    with pytest.raises(DataError) as caught:
        read_rows(path, task)
    return caught.value


def follow(error: DataError, folder: Path) -> None:
    """Do as the hint says."""
    command = error.hint[error.hint.rindex(": ") + 2 :]
    subprocess.run(["/bin/bash", "-ec", command], cwd=folder, check=True)


@pytest.mark.parametrize(
    ("name", "text", "task"),
    [
        ("rows.csv", CSV, "classification"),
        ("rows.tsv", CSV.replace(",", "\t"), "classification"),
        ("rows.jsonl", JSONL, "classification"),
        ("rows.json", f"[{JSONL.replace('}', '},', 1)}]", "classification"),
        ("rows.conll", CONLL, "extraction"),
    ],
)
def test_every_text_format_is_read_packed_as_it_is_unpacked(
    tmp_path: Path, name: str, text: str, task: str
) -> None:
    plain = read_rows(write(tmp_path / name, text), task)
    junk = ("__MACOSX/._" + name, b"\x00")
    for packed, content in (
        (f"{name}.gz", gzip.compress(text.encode())),
        (f"{name}.bz2", bz2.compress(text.encode())),
        ("rows.zip", zipped(("data/" + name, text), junk)),
    ):
        path = write(tmp_path / packed, content)
        rows = read_rows(path, task)
        assert [each.digest for each in rows.examples] == [each.digest for each in plain.examples]
        assert [each.id.split(":")[1] for each in rows.examples] == [
            each.id.split(":")[1] for each in plain.examples
        ]
        assert rows.files[0].sha256 == hashlib.sha256(content).hexdigest()


def test_an_error_names_the_line_inside(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv.gz", gzip.compress(f"{CSV}no label,\n".encode()))
    assert str(refused(path)).startswith(f"{path}:4: the row has no label")


def test_an_archive_of_several_files_lists_them_and_unpacking_helps(tmp_path: Path) -> None:
    path = write(tmp_path / "two.zip", zipped(("a.csv", CSV), ("b.csv", CSV)))
    error = refused(path)
    assert error.reason == "holds 2 files: a.csv, b.csv"
    assert error.hint == f"unpack it, and name one of its files: unzip {path}"
    assert refused(write(tmp_path / "none.zip", zipped())).reason == "holds no file"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    row = b"text,label\n" + b"a,b\n" * (90 << 18)
    for name, content in (
        ("a.csv.gz", gzip.compress(row)),
        ("a.zip", zipped(("a.csv", row))),
    ):
        error = refused(write(tmp_path / name, content))
        assert error.reason == "unpacks to more than 64 MiB, far more than text does"


def test_a_damaged_or_locked_file_is_named(tmp_path: Path) -> None:
    content = gzip.compress(CSV.encode() * 100)
    for name, broken in (
        ("cut.csv.gz", content[: len(content) // 2]),
        ("wrong.csv.gz", content[:20] + b"\xff" * 20 + content[40:]),
        ("cut.zip", zipped(("a.csv", CSV))[:40]),
    ):
        assert "cannot be unpacked" in refused(write(tmp_path / name, broken)).reason
    locked = bytearray(zipped(("a.csv", CSV)))
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(start) + at] |= 1
    assert "password" in refused(write(tmp_path / "locked.zip", bytes(locked))).reason


def test_what_is_no_text_inside_is_named_and_unpacking_shows_the_way(tmp_path: Path) -> None:
    wide = gzip.compress(CSV.encode("utf-16"))
    error = refused(write(tmp_path / "rows.csv.gz", wide))
    assert error.reason == "is a gzip file; what it holds is UTF-16, not UTF-8"
    follow(error, tmp_path)
    assert "UTF-16" in refused(tmp_path / "rows.csv").reason
    latin = write(tmp_path / "latin.csv.gz", gzip.compress(f"{CSV}Zürich,ok\n".encode("latin-1")))
    error = refused(latin)
    assert "is not UTF-8" in error.reason
    follow(error, tmp_path)
    assert len(read_rows(tmp_path / "utf8-latin.csv", "classification")) == 3
