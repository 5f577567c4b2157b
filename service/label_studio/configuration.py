"""A project's labelling configuration: its texts, and the controls that mark them.

The configuration is XML from somebody else (https://labelstud.io/tags): a document type is
refused, and with it every entity of its own, so that nothing is fetched and nothing grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat  # events only; entities are refused below

from ..errors import HTTPError

__all__ = ["Configuration", "ControlTag", "TextTag", "read_configuration"]

_MOST_CHARACTERS = 256 * 1024
_MOST_TAGS = 10_000
_DEEPEST = 64

_TEXT = "text"
_LABELS = frozenset({"choice", "label"})


@dataclass(frozen=True, slots=True)
class TextTag:
    """A text that a project shows."""

    name: str
    attributes: Mapping[str, str] = field(repr=False)

    @property
    def key(self) -> str | None:
        """The key of the text in a task's data; None where it is not there as it is."""
        value = self.attributes.get("value", "")
        stored = self.attributes.get("valueType", "text").lower() == "text"
        encoded = self.attributes.get("encoding", "none").lower() != "none"
        if not stored or encoded or not value.startswith("$") or value == "$":
            return None
        return value[1:]


@dataclass(frozen=True, slots=True)
class ControlTag:
    """A control: what a person can set, and for which tags."""

    kind: str
    """The tag's name in small letters: ``choices``, ``labels``, ``rating``, ``number``,
    ``textarea``."""
    name: str
    marks: tuple[str, ...]
    """The names of the tags that it marks."""
    attributes: Mapping[str, str] = field(repr=False)
    labels: dict[str, str] = field(default_factory=dict, repr=False)
    """What a person can choose, and what the project calls it in its results."""

    @property
    def is_open(self) -> bool:
        """What can be chosen is in the tasks' data, so nobody knows it before."""
        return self.attributes.get("value", "").startswith("$")

    @property
    def is_for_regions(self) -> bool:
        """It describes a part of a text that a person has marked before."""
        return self.attributes.get("perRegion", "").lower() == "true"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The parts of a labelling configuration that a model's answers need."""

    texts: Mapping[str, TextTag]
    """By name, in order."""
    controls: tuple[ControlTag, ...]


def read_configuration(source: str) -> Configuration:
    """Read a labelling configuration.

    Raises:
        HTTPError: 422, it is not well-formed XML, is too large, or has a document type.
    """
    if len(source) > _MOST_CHARACTERS:
        _refuse(f"it has more than {_MOST_CHARACTERS} characters")
    parser = expat.ParserCreate()
    reader = _Reader()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.declared
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        _refuse(f"it is not well-formed XML: {reason}, line {error.lineno}")
    return Configuration(reader.texts, tuple(reader.controls))


class _Reader:
    """What the parser calls. Names of tags are not case-sensitive, those of attributes are."""

    def __init__(self) -> None:
        self.texts: dict[str, TextTag] = {}
        self.controls: list[ControlTag] = []
        self._open: list[ControlTag | None] = []
        """The elements around, with the control that each is."""
        self._tags = 0

    def declared(self, *_: object) -> None:
        """A document type could declare entities."""
        _refuse("it has a document type (<!DOCTYPE …>); leave it out")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._tags += 1
        if self._tags > _MOST_TAGS or len(self._open) >= _DEEPEST:
            _refuse(f"it has more than {_MOST_TAGS} tags, or {_DEEPEST} inside each other")
        kind, name = tag.lower(), attributes.get("name", "")
        control: ControlTag | None = None
        if name and "toName" in attributes:
            marks = tuple(each.strip() for each in attributes["toName"].split(","))
            control = ControlTag(kind, name, marks, attributes)
            self.controls.append(control)
        elif name and kind == _TEXT:
            self.texts[name] = TextTag(name, attributes)
        elif kind in _LABELS:
            self._choice(attributes)
        self._open.append(control)

    def end(self, _: str) -> None:
        """An element ends."""
        self._open.pop()

    def _choice(self, attributes: Mapping[str, str]) -> None:
        around = next((each for each in reversed(self._open) if each is not None), None)
        value = attributes.get("value", "")
        if around is not None and value:
            alias = attributes.get("alias") or value
            around.labels[value] = around.labels[alias] = alias


def _refuse(what: str) -> NoReturn:
    raise HTTPError("validation", f"label_config: {what}")
