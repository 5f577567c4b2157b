"""spaCy's DocBin: files that spaCy 3.8.18 wrote, and damaged ones."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest

from burnish.data import ClassificationExample, read_rows
from burnish.data.readers import doc_bin
from burnish.data.readers.head import guess_task
from burnish.data.readers.spacy_strings import string_numbers
from burnish.errors import DataError, MissingExtraError
from tests.core.data.readers.entities import ASTRAL, found
from tests.core.data.rows_file import write

pytest.importorskip("msgpack")

DOC_BIN = base64.b64decode(
    """eJzrXF6WWlScmZ+32EDPcGliSUlR8VxHZ08vbx9fP/+As4xHzjIePct4bFlJfnZqXvFR1g1Myub6DG0Xd8NoBgKACY
c4IwF9vSKbxA+/5/sEo8m1hxDQnVAkEjfz3SoYTSt7bncWBaq9EfulX9K7bs2k4/8JqWeG0naeh2p+tr60JtaeO04W
yQG2z47BaELqyfVPnEbLrk1vS5NWH73MvfxrbS8h9TD/1BOKeDTg7sK/h7F0uwaMJqQeZjyp9qiv+b3X9zbH5WXzt9
+V0OXkoJU9yZtuT9bdt0YTRhNST278CAlKJ4pVPW2E0YTUw+KnkUT/LDq0xufNzfr1MJqQenL9s9K0+p4V+05fl/Qt
YgalP8zJtYeQ997ZbS9RTO8zh9Hk2kMI0CvclhUXJCanFh/hA3qdkRFEgMNgeU5qXnpJRvERDm4GSOQvLy4pysxLL7
7DILpgES/XQr0lTol52Yt9/J2X+eUn5adULvYPcl8c4Bq0NCo/9UzjkiSg7KLMvCU5qWkli3NTS5blgVUtrQLJLj/a
eHhzytFdy482genFjxp6lz2bu/HJrjVLPsyfuBJITFmzJDmxpHhS05K81PLi0/YfIO5dWlyQX1RyGuZ8qCyMC5WFK0
7LSUwvntS4KSOxOL40LzsvvzwvHuLhQ1gFVwPpvPj0ovzSguJJRxgnABEAEkj/gw=="""
)
"""``ASTRAL`` with its entities, and "Nobody left." without; categories news and sport."""


def test_documents_are_read_without_spacy(tmp_path: Path) -> None:
    path = write(tmp_path / "train.spacy", DOC_BIN)
    assert guess_task(path) == "extraction"
    names = [("Zoe\u0301", "PER"), ("Łódź\r\nBank", "ORG"), ("東京", "LOC")]
    assert found(path) == [(ASTRAL, names), ("Nobody left.", [])]
    rows = read_rows(path, "classification").examples
    labels = [each.labels for each in rows if isinstance(each, ClassificationExample)]
    assert labels == [("news",), ("sport",)]


def test_words_that_spacy_counts_itself_have_their_own_numbers() -> None:
    # spacy.strings.StringStore().add of each, in spaCy 3.8.18
    known = {"ORG": 383, "case": 8110129090154140942, "mark": 423, "Zoe\u0301": 0}
    numbers = string_numbers(known)
    assert numbers[383] == "ORG"
    assert numbers[423] == "mark"
    assert numbers[8110129090154140942] == "case"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    content = zlib.decompress(DOC_BIN)
    for damaged in (
        DOC_BIN[:-9],
        zlib.compress(content[:-3]),
        zlib.compress(content.replace(b"lengths", b"lengthz")),
        zlib.compress(content.replace(b"spaces", b"spacez")),
    ):
        path = write(tmp_path / "train.spacy", damaged)
        with pytest.raises(DataError, match="is a damaged spaCy DocBin"):
            read_rows(path, "extraction")
    unlisted = zlib.compress(content.replace(b"Nobody", b"Nobuddy"[:6]))
    with pytest.raises(DataError, match="document 2: a word or a label is not among the strings"):
        read_rows(write(tmp_path / "a.spacy", unlisted), "extraction")


def test_without_msgpack_the_extra_is_named(tmp_path: Path, monkeypatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(doc_bin, "import_module", absent)
    with pytest.raises(MissingExtraError, match=r"msgpack") as told:
        read_rows(write(tmp_path / "a.spacy", DOC_BIN), "extraction")
    assert "burnish[spacy]" in told.value.hint
