"""Column names: where a rows file keeps what burnish reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from burnish.data.label_forms import NO_LABEL

__all__ = ["Columns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the columns (CSV) or fields (JSON) of a row. The defaults are the native form."""

    text: str = "text"
    pair: str = "text_pair"
    """The second text, where two are read together."""
    label: str = "label"
    """One label per row."""
    labels: str = "labels"
    """Any number of labels per row."""
    taxonomy: Path | None = None
    """The file of the tree that the labels lie in (burnish/data/tree_files.py)."""
    score: str = "score"
    """The number of a row."""
    summary: str = "summary"
    """What a person wrote of a document, or a list of its own sentences."""
    source: str = "source"
    """The text that another text was written for: a translation of it, or an abstract."""
    target: str = "target"
    """That other text."""
    languages: tuple[str, str] | None = None
    """Codes of the languages of source and target, as a TMX file marks its segments and as parallel
    files have them for suffixes; None: a TMX file has just two."""
    decimal: Literal[".", ","] = "."
    """The decimal mark of scores that are written as text."""
    label_columns: tuple[str, ...] = ()
    """A column per label that says 1 or 0, where the labels are written so."""
    separator: str | None = None
    """Splits one string into several labels (``"|"``: ``"late|damaged"``)."""
    no_label: tuple[str, ...] = NO_LABEL
    """Values that mean "no label", besides an empty cell."""
    documents: str | None = None
    """Names a file per row, whose content is the row's text; relative to the table's folder."""
    id: str | None = None
    """Names the rows: each has a value of its own, and findings, errors and predictions say it."""
    group: str | None = None
    """A split never divides rows with the same value here. In CoNLL files
    ``document`` (the count of ``-DOCSTART-``, ``# newdoc`` or ``document_id``) and in SQuAD files
    ``title`` can be named."""
    subgroups: tuple[str, ...] = ()
    """Each value of one of these is scored on its own; ``sex+age``: each combination of the values
    of two (burnish/data/subgroups.py)."""
    entities: str = "entities"
    tokens: str = "tokens"
    tags: str | None = None
    """Tags of the tokens; None takes ``tags``, else ``ner_tags``."""
    label_names: tuple[str, ...] | None = None
    """The names of integer labels, in order."""
    tag_names: tuple[str, ...] | None = None
    """The names of integer tags, in order."""
    word_column: str | None = None
    """In files of one token per line: the column of the words, by its header's name or its number
    from 1; None finds it by what it holds."""
    tag_column: str | None = None
    """The same for the column of the tags."""
    offsets: str | None = None
    """What the offsets of entities and answers count (burnish/data/offsets.py); None: code points,
    unless another counting alone puts the spans on words, which is an error."""
    context: str = "context"
    question: str = "question"
    answers: str = "answers"
    sheet: str | None = None
    """Of a workbook, where several have rows."""
    unlabelled: Literal["error", "leave_out"] = "error"
    """What a row without a label is: an error, or left out and counted."""
    allow_paths: bool = False
    """Texts may be file names or URLs, and are read as they are."""
