"""Offsets over hostile Unicode, asked over HTTP in lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import regex
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qualification.bench import Bench
from qualification.rows import Measurement, Row
from qualification.servers import Served

__all__ = ["ROWS"]

_GRAPHEME = regex.compile(r"\X")
_WORDS = ("paris", "Berlin", "ANNA", "café", "cafe\u0301", "seven", "the", "is", "week")
_PIECES = (
    "\u0301", "\u0308\u0301", "\u0e33", "\u0e48", "\u0903", "\u20dd", "\u200d", "\u200c", "\ufe0f",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1eb\U0001f1f7",
    "\U0001f1eb", "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3", "\u1100\u1161\u11a8", "\u1112\u1161",
    "\u0915\u094d\u0937\u093f", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u200b", "\x00", "\x07",
    "\x1b[31m", "\r\n", "\u2028", "\x85", "\u0130", "\u00df", "\ufb03", "\u0149", "\u1e9e",
    "\U00010400", "\U000e0041", "\ufdfa", "\U0001d11e", "\ufffe", "\u3000", "\u0600", "\u0d4e",
    "文", "字", " ", " ", "\t", ".", "-", "'",
)  # fmt: skip
_TEXT = st.lists(
    st.one_of(
        st.sampled_from(_WORDS),
        st.sampled_from(_PIECES),
        st.characters(categories=None, exclude_categories=["Cs"]),
        st.text(st.characters(categories=None, exclude_categories=["Cs"]), max_size=4),
    ),
    min_size=1,
    max_size=12,
).map("".join)
STRINGS = st.lists(_TEXT.filter(lambda text: bool(text.strip())), min_size=48, max_size=64)


@dataclass(slots=True)
class Tally:
    """What was asked and what was wrong."""

    strings: int = 0
    offsets: int = 0
    wrong: int = 0
    split: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def look(self, text: str, piece: str, start: int, end: int) -> None:
        """Count one answer of a text."""
        self.offsets += 1
        borders = {match.start() for match in _GRAPHEME.finditer(text)} | {len(text)}
        if not 0 <= start < end <= len(text) or text[start:end] != piece:
            self.wrong += 1
        elif start not in borders or end not in borders:
            self.split += 1


def measure_offsets(bench: Bench) -> Measurement:
    """Entities and answers of strings that hypothesis makes: their offsets, against the text."""
    wanted = bench.pick(20_000, 600, control=2_000)
    tally = Tally()
    with bench.serving(bench.tiny()) as served:

        @settings(
            max_examples=wanted // 24,
            phases=[Phase.generate],
            database=None,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(STRINGS)
        def ask(texts: list[str]) -> None:
            if tally.strings < wanted:
                _ask(served, texts, tally)

        ask()
    return _figures(tally, wanted)


def _ask(served: Served, texts: list[str], tally: Tally) -> None:
    questions = [{"question": "is it seven", "context": text} for text in texts]
    for path, inputs, place in (("/extract", texts, "entity"), ("/answer", questions, "answer")):
        reply = served.ask("POST", path, {"inputs": inputs})
        tally.statuses[reply.status] = tally.statuses.get(reply.status, 0) + 1
        if reply.status == 200:
            for text, found in zip(texts, json.loads(reply.content), strict=True):
                for piece, start, end in _stretches(found, place):
                    tally.look(text, piece, start, end)
    tally.strings += len(texts)


def _stretches(found: Any, place: str) -> Iterator[tuple[str, int, int]]:
    if place == "entity" and isinstance(found, list):
        yield from ((e["word"], e["start"], e["end"]) for e in found)
    elif place == "answer" and found.get("answer"):
        yield found["answer"], found["start"], found["end"]


def _figures(tally: Tally, wanted: int) -> Measurement:
    figure = (
        f"{tally.strings:,} strings, {tally.offsets:,} offsets: {tally.wrong} wrong, "
        f"{tally.split} split a grapheme"
    )
    answered = set(tally.statuses) == {200}
    enough = tally.strings >= wanted and tally.offsets >= wanted // 4
    passed = answered and enough and not tally.wrong and not tally.split
    return Measurement(figure, passed, {"statuses": tally.statuses})


ROWS = (
    Row(
        name="offsets",
        test="offsets over hostile Unicode",
        anchor="one NUL string",
        bar=">= 20,000 strings, 0 wrong, no split grapheme",
        measure=measure_offsets,
        guards=("split-graphemes",),
        timed=False,
    ),
)
