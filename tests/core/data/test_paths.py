"""Texts that are file names or URLs: refused with their count, unless they are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import Columns, read_rows
from burnish.data.checking import check_files
from burnish.data.paths import is_path
from burnish.errors import DataError
from tests.core.data.rows_file import write_jsonl

PATHS = (
    *("/data/upload/3/0ab-letter.txt", "/data/local-files/?d=a/b.txt", "/mnt/store/doc17"),
    *("https://example.org/a?b=c", "s3://bucket/a", "gs://b/c d.pdf", "file:///home/a b.txt"),
    *(r"C:\Users\A B\letter 1.docx", r"\\server\share\a.pdf", r"folder\a.txt", "./a.txt"),
    *("report.pdf", "scan 001.tif", "docs/2024/a1.txt", "~/x.txt", "www.example.org/page"),
    "data:text/plain;base64,QUJD",
)
TEXTS = (
    *("My parcel came wet.", "and/or", "1/2", "24/7 support", "v1.2.3", "TODO.", "N/A"),
    *("I have sent you https://example.org", "see www.example.org for more", "/ thanks /"),
    *("Please open report.pdf and sign it", "The invoice is 12.50", "hi/there"),
)


@pytest.mark.parametrize("text", PATHS)
def test_an_address_is_one(text: str) -> None:
    assert is_path(f" {text}\n")


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_none(text: str) -> None:
    assert not is_path(text)


def _write(path: Path, paths: int, texts: int) -> Path:
    given = [f"/data/upload/{n}.txt" for n in range(paths)] + [f"text {n}" for n in range(texts)]
    rows = [{"text": text, "label": "ab"[n % 2]} for n, text in enumerate(given)]
    return write_jsonl(path, rows)


def test_a_column_of_paths_is_an_error_with_the_count(tmp_path: Path) -> None:
    path = _write(tmp_path / "rows.jsonl", 3, 3)
    with pytest.raises(DataError, match=r"3 of 6 texts are file names or URLs.* rows\.jsonl:1"):
        read_rows(path, "classification")
    report = check_files("classification", Columns(), files={"train": path}).report
    (found,) = [each for each in report.findings if each.kind == "paths-as-texts"]
    assert (found.severity, [row.line for row in found.rows]) == ("error", [1, 2, 3])


def test_paths_that_are_meant_are_read(tmp_path: Path) -> None:
    path, meant = _write(tmp_path / "rows.jsonl", 6, 0), Columns(allow_paths=True)
    assert len(read_rows(path, "classification", columns=meant)) == 6
    report = check_files("classification", meant, files={"train": path}).report
    assert "paths-as-texts" not in {each.kind for each in report.findings}


def test_a_few_paths_among_texts_are_a_note(tmp_path: Path) -> None:
    path = _write(tmp_path / "rows.jsonl", 1, 3)
    assert len(read_rows(path, "classification")) == 4
    report = check_files("classification", Columns(), files={"train": path}).report
    (found,) = [each for each in report.findings if each.kind == "paths-as-texts"]
    assert (found.severity, found.message[:33]) == ("note", "1 of 4 texts are file names or UR")


def test_contexts_that_are_paths_are_refused(tmp_path: Path) -> None:
    row = {"context": "docs/lease.pdf", "question": "When is rent due?", "answers": []}
    with pytest.raises(DataError, match="1 of 1 text is a file name or URL"):
        read_rows(write_jsonl(tmp_path / "rows.jsonl", [row]), "qa")
