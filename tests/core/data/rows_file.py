"""Small rows files for the tests of the readers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

__all__ = ["write", "write_jsonl"]


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, text as UTF-8 with its line endings as they are."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def write_jsonl(path: Path, rows: Iterable[object]) -> Path:
    """Write one JSON value a line."""
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))
