"""TMX 1.4: translation memories, whose units have a segment in each of several languages.

Two languages are read: those of ``data.languages``, else the only two that the file has, first that
of the header's ``srclang``. A language also stands for its regions, ``en`` for ``en-GB``. Inline
elements hold the codes of a format (``bpt``, ``ept``, ``it``, ``ph``, ``ut``) and are left out with
what is in them; what ``hi`` marks is text. Runs of spaces and line breaks are one space.
https://www.gala-global.org/tmx-14b
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.xml import End, Event, Start, Text, xml_events
from burnish.data.records import Item, Record, Skip
from burnish.errors import DataError
from burnish.plural import plural

__all__ = ["read_tmx", "tmx_notes"]

_XML_LANG = "http://www.w3.org/XML/1998/namespace lang"
_CODES = frozenset({"bpt", "ept", "it", "ph", "ut", "sub"})
"""``sub`` is text inside a code, such as a footnote, and not of the sentence around it."""
_SPACE = re.compile(r"[ \t\r\n]+")


@dataclass(slots=True)
class _Unit:
    """A ``tu``: one text in several languages."""

    number: int
    line: int
    fields: dict[str, str]
    """Its ``tuid`` and properties, by which rows can be grouped."""
    segments: list[tuple[str, str]] = field(default_factory=list)
    """Language and text, in order."""

    def of(self, language: str) -> list[str]:
        """Its segments in a language."""
        return [text for tag, text in self.segments if _is_in(tag, language)]


@dataclass(slots=True)
class _Reading:
    """Where in a file the reading is."""

    unit: _Unit | None = None
    count: int = 0
    srclang: str = ""
    language: str = ""
    """Of the ``tuv`` that is open."""
    prop: str | None = None
    """The type of the unit's ``prop`` that is open."""
    pieces: list[str] | None = None
    """The text of the ``seg`` or ``prop`` that is open."""
    codes: int = 0
    """Open elements inside a code, itself among them."""

    def take(self, event: Event) -> _Unit | None:
        """Read on; gives the unit that ends here."""
        if isinstance(event, Text):
            if self.pieces is not None and not self.codes:
                self.pieces.append(event.text)
        elif isinstance(event, Start):
            self._start(event)
        else:
            return self._end(event)
        return None

    def _start(self, event: Start) -> None:
        if self.codes or (self.pieces is not None and event.name in _CODES):
            self.codes += 1
        elif event.name == "header":
            self.srclang = event.attributes.get("srclang", "")
        elif event.name == "tu":
            self.count += 1
            tuid = event.attributes.get("tuid")
            fields = {} if tuid is None else {"tuid": tuid}
            self.unit = _Unit(self.count, event.line, fields)
        elif event.name == "tuv":
            # TMX before 1.4 has ``lang``.
            attributes = event.attributes
            self.language = attributes.get(_XML_LANG, attributes.get("lang", ""))
        elif event.name == "seg":
            self.pieces = []
        elif event.name == "prop" and self.unit is not None and not self.language:
            self.prop, self.pieces = event.attributes.get("type", ""), []

    def _end(self, event: End) -> _Unit | None:
        done = None
        if self.codes:
            self.codes -= 1
        elif self.unit is None:
            pass
        elif event.name == "seg" and self.pieces is not None:
            self.unit.segments.append((self.language, _spaced(self.pieces)))
            self.pieces = None
        elif event.name == "prop" and self.prop is not None:
            self.unit.fields.setdefault(self.prop, _spaced(self.pieces or []))
            self.prop = self.pieces = None
        elif event.name == "tuv":
            self.language = ""
        elif event.name == "tu":
            done, self.unit = self.unit, None
        return done


def read_tmx(path: Path, columns: Columns) -> Iterator[Item]:
    """The rows of a translation memory; a row's id is ``file name:number of the unit``.

    A unit without a segment in one of the languages is left out and counted. ``data.group: tuid``,
    or the type of a ``prop``, keeps units together.

    Raises:
        DataError: it is not well-formed XML or declares entities; no two languages are named and it
            does not have just two; or no unit has a segment in both.
    """
    source, target = columns.languages or _only_two(path)
    found: Counter[str] = Counter()
    pairs = 0
    for unit in _units(path):
        found.update({tag: 1 for tag, _ in unit.segments})
        texts = {language: unit.of(language) for language in (source, target)}
        missing = next((language for language, each in texts.items() if not each), None)
        if missing is not None:
            reason = f"the unit has no segment in {missing!r}"
            yield Skip(id=f"{path.name}:{unit.number}", reason=reason, place=f"line {unit.line}")
            continue
        pairs += 1
        pair = {columns.source: texts[source][0], columns.target: texts[target][0]}
        yield Record(
            path=path,
            line=unit.line,
            position=str(unit.number),
            fields={**unit.fields, **pair},
        )
    if found and not pairs:
        raise DataError(
            f"no unit has a segment in {source!r} and one in {target!r}; there are: "
            f"{_listed(found)}",
            _languages_hint(found),
            file=path,
        )


def tmx_notes(path: Path, columns: Columns) -> tuple[str, ...]:
    """How many units have a second segment in a language that is read.

    Raises:
        DataError: as :func:`read_tmx`.
    """
    languages = columns.languages or _only_two(path)
    several = sum(any(len(unit.of(code)) > 1 for code in languages) for unit in _units(path))
    note = plural(
        several, "# [unit has|units have] several segments in a language; the first is read"
    )
    return (note,) if several else ()


def _only_two(path: Path) -> tuple[str, str]:
    """The languages of a file, the source's first. Raises DataError: they are not just two."""
    reading = _Reading()
    found: Counter[str] = Counter()
    for event in xml_events(path):
        unit = reading.take(event)
        if unit is not None:
            found.update(tag for tag, _ in unit.segments)
    if len(found) != 2:
        raise DataError(
            f"has segments in {plural(len(found), '# [language|languages]')}, and two are read; "
            f"there are: {_listed(found)}",
            _languages_hint(found),
            file=path,
        )
    first, second = found
    return (second, first) if _is_in(second, reading.srclang) else (first, second)


def _units(path: Path) -> Iterator[_Unit]:
    reading = _Reading()
    for event in xml_events(path):
        unit = reading.take(event)
        if unit is not None:
            yield unit


def _is_in(tag: str, language: str) -> bool:
    """Whether a tag of BCP 47 is a language, or a region or script of it."""
    one, other = (each.lower().replace("_", "-") for each in (tag, language))
    return one == other or (bool(other) and one.startswith(f"{other}-"))


def _languages_hint(found: Counter[str]) -> str:
    """How to name the two commonest languages of a file."""
    named = [tag for tag, _ in found.most_common() if tag][:2]
    if len(named) < 2:
        return "give a file with segments in two languages, each in a <tuv> with its xml:lang"
    return f"name the source's and the target's: data.languages: [{', '.join(named)}]"


def _spaced(pieces: list[str]) -> str:
    return _SPACE.sub(" ", "".join(pieces)).strip()


def _listed(found: Counter[str]) -> str:
    return ", ".join(
        f"{tag or 'without a language'} ({n:,})" for tag, n in found.most_common()
    ) or ("none")
