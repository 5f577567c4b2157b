"""Mutations: what happens to files on their way: bytes, lines, encodings, and values of JSON."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable
from typing import Any

__all__ = ["MUTATIONS", "mutated"]

Mutation = Callable[[bytes, random.Random], bytes]

_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1.5, float("nan"), float("inf"), "", " ", "\x00", "\ud800", "\u2028",
    "=1+1", "a" * 5000, [], [[]], [None], [1, 2, "X"], {}, {"a": {}}, {"start": 0}, "B-", "7", 7.0,
    False, "nan", "None", "['a', 'b']", "CafÃ©", " a ", "a\x07b", "\u200b", "file:///a.txt", "O",
    1e400, ["a", 1], {"text": ["a"], "answer_start": ["0"]}, -(10**20), "\ufeff", "\U0010ffff",
    "\udc80x",
)  # fmt: skip
_BYTES = (b"\x00", b"\xff", b"\r", b"\n", b'"', b"\t", b",", b";", b"{", b"]", b"\xef\xbb\xbf",
          b"\xc3", b"\\", b"\\ud83d", b"#", b"=", b"'", b"\xe2\x80\xa8", b"B-", b"O")  # fmt: skip


def mutated(content: bytes, rng: random.Random) -> bytes:
    """The content after one to three mutations."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        content = rng.choice(MUTATIONS)(content, rng)
    return content


def _place(content: bytes, rng: random.Random) -> int:
    return rng.randrange(len(content) + 1)


def _insert(content: bytes, rng: random.Random) -> bytes:
    at = _place(content, rng)
    return content[:at] + rng.choice(_BYTES) + content[at:]


def _delete(content: bytes, rng: random.Random) -> bytes:
    at = _place(content, rng)
    return content[:at] + content[at + rng.randrange(1, 9) :]


def _flip(content: bytes, rng: random.Random) -> bytes:
    at = _place(content, rng)
    return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: _place(content, rng)]


def _lines(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    what = rng.randrange(4)
    if what == 0:
        rng.shuffle(lines)
    elif what == 1:
        lines += rng.choices(lines, k=2) if lines else []
    elif what == 2 and lines:
        del lines[rng.randrange(len(lines))]
    else:
        lines.insert(
            rng.randrange(len(lines) + 1), rng.choice((b"\n", b" \n", b"\t\n", b"x y z\n"))
        )
    return b"".join(lines)


def _endings(content: bytes, rng: random.Random) -> bytes:
    return content.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\n\r")))


def _encoding(content: bytes, rng: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252",
                                   "utf-8-sig", "cp437")), "replace")  # fmt: skip


def _pack(content: bytes, rng: random.Random) -> bytes:
    return rng.choice((gzip.compress(content), b"PK\x03\x04" + content, b"PAR1" + content,
                       b"\x78\x9c" + content, b"<?xml?>" + content))  # fmt: skip


def _line_of_another_encoding(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    text = lines[at].decode("utf-8", "replace")
    lines[at] = rng.choice((
        lambda: text.encode("cp1250", "replace"),
        lambda: text.encode().decode("cp1252", "replace").encode(),
        lambda: text.encode("utf-16"),
    ))()  # fmt: skip
    return b"".join(lines)


def _few(content: bytes, rng: random.Random) -> bytes:
    """Nothing, next to nothing, or the header alone."""
    first = content.split(b"\n")[0]
    return rng.choice((b"", b"\n", b" ", b"\xef\xbb\xbf", b"[]", b"{}", b"[{}]", b"null", b'"a"',
                       b"7", b"\x00", first, first + b"\n", content + content))  # fmt: skip


def _deep(content: bytes, rng: random.Random) -> bytes:
    """A value that no parser likes, in place of a number or a string."""
    values = list(re.finditer(rb'(?<=[:\[,] )(?:-?\d+|"[^"\\]*")', content))
    new = rng.choice((b"[" * 9000 + b"]" * 9000, b'{"a":' * 3000 + b"1" + b"}" * 3000, b"9" * 5000,
                      b"1e999", b"-Infinity", b"NaN", b"0x1", b"-0", b"1E5", b"'a'", b"True",
                      b'"\\ud83d"', b'"\\u0000"', b'{"a": 1, "a": 2}'))  # fmt: skip
    if not values:
        return _insert(content, rng)
    found = rng.choice(values)
    return content[: found.start()] + new + content[found.end() :]


def _shifted(content: bytes, rng: random.Random) -> bytes:
    """Every offset counts from elsewhere."""
    by = rng.choice((-1, 1, 2))
    name = rng.choice((rb"(?:answer_)?start(?:_offset)?|end(?:_offset)?", rb"end(?:_offset)?"))
    return re.sub(
        rb'("(?:' + name + rb')": )(\d+)', lambda m: m[1] + str(int(m[2]) + by).encode(), content
    )


def _cells(content: bytes, rng: random.Random) -> bytes:
    """A word, cell or field elsewhere: one is emptied, doubled, or changes its place."""
    parts = re.split(rb"([\t ,;|\n]+)", content)
    one, other = (rng.randrange(0, len(parts), 2) for _ in range(2))
    what = rng.randrange(4)
    if what == 0:
        parts[one] = b""
    elif what == 1:
        parts[one], parts[other] = parts[other], parts[one]
    elif what == 2:
        parts[one] += rng.choice((b" ", b"\t", b",", b"")) + parts[other]
    else:
        parts[one] = rng.choice((b"O", b"B-", b"I-PER", b"I-X", b"E-PER", b"nan", b"None", b"#N/A",
                                 b"1.0", b"-DOCSTART-", b"#", b"# newdoc", b"per", b"=cmd()",
                                 b"http://a.de/b", b"sep=;", b"_"))  # fmt: skip
    return b"".join(parts)


def _values(content: bytes, rng: random.Random) -> bytes:
    """One value of a JSON document, or of one of its lines, is another."""
    try:
        lines = [json.loads(content)]
    except (ValueError, RecursionError):
        try:
            lines = [json.loads(line) for line in content.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return _insert(content, rng)
    if not lines:
        return content
    at = rng.randrange(len(lines))
    lines[at] = _changed(lines[at], rng)
    return "\n".join(json.dumps(line) for line in lines).encode()


def _changed(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        what = rng.randrange(6)
        if what == 0:
            return {name: each for name, each in value.items() if name != key}
        if what == 1:
            return {**value, rng.choice(("entities", "label", "labels", "text", "tokens", "answers",
                                         "annotations", "x")): rng.choice(_VALUES)}  # fmt: skip
        return {**value, key: _changed(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value[:at] + value[at + 1 :]
        return [*value[:at], _changed(value[at], rng), *value[at + 1 :]]
    if isinstance(value, int) and rng.random() < 0.5:
        return value + rng.choice((-1, 1, 2, 100))
    return rng.choice(_VALUES)


MUTATIONS: tuple[Mutation, ...] = (
    _insert, _delete, _flip, _cut, _lines, _lines, _endings, _encoding, _pack, _few, _deep,
    _shifted, _line_of_another_encoding, _cells, _cells, _values, _values, _values, _values,
)  # fmt: skip
