"""Runs whose models write."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.export.generation.written_runs import written_run

MakeRun = Callable[..., Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """A run; the same one for the same arguments."""

    @cache
    def make(method: str = "full", **options: Any) -> Path:
        return written_run(tmp_path_factory.mktemp("written") / "r", method=method, **options)

    return make
