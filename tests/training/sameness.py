"""Whether two runs are the same, bit for bit, apart from times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["differing"]


def differing(one: Path, other: Path) -> list[str]:
    """What of two run directories is not the same; times and the place are not looked at."""
    names = {p.relative_to(d).as_posix() for d in (one, other) for p in d.rglob("*") if p.is_file()}
    names -= {"README.md", "record.json", "log.jsonl", "recipe.yaml", "report.html"}
    found = [name for name in sorted(names) if _bytes(one / name) != _bytes(other / name)]
    if _log(one) != _log(other):
        found.append("log.jsonl")
    return found


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _log(run: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]
