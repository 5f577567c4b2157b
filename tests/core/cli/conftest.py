from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from burnish.cli import main
from tests.tiny_onnx import tiny_bundle


@dataclass(frozen=True)
class Done:
    """What a command line left."""

    code: int
    out: str
    notes: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Runs command lines in this process."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured

    def __call__(self, *words: object) -> Done:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:  # argparse
            code = end.code if isinstance(end.code, int) else 1
        out, notes = self._captured.readouterr()
        return Done(code, out, notes)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny bundle of each task."""
    folder = tmp_path_factory.mktemp("bundles")
    tiny_bundle(folder / "classification", "classification")
    tiny_bundle(folder / "extraction", "extraction")
    tiny_bundle(folder / "qa", "qa")
    tiny_bundle(folder / "pairs", "pairs")
    tiny_bundle(folder / "regression", "regression")
    tiny_bundle(folder / "summary", "summary")
    tiny_bundle(folder / "taxonomy", "taxonomy")
    tiny_bundle(folder / "translation", "translation")
    return {path.name: path for path in folder.iterdir()}


class FakeScreen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


__all__: Sequence[str] = ["Done", "FakeScreen", "Shell"]
