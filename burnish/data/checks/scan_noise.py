"""Noise of scanned texts: rows that optical character recognition has left hard to read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Subject

__all__ = ["find_scan_noise"]

_FEWEST = 8
_SHARE = 0.25
_LETTER = r"[^\W\d_]"
_SMALL = "[a-z\u00df-\u00ff]"
_ODD = re.compile(rf"{_SMALL}[0-9|!§$€£¢¥»«°^~]+{_SMALL}|[\ufb00-\ufb06]|^[|¦■□▪¬~^\\{{}}]+$")
"""A digit or a sign between small letters (w0rd), a ligature, signs that no text has alone."""
_PLAIN = re.compile(r"https?:|www\.|[@#&/_]")
_LONE = re.compile(rf"^{_LETTER}$")
_LONE_RUN = 5


def find_scan_noise(subject: Subject) -> Iterator[Finding]:
    """Rows in which a quarter of the words looks misread, in any language with spaces."""
    places = []
    for entry, name, text in subject.texts():
        words = text.split()
        if len(words) < _FEWEST:
            continue
        share = _noisy(words) / len(words)
        if share >= _SHARE:
            of = "" if name == "text" else f"{name}, "
            places.append(entry.place.with_detail(f"{of}{100 * share:.0f} % of the words"))
    yield from found_at(
        places,
        kind="ocr-noise",
        severity="note",
        message="# [text looks|texts look] like a misread scan",
        fix="scan or recognise them again, or keep them if the model will read such texts",
    )


def _noisy(words: list[str]) -> int:
    """How many look misread: signs or digits between letters, runs of five lone letters or more."""
    odd = run = 0
    for word in words:
        run = run + 1 if _LONE.match(word) else 0
        if run >= _LONE_RUN:
            odd += _LONE_RUN if run == _LONE_RUN else 1
        elif _ODD.search(word) and not _PLAIN.search(word):
            odd += 1
    return odd
