"""TEI P5 XML: the paragraphs of a document's body, with the names in them as entities.

Each paragraph, heading, group of verses, list item, cell and note is a row. ``persName``,
``placeName``, ``orgName`` and their like are labels; ``rs`` and ``name`` have theirs in ``@type``.
Of nested names the outermost is read. White space is one space, unless ``xml:space="preserve"``
keeps it. A line or page that begins (``lb``, ``pb``) is white space too; with ``break="no"`` the
word goes on, and the hyphen before it is left out. Of two readings the one in the source is read
(``sic``, ``orig``, ``abbr``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.tei_block import Block, Name
from burnish.data.readers.xml import End, Start, xml_events
from burnish.data.records import Item, Record
from burnish.plural import plural

__all__ = ["NAME_ELEMENTS", "read_tei", "tei_notes"]

NAME_ELEMENTS = frozenset(
    {"persName", "placeName", "orgName", "geogName", "objectName", "eventName"}
)
"""Elements whose name is the label."""
_TYPED = frozenset({"rs", "name"})
"""Elements whose label is their type."""
_BLOCKS = frozenset(
    {
        *("p", "ab", "head", "lg", "item", "cell", "note", "byline", "opener", "closer"),
        *("dateline", "salute", "signed", "trailer", "epigraph", "speaker", "stage", "argument"),
        *("postscript", "titlePart", "docAuthor", "docDate", "docImprint"),
    }
)
_CONTAINERS = frozenset(
    {
        *("body", "div", "div1", "div2", "div3", "div4", "div5", "div6", "div7", "sp", "list"),
        *("table", "row", "quote", "q", "said", "u", "floatingText", "figure", "cit"),
    }
)
"""Their own text, outside a block, is a block."""
_UNREAD = frozenset({"fw", "del", "figDesc", "rdg", "surplus", "teiHeader"})
"""Running heads, what was deleted, and readings of other sources."""
_SECOND = frozenset({"reg", "corr", "expan", "ex"})
"""In a ``choice``: what an editor makes of the source."""
_BREAKS = frozenset({"lb", "pb", "cb", "gb", "milestone", "space"})
_XML = "http://www.w3.org/XML/1998/namespace "


@dataclass(slots=True)
class _Open:
    """An element that is open."""

    element: str
    keeps_space: bool
    block: Block | None = None
    """The block that ends with it."""
    name: Name | None = None
    home: Block | None = None
    """The block that the name is in."""


@dataclass(slots=True)
class _Reading:
    """Where in a file the reading is."""

    opened: list[_Open] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    """Those that are open."""
    done: list[Block] = field(default_factory=list)
    unread: int = 0
    """Elements inside one that is not read, itself among them."""
    documents: int = 0
    count: int = 0

    @property
    def in_body(self) -> bool:
        return any(each.element == "body" for each in self.opened)

    def start(self, event: Start) -> None:
        parent = self.opened[-1] if self.opened else None
        is_second = parent is not None and parent.element == "choice" and event.name in _SECOND
        if self.unread or event.name in _UNREAD or is_second:
            self.unread += 1
            return
        self.documents += event.name == "TEI"
        keeps = parent is not None and parent.keeps_space
        space = event.attributes.get(f"{_XML}space")
        opened = _Open(event.name, keeps if space is None else space == "preserve")
        self.opened.append(opened)
        if self.in_body:
            self._start_inside(event, opened)

    def _start_inside(self, event: Start, opened: _Open) -> None:
        label = _label(event)
        if event.name in _BLOCKS or (event.name == "l" and not self.blocks):
            opened.block = self._begin(event)
        elif event.name in _BREAKS and self.blocks:
            if event.attributes.get("break") == "no":
                self.blocks[-1].join()
            else:
                self.blocks[-1].break_off()
        elif label:
            home = self.blocks[-1] if self.blocks else self._begin_loose(event)
            opened.name, opened.home = Name(label), home
            home.names.append(opened.name)

    def _begin(self, event: Start) -> Block:
        if self.blocks and event.name != "note":  # a footnote may stand before a comma
            self.blocks[-1].break_off()
        self.count += 1
        identifier = event.attributes.get(f"{_XML}id", event.attributes.get("n", ""))
        block = Block(event.name, self.count, event.line, identifier, self.documents)
        self.blocks.append(block)
        return block

    def _begin_loose(self, event: Start) -> Block:
        """A block of text that is in none; it ends with the container that it is in."""
        block = self._begin(event)
        owner = next(each for each in reversed(self.opened) if each.element in _CONTAINERS)
        owner.block = block
        return block

    def text(self, text: str, line: int) -> None:
        if self.unread or not self.in_body:
            return
        opened = self.opened[-1]
        if not self.blocks:
            if not text.strip():
                return
            self._begin_loose(Start("", opened.element, {}, line))
        self.blocks[-1].add(text, keep_space=opened.keeps_space)

    def end(self) -> None:
        if self.unread:
            self.unread -= 1
            return
        opened = self.opened.pop()
        if opened.name is not None and opened.home is not None:
            opened.home.close(opened.name)
        if opened.element == "l" and self.blocks:
            self.blocks[-1].break_off("\n")
        if opened.block is not None:
            self.blocks.remove(opened.block)
            self.done.append(opened.block)

    def finished(self) -> list[Block]:
        """Blocks that are whole, in the order in which they began."""
        if self.blocks or not self.done:
            return []
        found = sorted(self.done, key=lambda block: block.number)
        self.done.clear()
        return [block for block in found if block.length]


def read_tei(path: Path, columns: Columns) -> Iterator[Item]:
    """The document's rows, in order. ``data.group: document`` keeps a corpus's documents apart.

    Raises:
        DataError: it is not well-formed XML, or declares entities.
    """
    for block in _blocks(path):
        yield Record(
            path=path,
            line=block.line,
            position=str(block.number),
            fields={
                columns.text: block.text,
                columns.entities: block.entities,
                "document": block.document,
                "element": block.element,
                "identifier": block.identifier,
            },
        )


def tei_notes(path: Path, _: Columns) -> tuple[str, ...]:
    """How many names are not read, as they are inside others.

    Raises:
        DataError: as :func:`read_tei`.
    """
    nested = sum(block.nested for block in _blocks(path))
    note = plural(nested, "# [name|names] inside [another|others] [is|are] not read")
    return (note,) if nested else ()


def _blocks(path: Path) -> Iterator[Block]:
    reading = _Reading()
    line = 1
    for event in xml_events(path):
        if isinstance(event, Start):
            line = event.line
            reading.start(event)
        elif isinstance(event, End):
            reading.end()
            yield from reading.finished()
        else:
            reading.text(event.text, line)


def _label(event: Start) -> str:
    if event.name in _TYPED:
        return event.attributes.get("type") or event.name
    return event.name if event.name in NAME_ELEMENTS else ""
