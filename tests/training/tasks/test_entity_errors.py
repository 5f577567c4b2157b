"""Entities that are missing or of another type than the other rows speak for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from burnish.data import read_rows
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.torch_models.base import resolve_base
from burnish.training.pipeline.diagnosis import diagnose
from burnish.training.tasks.extraction.entity_errors import doubted_entities
from burnish.training.tasks.extraction.token_rows import read_token_rows
from burnish.training.tasks.extraction.token_vectors import TokenVectors

LABELS = ("", "person", "place")
ROWS = 60


def _lines(person: str = "anna", city: str = "london") -> list[dict]:
    found = []
    for number in range(ROWS):
        text = f"{(person, 'ben')[number % 2]} lives in {(city, 'paris')[number % 2]} {number}"
        start = text.index("lives in ") + len("lives in ")
        spans = [(0, text.index(" "), "person"), (start, text.index(" ", start), "place")]
        entities = [{"start": s, "end": e, "label": label} for s, e, label in spans]
        found.append({"text": text, "entities": entities})
    return found


def _doubts(lines: list[dict], base: Path, path: Path) -> list[tuple[int | None, str]]:
    path.write_text("\n".join(map(json.dumps, lines)))
    done = diagnose({"train": read_rows(path, "extraction")}, base_model=str(base))
    return [
        (place.line, place.detail)
        for finding in done.findings
        if finding.kind == "likely-label-error"
        for place in finding.rows
    ]


def test_a_removed_entity_and_a_wrong_type_are_found_by_row_and_offset(bert, tmp_path) -> None:
    lines = _lines()
    clean = _doubts(lines, bert, tmp_path / "clean.jsonl")
    removed = lines[10]["entities"].pop(1)
    lines[21]["entities"][0]["label"] = "place"

    found = _doubts(lines, bert, tmp_path / "rows.jsonl")
    place = f"characters {removed['start']}-{removed['end']}"
    assert (11, f"{place} 'place' is missing") in found
    assert (22, "characters 0-3 'place', likely 'person'") in found
    assert len(found) <= 4
    assert clean == []


def test_a_finding_of_entities_claims_no_certainty(bert, tmp_path) -> None:
    lines = _lines()
    lines[10]["entities"].pop(1)
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    done = diagnose({"train": read_rows(path, "extraction")}, base_model=str(bert))
    (finding,) = [each for each in done.findings if each.kind == "likely-label-error"]
    assert finding.severity == "note"
    assert "most are right" in finding.fix


def _examples(path: Path) -> list[ExtractionExample]:
    rows = read_rows(path, "extraction").examples
    return [each for each in rows if isinstance(each, ExtractionExample)]


def _tokens(words: list[str]) -> TokenVectors:
    """Of one row, a token a word."""
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    starts = ends - [len(word) for word in words]
    return TokenVectors(
        vectors=np.zeros((len(words), 2), dtype=np.float32),
        tags=np.zeros(len(words), dtype=np.int64),
        rows=np.zeros(len(words), dtype=np.int64),
        spans=np.stack([starts, ends], 1),
        units=np.arange(len(words)),
    )


def _scores(*likely: int) -> np.ndarray:
    """Nearly sure of a label a token."""
    return (0.9 * np.eye(3)[list(likely)] + 0.1 / 3).astype(np.float32)


def test_words_beside_an_entity_are_left_alone() -> None:
    example = ExtractionExample(
        id="a", text="anna smith saw paris", entities=(Span(0, 4, "person"),)
    )
    scores = _scores(1, 1, 0, 2)
    scores[0] = (0.3, 0.4, 0.3)
    types = np.array([1, 0, 0, 0])
    tokens = _tokens(example.text.split())
    found = doubted_entities(scores, tokens, types, examples=[example], labels=LABELS)
    assert found == []  # no place was ever labelled

    entities = (*example.entities, Span(15, 20, "place"))
    other = ExtractionExample(id="b", text="anna smith saw paris", entities=entities)
    scores[3] = (0.3, 0.3, 0.4)
    found = doubted_entities(
        scores, tokens, np.array([1, 0, 0, 2]), examples=[other], labels=LABELS
    )
    assert found == []  # "smith" touches "anna"


def test_words_that_are_labelled_so_elsewhere_come_first() -> None:
    text = "paris and berlin or oslo"
    example = ExtractionExample(id="a", text=text, entities=(Span(0, 5, "place"),))
    again = ExtractionExample(id="b", text="paris", entities=())
    tokens = _tokens(text.split())
    two = TokenVectors(
        vectors=np.zeros((6, 2), dtype=np.float32),
        tags=np.zeros(6, dtype=np.int64),
        rows=np.array([0, 0, 0, 0, 0, 1]),
        spans=np.concatenate([tokens.spans, [[0, 5]]]),
        units=np.array([0, 1, 2, 3, 4, 0]),
    )
    scores = _scores(0, 0, 2, 0, 2, 2)
    scores[0] = (0.3, 0.1, 0.6)
    scores[5] = (0.3, 0.1, 0.6)
    found = doubted_entities(
        scores, two, np.array([2, 0, 0, 0, 0, 0]), examples=[example, again], labels=LABELS
    )
    assert [(each.row, each.start, each.seen) for each in found] == [
        (1, 0, True),
        (0, 10, False),
        (0, 20, False),
    ]
    assert all((each.given, each.likely) == ("", "place") for each in found)


def test_the_curve_reads_the_last_layer_alone(bert, files) -> None:
    rows = _examples(files["extraction"])
    base = resolve_base(str(bert), None)
    deep, plain = (read_token_rows(base, rows, deep=deep) for deep in (True, False))
    assert deep.tokens.vectors.shape[1] == 3 * plain.tokens.vectors.shape[1]
    assert np.array_equal(deep.curve.vectors, plain.curve.vectors)
    assert deep.places == plain.places == tuple(range(60))


@pytest.mark.parametrize("row", [0, 7])
def test_tokens_know_where_they_stand(bert, files, row) -> None:
    rows = _examples(files["extraction"])
    read = read_token_rows(resolve_base(str(bert), None), rows)
    of = read.tokens.rows == row
    entity = rows[row].entities[0]
    spans, types = read.tokens.spans[of], read.types[of]
    inside = (spans[:, 0] >= entity.start) & (spans[:, 1] <= entity.end)
    assert inside.any()
    assert all(read.labels[each] == entity.label for each in types[inside].tolist())
    assert (np.diff(read.tokens.units[of]) >= 0).all()
