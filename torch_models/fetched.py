"""The manifest of a model that was fetched from a hub: where it comes from, and its digests."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from burnish.digest import file_sha256
from burnish.errors import BaseModelError
from burnish.torch_models.base_files import read_json

__all__ = ["FETCHED", "Fetched", "check_fetched", "write_fetched"]

FETCHED = "fetched.json"
"""The manifest's name in the model's directory."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched."""

    id: str
    """The hub's id."""
    revision: str
    """The hub's commit."""
    hub: str
    """Address of the hub."""
    license: str | None
    """As the hub's page says; None: it does not."""
    files: dict[str, str]
    """SHA-256 by name."""


def write_fetched(directory: Path, fetched: Fetched) -> None:
    """Write the manifest."""
    text = json.dumps(asdict(fetched), indent=1, ensure_ascii=False)
    (directory / FETCHED).write_text(text + "\n", encoding="utf-8")


def check_fetched(directory: Path, *, name: str) -> None:
    """Compare a fetched model's files with its manifest; a directory without one is left alone.

    Raises:
        BaseModelError: names the first file that is missing or not the one that was fetched.
    """
    if not (directory / FETCHED).exists():
        return
    files: Any = read_json(directory / FETCHED, name=name).get("files")
    for file, digest in (files if isinstance(files, dict) else {}).items():
        path = directory / str(file)
        if not path.is_file():
            raise BaseModelError(f"{name}: {file} is missing", _AGAIN)
        if file_sha256(path) != digest:
            raise BaseModelError(
                f"{name}: {file} is not the file that was fetched: its SHA-256 is not the one in "
                f"{FETCHED}",
                f"{_AGAIN}; or remove {FETCHED} if you changed the model yourself",
            )


_AGAIN = "copy the directory again, or fetch it again: burnish models fetch HUB_ID -o DIR"
