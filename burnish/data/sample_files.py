"""Sample files: rows written for burnish, inside the package, so that a demo needs no network."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from burnish.errors import DataError

__all__ = ["SAMPLES", "sample_path"]

SAMPLES = {
    "tickets": "tickets.csv",
    "notices": "notices.jsonl",
    "handbook": "handbook.jsonl",
    "decisions": "decisions.jsonl",
}
"""Name to file: tickets (classification), notices (extraction), handbook (qa), decisions (documents
with their key sentences)."""


def sample_path(name: str) -> Path:
    """Where a sample's file lies.

    Raises:
        DataError: there is no sample of that name.
    """
    if name not in SAMPLES:
        raise DataError(f"there is no sample {name!r}", f"one of: {', '.join(sorted(SAMPLES))}")
    return Path(str(files("burnish.data") / "samples" / SAMPLES[name]))
