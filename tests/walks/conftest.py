"""A command line in this process, in an empty directory, and a tiny base model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from burnish.cli import main
from burnish.cli.served import Client, served

Walk = Callable[..., str]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="needs the extra train")
    from tests.tiny import tiny_base

    return tiny_base(tmp_path_factory.mktemp("walks") / "base", checkpoint="mlm", pooling="mean")


@pytest.fixture
def small(base: Path) -> list[str]:
    """Overrides for a training of seconds: what a person would not write."""
    quick = ["train.epochs=3", "train.seeds=1", "train.threads=1", "train.learning_rate=1e-3"]
    return [f"base_model={base}", *quick, "train.max_length=48", "train.stride=8"]


@pytest.fixture
def walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Walk:
    """Runs one command, which must do what it was asked; gives its output."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, code: int = 0) -> str:
        found = main([str(word) for word in words])
        out, notes = capsys.readouterr()
        assert found == code, f"{words}\n{out}\n{notes}"
        return out

    return run


@contextmanager
def serving(*bundles: Path) -> Iterator[Client]:
    """A server in a process of its own."""
    pytest.importorskip("bentoml", reason="needs the extra serve")
    with served(bundles) as client:
        yield client
