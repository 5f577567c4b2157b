"""A tiny base model that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tiny import tiny_base


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("whole") / "base")


@pytest.fixture
def model(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "base"))
