"""XML as a stream of events, read so that a file can neither fetch another nor grow in memory.

A document that declares an entity is refused whole, and an external DTD is never read: without
entities of its own a document is about as large in memory as on the disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat  # events only; entities are refused below

from burnish.data.source import open_source
from burnish.errors import DataError

__all__ = ["End", "Event", "Start", "Text", "xml_events"]

_CHUNK_BYTES = 1 << 18
_MOST_BYTES = 256 << 20
_DEEPEST = 500
_NAMESPACE = " "


@dataclass(frozen=True, slots=True)
class Start:
    """An element begins."""

    namespace: str
    name: str
    """Without its prefix."""
    attributes: Mapping[str, str]
    """By name, as ``namespace name`` where it has one."""
    line: int


@dataclass(frozen=True, slots=True)
class End:
    """An element ends."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text; what stands between two tags may come in several."""

    text: str


Event = Start | End | Text


@dataclass(slots=True)
class _Collector:
    """What the parser has called since it was last emptied."""

    path: Path
    parser: expat.XMLParserType
    events: list[Event] = field(default_factory=list)
    depth: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error(f"nests more than {_DEEPEST} elements", "flatten the document")
        namespace, _, local = name.rpartition(_NAMESPACE)
        line = self.parser.CurrentLineNumber
        self.events.append(Start(namespace, local, attributes, line))

    def end(self, name: str) -> None:
        self.depth -= 1
        self.events.append(End(name.rpartition(_NAMESPACE)[2]))

    def text(self, text: str) -> None:
        self.events.append(Text(text))

    def declared(self, name: str, *_: object) -> None:
        raise self.error(
            f"declares the entity {name!r}, which burnish does not expand",
            "write the document without entities of its own: "
            "xmllint --noent --dropdtd FILE > plain.xml",
        )

    def skipped(self, name: str, _: bool) -> None:
        raise self.error(
            f"uses the entity &{name};, which it does not declare",
            "write the character itself, or its number (&#160;)",
        )

    def error(self, message: str, hint: str) -> DataError:
        return DataError(message, hint, file=self.path, line=self.parser.CurrentLineNumber)


def xml_events(path: Path) -> Iterator[Event]:
    """A file's elements and texts, in order.

    Raises:
        DataError: it is not well-formed, declares or uses an entity, is larger than 256 MiB, or
            nests too deeply; names the line.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise DataError(
            f"has more than {_MOST_BYTES >> 20} MiB, too much for one document",
            "give each document a file of its own",
            file=path,
        )
    parser = expat.ParserCreate(namespace_separator=_NAMESPACE)
    seen = _Collector(path, parser)
    parser.buffer_text = True
    parser.StartElementHandler = seen.start
    parser.EndElementHandler = seen.end
    parser.CharacterDataHandler = seen.text
    parser.EntityDeclHandler = seen.declared
    parser.SkippedEntityHandler = seen.skipped
    with open_source(path) as stream:
        while True:
            chunk = stream.read(_CHUNK_BYTES)
            _parse(path, parser, chunk)
            yield from seen.events
            seen.events.clear()
            if not chunk:
                return


def _parse(path: Path, parser: expat.XMLParserType, chunk: bytes) -> None:
    try:
        parser.Parse(chunk, not chunk)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code) if error.code else str(error)
        raise DataError(
            f"is not well-formed XML: {reason} at column {error.offset + 1}",
            "xmllint --noout FILE names the place",
            file=path,
            line=error.lineno,
        ) from error
    except (LookupError, UnicodeDecodeError, ValueError) as error:
        raise DataError(
            f"has an encoding that cannot be read: {error}", "save it as UTF-8", file=path
        ) from error
