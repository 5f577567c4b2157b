"""Standard error, kept for our own lines: what native libraries print there is withheld.

A panic of the tokenizer prints a trace, and a message that may quote the text at which it
happened. Nothing in Python can stop it, so the descriptor leads into a pipe while a server runs;
where it happened is logged, and how much was withheld.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["withheld_native_output"]

logger = logging.getLogger("burnish.service")

_STDERR = 2
_CHUNK_BYTES = 65_536
"""The capacity of a pipe on Linux (pipe(7))."""
_SETTLE_S = 0.2
"""Chosen: a trace comes in many writes, close together."""
_PANIC = re.compile(rb"panicked at ([\w./+-]{1,200}:\d+:\d+)")


@contextmanager
def withheld_native_output() -> Iterator[None]:
    """While the block runs, Python alone writes to standard error."""
    if not _is_ours():
        yield
        return
    kept = os.dup(_STDERR)
    reading, writing = os.pipe()
    # Whoever prints may hold the interpreter: it must not wait for our thread to make room.
    os.set_blocking(writing, False)
    before = sys.stderr
    before.flush()
    os.dup2(writing, _STDERR)
    os.close(writing)
    reader = threading.Thread(target=_report, args=(reading,), name="native-output", daemon=True)
    try:
        with open(kept, "w", buffering=1, encoding="utf-8", errors="backslashreplace") as own:
            sys.stderr = own
            reader.start()
            try:
                yield
            finally:
                own.flush()
                os.dup2(kept, _STDERR)  # and with it goes the last end to write to
                reader.join(1.0)
                sys.stderr = before
    finally:
        sys.stderr = before


def _is_ours() -> bool:
    """Whether Python writes to that descriptor; one that was closed may be anything by now."""
    try:
        return sys.stderr is not None and sys.stderr.fileno() == _STDERR
    except (OSError, ValueError):  # replaced by something without a descriptor
        return False


def _report(reading: int) -> None:
    stop = threading.Event()
    with open(reading, "rb", buffering=0) as pipe:
        while part := pipe.read(_CHUNK_BYTES):
            stop.wait(_SETTLE_S)
            os.set_blocking(reading, False)
            while more := pipe.read(_CHUNK_BYTES):
                part += more
            os.set_blocking(reading, True)
            place = _PANIC.search(part)
            where = f" (a panic at {place[1].decode('ascii')})" if place else ""
            logger.warning(
                "a library printed %d bytes%s, which are withheld: they may quote a text",
                len(part),
                where,
            )
