"""UIMA CAS XMI: documents of INCEpTION, WebAnno and other UIMA tools, as they export them.

Every annotation is an element with ``begin`` and ``end`` in UTF-16 units of the ``sofaString``, and
its features are attributes, so that no type system is needed: which attributes are text, the file
itself shows. (dkpro-cassis needs the type system's file and lxml, 20 MB.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.layers import Layer, choose_layer, unread_note
from burnish.data.readers.standoff import Document, Located, sentence_records, utf16_places
from burnish.data.readers.xml import Start, xml_events
from burnish.data.records import Item
from burnish.errors import DataError

__all__ = ["read_xmi", "xmi_notes"]

_XMI = "http://www.omg.org/XMI"
_CAS = "http:///uima/cas.ecore"
_SENTENCE = ".Sentence"
_OWN = frozenset({"sofa", "begin", "end", f"{_XMI} id"})
_HINT = "export the document as 'UIMA CAS XMI' again"

Places = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class _Annotation:
    line: int
    sofa: str
    begin: int
    end: int
    features: Mapping[str, str]


@dataclass(slots=True)
class _Cas:
    """What a file holds."""

    texts: dict[str, str] = field(default_factory=dict)
    """By the id of their sofa; empty where a sofa has none."""
    layers: dict[str, list[_Annotation]] = field(default_factory=dict)
    """Annotations of spans, by the full name of their type."""

    @property
    def found(self) -> dict[str, dict[str, int]]:
        """How many values each feature of each layer has; numbers point to other elements."""
        found: dict[str, dict[str, int]] = {}
        for name, marks in self.layers.items():
            counts = found.setdefault(name, {})
            for each in marks:
                for key, value in each.features.items():
                    counts[key] = counts.get(key, 0) + bool(value)
            values = {key: [each.features.get(key, "") for each in marks] for key in counts}
            found[name] = {
                key: count
                for key, count in counts.items()
                if not all(_is_reference(value) for value in values[key])
            }
        return found


def read_xmi(path: Path, columns: Columns) -> Iterator[Item]:
    """The document's sentences (the whole of it where it has none).

    Raises:
        DataError: it is not XMI of UIMA's, or it is not clear which layer holds the entities.
    """
    cas = _read(path)
    layer = choose_layer(cas.found, columns, path=path)
    annotations = cas.layers[layer.name] if layer is not None else []
    sofa = annotations[0].sofa if annotations else next(iter(cas.texts))
    text = cas.texts.get(sofa, "")
    places = utf16_places(text)
    faults: list[DataError] = []
    entities = []
    for each in annotations:
        assert layer is not None  # noqa: S101  it has annotations
        try:
            entities.append(_located(path, each, layer, places, sofa))
        except DataError as error:
            faults.append(error)
    sentences = sorted(
        (start, end)
        for name, found in cas.layers.items()
        if name.endswith(_SENTENCE)
        for start, end in (_places(each, places) for each in found if each.sofa == sofa)
        if start is not None and end is not None
    )
    yield from faults
    document = Document(text, sentences, [e for e in entities if e.start < e.end])
    yield from sentence_records(path, document, columns)


def xmi_notes(path: Path, columns: Columns) -> tuple[str, ...]:
    """A note on the layers that are not read.

    Raises:
        DataError: as :func:`read_xmi`.
    """
    found = _read(path).found
    return unread_note(found, choose_layer(found, columns, path=path))


def _read(path: Path) -> _Cas:
    cas = _Cas()
    for event in xml_events(path):
        if not isinstance(event, Start):
            continue
        given = event.attributes
        if event.namespace == _CAS and event.name == "Sofa":
            cas.texts[given.get(f"{_XMI} id", "")] = given.get("sofaString", "")
        elif {"begin", "end", "sofa"} <= given.keys():
            annotation = _annotation(path, event)
            cas.layers.setdefault(_type_name(event), []).append(annotation)
    if not any(cas.texts.values()):
        raise DataError("has no text: no Sofa has a 'sofaString'", _HINT, file=path)
    return cas


def _annotation(path: Path, event: Start) -> _Annotation:
    given = event.attributes
    begin, end = given["begin"], given["end"]
    if not all(each.isascii() and each.isdecimal() and len(each) < 10 for each in (begin, end)):
        raise DataError("an offset is not a whole number", _HINT, file=path, line=event.line)
    features = {key: value for key, value in given.items() if key not in _OWN}
    return _Annotation(event.line, given["sofa"], int(begin), int(end), features)


def _type_name(event: Start) -> str:
    """``http:///a/b.ecore`` and ``C`` are the type ``a.b.C``."""
    package = event.namespace.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
    return f"{package}.{event.name}" if package else event.name


def _is_reference(value: str) -> bool:
    """Whether a value is empty, or ids of other elements."""
    return all(part.isdecimal() for part in value.split())


def _places(each: _Annotation, places: Places) -> tuple[int | None, int | None]:
    first = places[each.begin] if each.begin < len(places) else None
    last = places[each.end] if each.end < len(places) else None
    return first, last


def _located(path: Path, each: _Annotation, layer: Layer, places: Places, sofa: str) -> Located:
    start, end = _places(each, places)
    row = f"{path.name}:{each.line}"
    if start is None or end is None or each.sofa != sofa or start > end:
        raise DataError(
            f"an entity from {each.begin} to {each.end} is outside the text, or inside a character",
            _HINT,
            file=path,
            line=each.line,
            row=row,
            kind="span-outside-text",
        )
    label = layer.label if not layer.feature else each.features.get(layer.feature, "")
    if not label:
        hint = "annotate it, or remove it"
        raise DataError(
            "an entity has no label", hint, file=path, line=each.line, row=row, kind="no-label"
        )
    return Located(start, end, label)
