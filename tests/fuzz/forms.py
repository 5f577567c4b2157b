"""Forms: every format that burnish reads, as a writer of right rows."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fuzz.rows import tags_of

__all__ = ["FORMS", "Form"]

Rows = Sequence[Any]
Write = Callable[[Rows, random.Random], bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """A format: its file's name, and how its rows are written."""

    name: str
    task: str
    write: Write
    options: tuple[str, ...] = ()
    """What `check` must be told to read it."""
    plain: bool = False
    several: bool = False


def _json(rows: Rows, rng: random.Random, *, lines: bool) -> bytes:
    ascii_only = rng.random() < 0.3
    if lines:
        return "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows).encode()
    indent = rng.choice((None, 1, 2))
    return json.dumps(rows, ensure_ascii=ascii_only, indent=indent).encode()


def _each(row: Callable[[Any], Any], *, lines: bool = True) -> Write:
    return lambda rows, rng: _json([row(each) for each in rows], rng, lines=lines)


def _table(header: Sequence[str], cells: Sequence[Sequence[str]], rng: random.Random) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=rng.choice(",;\t|"),
        quoting=rng.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
        lineterminator=rng.choice(("\n", "\r\n")),
    )
    writer.writerows([header, *cells])
    return out.getvalue().encode(rng.choice(("utf-8", "utf-8-sig")))


def _csv(rows: Rows, rng: random.Random) -> bytes:
    return _table(("id", "text", "label"), [(r.id, r.text, r.labels[0]) for r in rows], rng)


def _raw_tabs(rows: Rows, _: random.Random) -> bytes:
    return "".join(f"{t}\t{y}\n" for t, y in [("text", "label"), *_pairs(rows)]).encode()


def _pairs(rows: Rows) -> list[tuple[str, str]]:
    return [(row.text, row.labels[0]) for row in rows]


def _one_hot(rows: Rows, rng: random.Random) -> bytes:
    names = ("PER", "late-parcel", "Büro", "R&D", "東")
    cells = [(row.text, *(str(int(name in row.labels)) for name in names)) for row in rows]
    return _table(("text", *names), cells, rng)


def _separated(rows: Rows, rng: random.Random) -> bytes:
    return _table(("text", "labels"), [(row.text, "~".join(row.labels)) for row in rows], rng)


def _entity(span: Any) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "label": span.label}


def _spans(row: Any) -> list[dict[str, Any]]:
    return [{**_entity(s), "text": row.text[s.start : s.end]} for s in row.entities]


def _tokens(row: Any) -> dict[str, Any]:
    tokens, tags = tags_of(row)
    return {"tokens": tokens, "ner_tags": tags}


_NUMBERED = ("O", "B-PER", "I-PER", "B-late-parcel", "I-late-parcel", "B-Büro", "I-Büro", "B-R&D",
             "I-R&D", "B-東", "I-東")  # fmt: skip


def _numbered(row: Any) -> dict[str, Any]:
    tokens, tags = tags_of(row)
    return {"tokens": tokens, "ner_tags": [_NUMBERED.index(tag) for tag in tags]}


def _columns(line: Callable[[int, str, str], str], *, head: str = "") -> Write:
    """A token per line; ``line`` is given its number in the sentence, word and tag."""

    def write(rows: Rows, rng: random.Random) -> bytes:
        ending = rng.choice(("\n", "\r\n"))
        sentences = [
            "\n".join(line(n, *pair) for n, pair in enumerate(zip(*tags_of(row), strict=True), 1))
            for row in rows
        ]
        return (head + "\n\n".join(sentences) + "\n").replace("\n", ending).encode()

    return write


def _token_table(rows: Rows, rng: random.Random) -> bytes:
    cells = []
    for row in rows:
        for at, (token, tag) in enumerate(zip(*tags_of(row), strict=True)):
            cells.append(("" if at else f"Sentence: {row.id}", token, "NN", tag))
    return _table(("Sentence #", "Word", "POS", "Tag"), cells, rng)


def _studio(row: Any) -> dict[str, Any]:
    if hasattr(row, "labels"):
        values: list[dict[str, Any]] = [{"choices": list(row.labels)}]
    else:
        values = [{"start": s.start, "end": s.end, "text": row.text[s.start : s.end],
                   "labels": [s.label]} for s in row.entities]  # fmt: skip
    result = [{"from_name": "l", "to_name": "text", "value": value} for value in values]
    return {"id": row.id, "data": {"text": row.text},
            "annotations": [{"result": result, "was_cancelled": False}]}  # fmt: skip


def _minimal(row: Any) -> dict[str, Any]:
    given = row.labels[0] if hasattr(row, "labels") else [
        {"start": s.start, "end": s.end, "text": row.text[s.start : s.end], "labels": [s.label]}
        for s in row.entities
    ]  # fmt: skip
    return {"id": row.id, "text": row.text, "label": given, "annotator": 1, "lead_time": 2.5}


def _argilla(row: Any) -> dict[str, Any]:
    value = row.labels[0] if hasattr(row, "labels") else [_entity(span) for span in row.entities]
    given = [{"status": "submitted", "value": value, "user_id": "u"}]
    return {"id": row.id, "fields": {"text": row.text}, "responses": {"asked": given},
            "metadata": {"kept": 1}, "suggestions": {}, "vectors": {}}  # fmt: skip


def _prodigy(row: Any) -> dict[str, Any]:
    found = {"accept": list(row.labels)} if hasattr(row, "labels") else {"spans": [
        {**_entity(span), "token_start": 0} for span in row.entities]}  # fmt: skip
    return {"text": row.text, "answer": "accept", "_task_hash": 7, "_input_hash": 8, **found}


def _doccano(row: Any) -> dict[str, Any]:
    return {"id": row.id, "text": row.text, "label": [[s.start, s.end, s.label]
            for s in row.entities]}  # fmt: skip


def _relations(row: Any) -> dict[str, Any]:
    entities = [{"id": n, "label": s.label, "start_offset": s.start, "end_offset": s.end}
                for n, s in enumerate(row.entities)]  # fmt: skip
    return {"id": row.id, "text": row.text, "entities": entities, "relations": [], "Comments": []}


def _native_qa(row: Any) -> dict[str, Any]:
    answers = [{"text": a.text, "start": a.start} for a in row.answers]
    return {"context": row.context, "question": row.question, "answers": answers}


def _answer_columns(row: Any) -> dict[str, Any]:
    texts, starts = [a.text for a in row.answers], [a.start for a in row.answers]
    return {**_native_qa(row), "answers": {"text": texts, "answer_start": starts}}


def _squad(rows: Rows, rng: random.Random) -> bytes:
    paragraphs = [
        {"context": row.context, "qas": [{"id": f"q{row.id}", "question": row.question,
         "is_impossible": not row.answers,
         "answers": [{"text": a.text, "answer_start": a.start} for a in row.answers]}]}
        for row in rows
    ]  # fmt: skip
    document: Any = {"data": [{"title": "a", "paragraphs": paragraphs}]}
    if rng.random() < 0.5:
        document = {"version": "v2.0", **document}
    return _json(document, rng, lines=False)


def _parquet(row: Callable[[Any], Any]) -> Write:
    def write(rows: Rows, _: random.Random) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet

        out = pa.BufferOutputStream()
        table = pa.Table.from_pylist([row(each) for each in rows])
        pyarrow.parquet.write_table(table, out, compression="none")
        return bytes(out.getvalue())

    return write


def _arrow(rows: Rows, _: random.Random) -> bytes:
    import pyarrow as pa

    out = pa.BufferOutputStream()
    table = pa.Table.from_pylist([_one(each) for each in rows])
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return bytes(out.getvalue())


def _one(row: Any) -> dict[str, Any]:
    return {"text": row.text, "label": row.labels[0], "more": {"kept": [row.id]}}


def _several(row: Any) -> dict[str, Any]:
    return {"labels": list(row.labels), "text": row.text}


def _with_entities(row: Any) -> dict[str, Any]:
    return {"text": row.text, "entities": _spans(row)}


_C, _E, _Q = "classification", "extraction", "qa"
_HOT = ("--label-columns", "PER,late-parcel,Büro,R&D,東")

FORMS: tuple[Form, ...] = (
    Form("table.csv", _C, _csv),
    Form("table.tsv", _C, _csv),
    Form("raw.tsv", _C, _raw_tabs, plain=True),
    Form("hot.csv", _C, _one_hot, _HOT, several=True),
    Form("separated.csv", _C, _separated, ("--separator", "~"), several=True),
    Form("one.jsonl", _C, _each(_one)),
    Form("several.jsonl", _C, _each(_several), several=True),
    Form("list.json", _C, _each(_one, lines=False)),
    Form("entities.jsonl", _E, _each(_with_entities)),
    Form("entities.json", _E, _each(_with_entities, lines=False)),
    Form("tokens.jsonl", _E, _each(_tokens), plain=True),
    Form("numbers.jsonl", _E, _each(_numbered), ("--tag-names", ",".join(_NUMBERED)), plain=True),
    Form("two.conll", _E, _columns(lambda _, w, t: f"{w} {t}"), plain=True),
    Form("four.conll", _E, _columns(lambda _, w, t: f"{w} -X- _ {t}",
         head="-DOCSTART- -X- O O\n\n"), plain=True),
    Form("germeval.conll", _E, _columns(lambda n, w, t: f"{n}\t{w}\t{t}\tO", head="# a comment\n"),
         ("--word-column", "2", "--tag-column", "3"), plain=True),
    Form("universal.conll", _E, _columns(lambda n, w, t: f"{n}\t{w}\tlemma{n}\tNOUN\t_\t{t}",
         head="# newdoc\n# sent_id = 1\n"), ("--word-column", "2"), plain=True),
    Form("hipe.conll", _E, _columns(lambda _, w, t: f"{w}\t{t}\tO\tO\tO\tO\tO\t_\t_\t_",
         head="TOKEN\tNE-COARSE-LIT\tNE-COARSE-METO\tNE-FINE-LIT\tNE-FINE-METO\tNE-FINE-COMP\t"
         "NE-NESTED\tNEL-LIT\tNEL-METO\tMISC\n"), plain=True),
    Form("tokens.csv", _E, _token_table, plain=True),
    Form("answers.jsonl", _Q, _each(_native_qa)),
    Form("columns.jsonl", _Q, _each(_answer_columns)),
    Form("squad.json", _Q, _squad),
    Form("studio.json", _E, _each(_studio, lines=False)),
    Form("choices.json", _C, _each(_studio, lines=False)),
    Form("minimal.json", _C, _each(_minimal, lines=False)),
    Form("minimal2.json", _E, _each(_minimal, lines=False)),
    Form("argilla.json", _E, _each(_argilla, lines=False)),
    Form("argilla2.json", _C, _each(_argilla, lines=False)),
    Form("prodigy.jsonl", _E, _each(_prodigy)),
    Form("prodigy2.jsonl", _C, _each(_prodigy)),
    Form("doccano.jsonl", _E, _each(_doccano)),
    Form("relations.jsonl", _E, _each(_relations)),
    Form("rows.parquet", _C, _parquet(_one)),
    Form("tokens.parquet", _E, _parquet(_tokens), plain=True),
    Form("answers.parquet", _Q, _parquet(_answer_columns)),
    Form("saved", _C, _arrow),
)  # fmt: skip
