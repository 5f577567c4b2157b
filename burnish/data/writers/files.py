"""Files that are written as the rows come, and have their name only once they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from burnish.directory import sync

__all__ = ["staged_text"]


@contextmanager
def staged_text(path: Path) -> Iterator[TextIO]:
    r"""Yield a stream of UTF-8 (``\n`` is written as it is) whose file is ``path`` at the end.

    When the block raises, ``path`` stands as it did.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.partial")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        sync(fresh)
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync(path.parent)
