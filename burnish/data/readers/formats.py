"""Formats: the table that says which reader reads a file, by its suffix and its first line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from burnish.data.columns import Columns
from burnish.data.readers.argilla import read_argilla
from burnish.data.readers.arrow import read_parquet, read_saved_data_set
from burnish.data.readers.brat import brat_notes, read_brat
from burnish.data.readers.conll import conll_notes, read_conll
from burnish.data.readers.doc_bin import DOC_BIN, read_doc_bin
from burnish.data.readers.doccano import read_doccano
from burnish.data.readers.fasttext import PREFIX, read_fasttext
from burnish.data.readers.folder import read_folder
from burnish.data.readers.gliner import read_gliner
from burnish.data.readers.head import CONLL_SUFFIXES, Head, Row, look
from burnish.data.readers.hf_columns import read_answer_columns, read_tagged_tokens
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.readers.label_studio import read_label_studio
from burnish.data.readers.parallel import may_be_parallel, read_parallel
from burnish.data.readers.prodigy import read_prodigy
from burnish.data.readers.question_lists import is_question_list, read_question_lists
from burnish.data.readers.spacy_json import (
    PAIRS,
    is_spacy_row,
    read_spacy_json,
    read_spacy_pairs,
)
from burnish.data.readers.squad import read_squad
from burnish.data.readers.starts import BRAT, TEI, TMX, WEBANNO, XMI
from burnish.data.readers.tables import read_labelled_table, table_notes
from burnish.data.readers.tei import read_tei, tei_notes
from burnish.data.readers.tmx import read_tmx, tmx_notes
from burnish.data.readers.token_table import read_token_table, token_table_notes
from burnish.data.readers.webanno import read_webanno, webanno_notes
from burnish.data.readers.xmi import read_xmi, xmi_notes
from burnish.data.records import Item
from burnish.errors import DataError
from burnish.tasks.shapes import Shape
from burnish.tasks.table import find_task

__all__ = ["FORMATS", "Format", "choose_format"]

_SQUAD = re.compile(r'\{\s*("version"\s*:\s*"[^"]*"\s*,\s*)?"data"\s*:\s*\[')


_MINIMAL = {"annotation_id", "lead_time", "updated_at"}
"""What Label Studio's JSON-MIN adds to a row, by its age."""


class Reader(Protocol):
    """Reads a file, which may hold several shapes, into records in the native form of one."""

    def __call__(self, path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]: ...


def _whatever_shape(read: Callable[[Path, Columns], Iterator[Item]]) -> Reader:
    """A reader whose records are the same for every shape."""
    return lambda path, columns, *, shape: read(path, columns)  # noqa: ARG005


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; ``matches`` is asked in the table's order."""

    name: str
    shapes: frozenset[Shape]
    """What it can hold."""
    matches: Callable[[Head], bool]
    read: Reader
    """Reads a file's rows, with what they have of a shape."""
    notes: Callable[[Path, Columns], tuple[str, ...]] | None = None
    """Tells a person which columns of a file are not read."""
    has_tags: bool = False
    """Its entities are tags of tokens: the file has no offsets."""


def _is_label_studio(head: Head) -> bool:
    return head.is_list and (
        head.any_row(lambda row: isinstance(row.get("annotations"), list) and "data" in row)
        or head.any_row(lambda row: "annotator" in row and bool(_MINIMAL & row.keys()))
    )


def _is_argilla(head: Head) -> bool:
    return head.is_list and head.any_row(lambda row: {"fields", "responses"} <= row.keys())


def _is_prodigy(head: Head) -> bool:
    marks = {"_task_hash", "_input_hash", "_view_id"}
    answers = ("accept", "reject", "ignore")
    tasks = ({"spans", "tokens"}, {"accept", "options"})
    return head.any_row(
        lambda row: (
            bool(marks & row.keys())
            or row.get("answer") in answers
            or any(row.keys() >= task for task in tasks)
        )
    )


def _is_doccano(head: Head) -> bool:
    if head.shape in (Shape.ANSWERS, Shape.SCORES, Shape.SUMMARIES, Shape.WRITTEN):
        return False
    if head.shape is Shape.LABELS:
        labels = [row["label"] for row in head.rows if row.get("label") is not None]
        lists = bool(labels) and all(isinstance(each, list) for each in labels)
        return lists and head.columns.label == "label"
    if head.any_row(lambda row: "Comments" in row or _is_entities(row.get("entities"))):
        return True
    own = head.columns.entities
    return not head.any_row(lambda row: _is_native(row.get(own))) and head.any_row(_is_older)


def _is_entities(value: object) -> bool:
    """The tool's own way to write entities: triples, or objects with other names than ours."""
    return isinstance(value, list) and any(
        isinstance(each, list) or (isinstance(each, dict) and "start_offset" in each)
        for each in value
    )


def _is_native(entities: object) -> bool:
    """Whether the recipe's own column holds entities; doccano's older ones are lists."""
    return isinstance(entities, list) and not any(isinstance(each, list) for each in entities)


def _is_older(row: Row) -> bool:
    return "entities" not in row and isinstance(row.get("label", row.get("labels")), list)


def _is_squad(head: Head) -> bool:
    # A pretty-printed document begins with a line that is not a row of its own.
    begins = bool(_SQUAD.match(head.start))
    return (begins or head.text == "{") and (
        head.shape is Shape.ANSWERS or '"paragraphs"' in head.start
    )


def _is_question_list(head: Head) -> bool:
    return head.shape is Shape.ANSWERS and head.any_row(
        lambda row: is_question_list(row, head.columns)
    )


def _is_spacy_pairs(head: Head) -> bool:
    return PAIRS.match(head.start) is not None


def _is_spacy_json(head: Head) -> bool:
    return head.shape is not Shape.ANSWERS and head.any_row(is_spacy_row)


def _is_tagged_tokens(head: Head) -> bool:
    columns = head.columns
    return head.shape is Shape.SPANS and head.any_row(
        lambda row: columns.tokens in row and row.get(columns.entities) is None
    )


def _is_answer_columns(head: Head) -> bool:
    answers = head.columns.answers
    return head.shape is Shape.ANSWERS and head.any_row(
        lambda row: isinstance(row.get(answers), dict)
    )


def _is_parallel(head: Head) -> bool:
    return head.shape is Shape.WRITTEN and may_be_parallel(head.suffix, head.columns.languages)


def _is_jsonl(head: Head) -> bool:
    named = head.suffix in {".jsonl", ".ndjson", ".json"}
    # A sentence of one token per line may begin with a bracket.
    return named or (head.suffix not in CONLL_SUFFIXES and head.text.startswith(("{", "[")))


def _is_conll(head: Head) -> bool:
    tagged = head.shape is Shape.SPANS and not _is_token_table(head)
    return not head.is_workbook and (head.suffix in CONLL_SUFFIXES or tagged)


def _is_token_table(head: Head) -> bool:
    return head.shape is Shape.SPANS and (head.suffix == ".csv" or head.is_workbook)


_LABELS = frozenset({Shape.LABELS})
_SPANS = frozenset({Shape.SPANS})
_ANSWERS = frozenset({Shape.ANSWERS})
_SCORES = frozenset({Shape.SCORES})
_WRITTEN = frozenset({Shape.WRITTEN})
_TABLES = frozenset({Shape.LABELS, Shape.SCORES, Shape.SUMMARIES, Shape.WRITTEN})
_TOOLS = _LABELS | _SPANS
_RATED = _TOOLS | _SCORES
_ALL = frozenset(Shape)

FORMATS: tuple[Format, ...] = (
    Format(
        "brat",
        _SPANS,
        lambda head: head.suffix == ".ann" or BRAT.match(head.start) is not None,
        _whatever_shape(read_brat),
        notes=brat_notes,
    ),
    Format(
        "folder of texts",
        _LABELS,
        lambda head: head.is_folder_of_texts,
        _whatever_shape(read_folder),
    ),
    Format("datasets", _ALL, lambda head: head.is_directory, read_saved_data_set),
    Format("Parquet", _ALL, lambda head: head.start.startswith("PAR1"), read_parquet),
    Format(
        "Excel",
        _TABLES,
        lambda head: head.is_workbook and not _is_token_table(head),
        read_labelled_table,
        notes=table_notes,
    ),
    Format(
        "WebAnno TSV",
        _SPANS,
        lambda head: WEBANNO.match(head.start) is not None,
        _whatever_shape(read_webanno),
        notes=webanno_notes,
        has_tags=True,
    ),
    Format(
        "TEI",
        _SPANS,
        lambda head: TEI.match(head.start) is not None,
        _whatever_shape(read_tei),
        notes=tei_notes,
        has_tags=True,
    ),
    Format(
        "UIMA CAS XMI",
        _SPANS,
        lambda head: XMI.match(head.start) is not None,
        _whatever_shape(read_xmi),
        notes=xmi_notes,
        has_tags=True,
    ),
    Format(
        "TMX",
        _WRITTEN,
        lambda head: TMX.match(head.start) is not None,
        _whatever_shape(read_tmx),
        notes=tmx_notes,
    ),
    Format("parallel", _WRITTEN, _is_parallel, _whatever_shape(read_parallel)),
    Format(DOC_BIN, _TOOLS, lambda head: head.start == DOC_BIN, read_doc_bin, has_tags=True),
    Format("SQuAD", _ANSWERS, _is_squad, _whatever_shape(read_squad)),
    Format(
        "question lists",
        _ANSWERS,
        _is_question_list,
        _whatever_shape(read_question_lists),
    ),
    Format(
        "GLiNER",
        _SPANS,
        lambda head: head.any_row(lambda row: {"tokenized_text", "ner"} <= row.keys()),
        _whatever_shape(read_gliner),
        has_tags=True,
    ),
    Format("spaCy pairs", _TOOLS, _is_spacy_pairs, read_spacy_pairs),
    Format("spaCy JSON", _TOOLS, _is_spacy_json, read_spacy_json),
    Format("Label Studio", _RATED, _is_label_studio, read_label_studio),
    Format("Argilla", _RATED, _is_argilla, read_argilla),
    Format("Prodigy", _RATED, _is_prodigy, read_prodigy),
    Format(
        "tagged tokens",
        _SPANS,
        _is_tagged_tokens,
        _whatever_shape(read_tagged_tokens),
        has_tags=True,
    ),
    Format("answer columns", _ANSWERS, _is_answer_columns, _whatever_shape(read_answer_columns)),
    Format("doccano", _TOOLS, _is_doccano, read_doccano),
    Format("JSON Lines", _ALL, _is_jsonl, _whatever_shape(read_jsonl)),
    Format(
        "CoNLL", _SPANS, _is_conll, _whatever_shape(read_conll), notes=conll_notes, has_tags=True
    ),
    Format(
        "table of tokens",
        _SPANS,
        _is_token_table,
        _whatever_shape(read_token_table),
        notes=token_table_notes,
        has_tags=True,
    ),
    Format(
        "fastText",
        _LABELS,
        lambda head: head.text.startswith(PREFIX),
        _whatever_shape(read_fasttext),
    ),
    Format("CSV", _TABLES, lambda head: bool(head.text), read_labelled_table),
)


def choose_format(path: Path, task: str, *, columns: Columns) -> Format:
    """The format of a file, by the table's first match.

    Raises:
        DataError: the file is empty, holds something other than rows (a workbook, an archive,
            another tool's annotations), or has a format that cannot hold the task's rows.
    """
    shape = find_task(task).rows.shape
    head = look(path, columns, shape=shape)
    found = next(each for each in FORMATS if each.matches(head))
    if shape not in found.shapes:
        able = " or ".join(each.name for each in FORMATS if shape in each.shapes)
        a = "an" if found.name[0] in "AEIOU" else "a"
        what = found.name if path.is_dir() else f"{found.name} file"
        raise DataError(
            f"is {a} {what}, which cannot hold {task} rows",
            f"give the rows as {able}",
            file=path,
        )
    return found
