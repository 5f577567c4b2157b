from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from burnish.service.access import AuditLog, Decision, chain


@pytest.fixture
def decide() -> Callable[..., Decision]:
    """Decisions that differ, as a server would make them."""
    numbers = itertools.count()

    def make(**values) -> Decision:
        number = next(numbers)
        usual: dict[str, Any] = {
            "request_id": f"request-{number}",
            "key_id": "k7m2x9qa",
            "route": "/classify",
            "model": "5f" * 32,
            "status": 200,
            "items": 1,
            "tokens": 17 + number,
            "ms": 3.25,
        }
        return Decision(**(usual | values))

    return make


@pytest.fixture
def written(tmp_path: Path, decide) -> Callable[[int], Path]:
    """Writes a log of so many decisions."""

    def write(decisions: int) -> Path:
        file = tmp_path / "audit.jsonl"
        with AuditLog(file) as log:
            assert all(log.append(decide()) for _ in range(decisions))
        return file

    return write


class Disk:
    """Takes the next so many bytes, and then none until there is room."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = sys.maxsize
        self._write = os.write
        monkeypatch.setattr(chain, "write_all", self.write_all)

    def write_all(self, descriptor: int, content: bytes) -> None:
        taken = content[: self.room]
        self._write(descriptor, taken)
        self.room -= len(taken)
        if len(taken) < len(content):
            raise OSError(28, "No space left on device")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"
