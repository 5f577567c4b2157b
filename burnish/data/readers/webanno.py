r"""WebAnno TSV 3: documents of INCEpTION and WebAnno, a token per line below its sentence's text.

Offsets count UTF-16 units. A value is followed by ``[N]`` where several tokens, or several values
of one token (``|``), share a column; ``\`` escapes. Text between two sentences is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.layers import choose_layer, unread_note
from burnish.data.readers.standoff import Document, Located, sentence_records, utf16_places
from burnish.data.records import Fault, Item
from burnish.data.source import read_lines
from burnish.errors import DataError

__all__ = ["read_webanno", "unescape", "webanno_notes"]

_HINT = "export the document as 'WebAnno TSV v3.3' again"
_UNIT = re.compile(
    r"\d{1,9}-\d{1,9}(?:\.\d{1,9})?\t(\d{1,9})-(\d{1,9})\t([^\t]*)\t?(.*)", re.DOTALL
)
_VALUES = re.compile(r"(?:\\.|[^|\\])+", re.DOTALL)
_VALUE = re.compile(r"((?:\\.|[^\\])*?)(?:\[(\d{1,9})\])?", re.DOTALL)
_ESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b"}
_WIDEST_GAP = 1 << 16
_NOTHING, _NO_VALUE = "_", "*"


@dataclass(frozen=True, slots=True)
class _Unit:
    """A line of a token, or of a part of one; offsets in UTF-16 units of the document."""

    line: int
    start: int
    end: int
    token: str
    cells: Sequence[str]


@dataclass(slots=True)
class _Sentence:
    line: int
    text: str
    units: list[_Unit] = field(default_factory=list)

    def error(self, message: str, line: int | None = None, kind: Fault = "unreadable") -> DataError:
        at = self.line if line is None else line
        return DataError(message, _HINT, line=at, row=f"line {at}", kind=kind)


@dataclass(slots=True)
class _Building:
    """The document as far as it was read."""

    text: str = ""
    units: int = 0
    """UTF-16 units of the text."""
    sentences: list[tuple[int, int]] = field(default_factory=list)
    entities: list[Located] = field(default_factory=list)
    numbered: dict[str, Located] = field(default_factory=dict)
    """Those that have a number, which several lines may share."""

    def add(self, sentence: _Sentence, at: int | None, label: str | None) -> None:
        """Add a sentence; ``at`` is the column of its labels, ``label`` that of every entity.

        Raises:
            DataError: its lines do not fit its text; nothing was added.
        """
        places = utf16_places(sentence.text)
        begin = _begin(sentence)
        gap = begin - self.units
        restarts = gap < 0  # some programs count each sentence from 0
        if gap > _WIDEST_GAP:
            raise sentence.error("the sentence begins far behind the one before it")
        gap = 1 if restarts else gap
        start = len(self.text) + gap
        marks = []
        for unit in sentence.units:
            first = _place(sentence, places, unit, unit.start - begin)
            last = _place(sentence, places, unit, unit.end - begin)
            if sentence.text[first:last] not in (unit.token, unescape(unit.token)):
                raise sentence.error("the token does not stand at its offsets", unit.line)
            for name, number in _values(unit, at):
                said = label if label is not None else name
                if not said:
                    raise sentence.error("an entity has no label", unit.line, "no-label")
                marks.append((Located(start + first, start + last, said), number))
        if restarts:
            self.entities += self.numbered.values()
            self.numbered.clear()
        self.text += " " * gap + sentence.text
        self.units = begin + len(places) - 1
        self.sentences.append((start, len(self.text)))
        for each, number in marks:
            self._mark(each, number)

    def _mark(self, each: Located, number: str) -> None:
        if not number:
            self.entities.append(each)
            return
        before = self.numbered.get(number, each)
        start, end = min(before.start, each.start), max(before.end, each.end)
        self.numbered[number] = Located(start, end, each.label)

    def document(self) -> Document:
        """All of it; entities without a character are left out."""
        entities = [*self.entities, *self.numbered.values()]
        return Document(self.text, self.sentences, [e for e in entities if e.start < e.end])


def read_webanno(path: Path, columns: Columns) -> Iterator[Item]:
    """The document's sentences; those that an entity goes through are one row.

    Raises:
        DataError: it is not clear which layer holds the entities, or a line cannot be read.
    """
    spans = _span_columns(path)
    layer = choose_layer(_found(path, spans), columns, path=path)
    at = None if layer is None else spans[layer.name, layer.feature or ""]
    label = layer.label if layer is not None and not layer.feature else None
    building = _Building()
    for sentence in _sentences(path):
        try:
            building.add(sentence, at, label)
        except DataError as error:
            row = f"{path.name}:{error.line}"
            yield DataError(
                error.reason, error.hint, file=path, line=error.line, row=row, kind=error.kind
            )
    document = building.document()
    if document.sentences:
        yield from sentence_records(path, document, columns)


def webanno_notes(path: Path, columns: Columns) -> tuple[str, ...]:
    """A note on the layers that are not read.

    Raises:
        DataError: it is not clear which layer holds the entities.
    """
    found = _found(path, _span_columns(path))
    return unread_note(found, choose_layer(found, columns, path=path))


def unescape(text: str) -> str:
    r"""The text without its escapes: ``\t``, ``\n``, ``\r`` and the characters themselves."""
    return _ESCAPED.sub(lambda found: _LETTERS.get(found[1], found[1]), text)


def _span_columns(path: Path) -> dict[tuple[str, str], int]:
    """The cell of each layer and feature that annotates spans; the first behind the token is 0."""
    found: dict[tuple[str, str], int] = {}
    column = 0
    for _, line in read_lines(path):
        kind, _, rest = line.strip().partition("=")
        if kind in ("#T_SP", "#T_CH", "#T_RL"):
            layer, *features = rest.split("|")
            for feature in features or [""]:
                if kind == "#T_SP" and not feature.startswith("ROLE_"):
                    found[layer, feature] = column
                column += 1
        elif line.startswith("#Text="):
            break
    return found


def _found(path: Path, spans: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """How many values each feature has; layers of no annotation left out."""
    counts = {key: [0, 0] for key in spans}
    for sentence in _sentences(path):
        for unit in sentence.units:
            for key, column in spans.items():
                for name, _ in _values(unit, column):
                    counts[key][0] += 1
                    counts[key][1] += name != ""
    found: dict[str, dict[str, int]] = {}
    for (layer, feature), (marks, values) in counts.items():
        if marks:
            found.setdefault(layer, {}).update({feature: values} if feature else {})
    return found


def _sentences(path: Path) -> Iterator[_Sentence]:
    """The sentences of the file, their units in order.

    Raises:
        DataError: a line is neither a token nor about a sentence.
    """
    sentence: _Sentence | None = None
    for number, line in read_lines(path):
        line = line.rstrip("\r\n")
        unit = _UNIT.fullmatch(line)
        if unit is not None and sentence is not None:
            start, end, token, cells = unit.groups()
            sentence.units.append(_Unit(number, int(start), int(end), token, cells.split("\t")))
        elif line.startswith("#Text="):
            text = unescape(line.removeprefix("#Text="))
            if sentence is not None and not sentence.units:
                sentence.text += "\n" + text
                continue
            if sentence is not None:
                yield sentence
            sentence = _Sentence(number, text)
        elif line.strip() and not line.startswith("#"):
            raise DataError("the line is not a token's", _HINT, file=path, line=number)
    if sentence is not None:
        yield sentence


def _values(unit: _Unit, column: int | None) -> Iterator[tuple[str, str]]:
    """Label and number of each annotation in a cell; empty where there is none."""
    if column is None or column >= len(unit.cells) or unit.cells[column] in ("", _NOTHING):
        return
    for value in _VALUES.findall(unit.cells[column]):
        found = _VALUE.fullmatch(value)
        name, number = found.groups() if found else (value, None)
        yield "" if name == _NO_VALUE else unescape(name), number or ""


def _begin(sentence: _Sentence) -> int:
    """Where the sentence begins: at its first token, or before white space that precedes it."""
    if not sentence.units:
        raise sentence.error("the sentence has no tokens")
    first, text = sentence.units[0], sentence.text
    if text.startswith(first.token) or not text[:1].isspace():
        return first.start
    return first.start - (len(text) - len(text.lstrip()))


def _place(sentence: _Sentence, places: Sequence[int | None], unit: _Unit, at: int) -> int:
    place = places[at] if 0 <= at < len(places) else None
    if place is None:
        raise sentence.error("the token is outside its sentence", unit.line)
    return place
