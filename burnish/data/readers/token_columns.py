"""Token columns: which columns of a file with one token per line hold its words and its tags.

Their content decides, since corpora differ: in CoNLL-2003 the tag comes last, GermEval begins with
a number and ends with two tags, HIPE-2022 has a header and the tag in column 2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from burnish.data.columns import Columns
from burnish.data.tags import is_tag

__all__ = ["HEADER_WORDS", "TokenColumns", "UnclearColumnsError", "choose_columns"]

Cells = Sequence[str]

_WORD_NAMES = ("token", "tokens", "word", "words", "form", "wort")
_TAG_NAMES = ("tag", "tags", "ner", "ner_tag", "ner_tags", "ne", "label", "labels", "entity", "iob")
_FIRST_OF_SEVERAL = ("ne-coarse-lit",)
"""HIPE-2020 and HIPE-2022 name seven columns of tags; their coarse literal one is the usual one."""
HEADER_WORDS = frozenset(
    {*_WORD_NAMES, *_TAG_NAMES, *_FIRST_OF_SEVERAL, "pos", "lemma", "id", "chunk", "misc", "text"}
)
"""Names that tell a header from a row."""
_CHUNKS = frozenset(
    "ADJP ADVP CONJP INTJ LST NP PP PRT SBAR UCP VP".split()  # noqa: SIM905
)
"""Phrases of CoNLL-2000; their tags look like those of entities."""
_MOST_ARE_TAGS = 0.5
_NEARLY_AS_MANY = 0.8
_ENOUGH = 20
"""With fewer tokens, the first of two columns of words is taken without a question."""
_SHAPES = 3
_STEM = 3
_RELATED = 0.5
_KEPT_PAIRS = 2000


class UnclearColumnsError(ValueError):
    """More than one column may be meant, or none; ``hint`` says how to name it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """The columns that are read; numbers count from 0."""

    word: int
    tag: int
    width: int
    """Columns of most lines."""
    names: tuple[str, ...] = ()
    """Of the header, where there is one."""
    unused: tuple[str, ...] = ()
    """What is not read, for a person: ``column 1 (numbers)``."""
    sentence: int | None = None
    """A column that tells which sentence a line belongs to, by a new value where one begins."""

    def name(self, column: int) -> str:
        """What a person calls a column: its header's name, or its number from 1."""
        return _name(column, self.names)

    def note(self) -> str:
        """What is read and what is not; empty where every column is read."""
        if not self.unused:
            return ""
        return (
            f"words are read from {self.name(self.word)} and tags from {self.name(self.tag)}; "
            f"not read: {', '.join(self.unused)}"
        )


@dataclass(slots=True)
class _Seen:
    """What a column holds."""

    index: int
    values: Counter[str] = field(default_factory=Counter)
    varies: bool = False
    """Within a sentence."""

    @property
    def count(self) -> int:
        return self.values.total()

    @property
    def is_of_tags(self) -> bool:
        tags = sum(count for value, count in self.values.items() if is_tag(value))
        return tags > 0 and tags >= _MOST_ARE_TAGS * self.count

    @property
    def labels(self) -> list[str]:
        """Entity types, most frequent first."""
        found: Counter[str] = Counter()
        for value, count in self.values.items():
            if value != "O" and is_tag(value):
                found[value[2:]] += count
        return [label for label, _ in found.most_common()]

    @property
    def may_be_words(self) -> bool:
        """Whether it has letters, and neither numbers its lines nor repeats one value."""
        values = [value for value in self.values if value]
        if not any(any(map(str.isalpha, value)) for value in values):
            return False
        counts = all(re.search(r"\d", value) for value in values)
        shapes = {re.sub(r"\d+", "0", value) for value in values}
        return not (counts and len(shapes) <= _SHAPES)

    def describe(self) -> str:
        if self.is_of_tags:
            return f"tags: {', '.join(self.labels[:4]) or 'all O'}"
        if len(self.values) == 1:
            return "one value"
        if all(re.fullmatch(r"[\d.,-]+", value) for value in self.values):
            return "numbers"
        return "text" if self.varies else "one value per sentence"


def choose_columns(
    sentences: Iterable[Sequence[Cells]], columns: Columns, *, names: Sequence[str] = ()
) -> TokenColumns:
    """The columns of words and tags.

    Args:
        sentences: cells of each line of each sentence.
        columns: ``word_column`` and ``tag_column``, where they are said.
        names: of the header; empty where there is none.

    Raises:
        UnclearColumnsError: the columns that were named are not there, or it is not clear which
            are meant.
    """
    seen, pairs, width = _look(sentences)
    width = max(width, len(names))
    known = {name.casefold(): index for index, name in reversed([*enumerate(names)])}
    tag = _named(columns.tag_column, "tag", names, width)
    if tag is None:
        tag = _tag_column(seen, known, names, width)
    sentence = next((known[n] for n in known if n.startswith("sent") and known[n] != tag), None)
    word = _named(columns.word_column, "word", names, width)
    if word is None:
        others = [each for each in seen if each.index not in (tag, sentence)]
        word = _word_column(others, pairs, known, names, tag=tag)
    sentence = None if sentence == word else sentence
    unused = tuple(
        f"{_name(each.index, names)} ({each.describe()})"
        for each in seen
        if each.index not in (word, tag, sentence)
    )
    return TokenColumns(word, tag, width, tuple(names), unused, sentence)


def _look(sentences: Iterable[Sequence[Cells]]) -> tuple[list[_Seen], list[Cells], int]:
    """What each column of the usual width holds, some lines, and that width."""
    widths: Counter[int] = Counter()
    seen: list[_Seen] = []
    lines: list[Cells] = []
    for sentence in sentences:
        for cells in sentence:
            widths[len(cells)] += 1
            seen += [_Seen(index) for index in range(len(seen), len(cells))]
            for each, cell, first in zip(seen, cells, sentence[0], strict=False):
                each.values[cell] += 1
                each.varies |= cell != first
        if len(lines) < _KEPT_PAIRS:
            lines += sentence
    usual = Counter({each: count for each, count in widths.items() if each > 1}) or widths
    width = usual.most_common(1)[0][0] if usual else 0
    return seen[:width], lines, width


def _tag_column(
    seen: Sequence[_Seen], known: dict[str, int], names: Sequence[str], width: int
) -> int:
    for name in _FIRST_OF_SEVERAL:
        if name in known:
            return known[name]
    of_tags = [each for each in seen if each.is_of_tags]
    labelled = [each for each in of_tags if each.labels]
    entities = [each for each in labelled if not _CHUNKS.issuperset(each.labels)] or labelled
    if len(entities) <= 1:
        found = [*entities, *reversed(of_tags)]
        return found[0].index if found else max(1, width - 1)
    raise _unclear(f"{len(entities)} columns hold tags", "tag", entities, names)


def _word_column(
    seen: Sequence[_Seen],
    lines: Sequence[Cells],
    known: dict[str, int],
    names: Sequence[str],
    *,
    tag: int,
) -> int:
    named = [known[name] for name in _WORD_NAMES if name in known and known[name] != tag]
    if named:
        return named[0]
    others = [each for each in seen if not each.is_of_tags]
    if len(others) <= 1:
        return others[0].index if others else int(tag == 0)
    varied = [each for each in others if each.varies and len(each.values) > 1] or others
    able = [each for each in varied if each.may_be_words]
    if not able:
        raise _unclear("no column looks like words", "word", others, names)
    most = max(len(each.values) for each in able)
    rich = [each for each in able if len(each.values) >= _NEARLY_AS_MANY * most]
    first = rich[0]
    strange = [each for each in rich[1:] if not _are_related(lines, first.index, each.index)]
    if strange and first.count >= _ENOUGH:
        raise _unclear(
            "more than one column may hold the words",
            "word",
            [first, *strange],
            names,
            say=lambda each: f"{len(each.values)} words",
        )
    return first.index


def _are_related(lines: Sequence[Cells], one: int, other: int) -> bool:
    """Whether a column is made from another, as lemmas are from words."""
    pairs = [
        (cells[one].casefold(), cells[other].casefold())
        for cells in lines
        if len(cells) > max(one, other)
    ]
    alike = sum(a[:_STEM] == b[:_STEM] for a, b in pairs)
    return alike >= _RELATED * len(pairs)


def _named(given: str | None, what: str, names: Sequence[str], width: int) -> int | None:
    """The column that was said, by its name or its number from 1."""
    if given is None:
        return None
    if given in names:
        return list(names).index(given)
    if given.isdecimal() and 1 <= int(given) <= width:
        return int(given) - 1
    there = ", ".join(repr(name) for name in names) or f"columns 1 to {width}"
    raise UnclearColumnsError(
        f"there is no {what} column {given!r}; there are: {there}",
        f"name one of them: data.{what}_column",
    )


def _unclear(
    message: str,
    what: str,
    seen: Sequence[_Seen],
    names: Sequence[str],
    *,
    say: Callable[[_Seen], str] = _Seen.describe,
) -> UnclearColumnsError:
    listed = " and ".join(f"{_name(each.index, names)} ({say(each)})" for each in seen)
    options = " or ".join(f"data.{what}_column: {_option(each.index, names)}" for each in seen)
    return UnclearColumnsError(f"{message}: {listed}", f"choose one: {options}")


def _name(column: int, names: Sequence[str]) -> str:
    return f"{names[column]!r}" if column < len(names) else f"column {column + 1}"


def _option(column: int, names: Sequence[str]) -> str:
    """The column as ``data.word_column`` and ``data.tag_column`` take it."""
    name = names[column] if column < len(names) else ""
    return name if name and " " not in name else str(column + 1)
