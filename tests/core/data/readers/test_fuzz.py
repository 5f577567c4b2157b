"""Damaged fixtures of every form: whatever bytes change, a DataError is all that comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.data import read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.readers.entities import ASTRAL
from tests.core.data.readers.test_brat import ANN
from tests.core.data.readers.test_conllu import CONLLU, PLUS
from tests.core.data.readers.test_doc_bin import DOC_BIN
from tests.core.data.readers.test_questions import ARTICLE, PARAGRAPH
from tests.core.data.readers.test_spacy_json import ENTITIES
from tests.core.data.readers.test_tei import LETTER
from tests.core.data.readers.test_webanno import DOCUMENT
from tests.core.data.readers.test_xmi import XMI

_TOKENS = [{"orth": "Ana", "ner": "B-PER"}, {"orth": "Silva", "ner": "L-PER"}]
_FILES: dict[str, bytes] = {
    "a.tsv": DOCUMENT.encode(),
    "a.xmi": XMI.encode(),
    "a.xml": LETTER.encode(),
    "a.ann": ANN.encode(),
    "a.spacy": DOC_BIN,
    "a.conllu": CONLLU.encode(),
    "a.conllup": PLUS.encode(),
    "articles.json": json.dumps([ARTICLE]).encode(),
    "paragraphs.jsonl": json.dumps(PARAGRAPH).encode() + b"\n",
    "flat.jsonl": json.dumps({"context": ASTRAL, "question": "Who?", "answers": ["in"]}).encode(),
    "label.json": json.dumps(
        [{"query": "?", "document": {"content": ASTRAL}, "answer": {"answer": "in"}}]
    ).encode(),
    "gliner.json": json.dumps([{"tokenized_text": ["Ana", "left"], "ner": [[0, 0, "P"]]}]).encode(),
    "pairs.json": json.dumps([[ASTRAL, {"entities": ENTITIES, "cats": {"a": 1}}]]).encode(),
    "docs.jsonl": json.dumps({"text": ASTRAL, "ents": [], "cats": {"a": 1.0}}).encode(),
    "train.json": json.dumps(
        [{"id": 0, "paragraphs": [{"raw": "Ana Silva", "sentences": [{"tokens": _TOKENS}]}]}]
    ).encode(),
}
_FRAGMENTS = (b'"', b"[", b"]", b"null", b"-1", b"9" * 20, b"\t", b"\n", b"<", b"\xff")
_EDITS = st.lists(
    st.tuples(
        st.floats(0, 1), st.integers(0, 9), st.binary(max_size=4) | st.sampled_from(_FRAGMENTS)
    ),
    min_size=1,
    max_size=4,
)
"""Where in the file, how many bytes go, and what comes there."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("name", _FILES)
@settings(max_examples=50, deadline=None)
@given(edits=_EDITS)
def test_damaged_files_are_refused_or_read(
    folder: Path, name: str, edits: list[tuple[float, int, bytes]]
) -> None:
    content = _FILES[name]
    for share, removed, added in edits:
        at = int(share * len(content))
        content = content[:at] + added + content[at + removed :]
    path = folder / name
    path.write_bytes(content)
    path.with_suffix(".txt").write_bytes(ASTRAL.encode())
    guess_task(path)
    for task in ("extraction", "qa", "classification"):
        with suppress(DataError):
            read_rows(path, task, on_error=lambda _: None)
